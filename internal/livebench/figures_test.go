package livebench

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rtmdl/internal/manifest"
)

func level(name string, accuracy float64) manifest.Level {
	return manifest.Level{Name: name, Accuracy: manifest.Accuracy{Value: accuracy}}
}

var levels = manifest.Task{Name: "lane", Levels: []manifest.Level{level("w100", 0.8), level("w50", 0.6)}}

const millisecond = int64(time.Millisecond)

func TestFiguresOfATask(t *testing.T) {
	// Ten frames, a tenth of a second apart; the deadline is one period.
	h := &Heard{Answers: map[string]map[int64]Answer{"lane": {}}, CPU: 1500 * time.Millisecond, Others: time.Millisecond}
	for i := range int64(10) {
		h.Stamps = append(h.Stamps, 1e18+i*100*millisecond)
		h.Late = append(h.Late, i*millisecond)
	}
	answer := func(frame int, outcome, variant string, after int64) {
		a := Answer{Outcome: outcome, Variant: variant}
		if after > 0 {
			a.Published = h.Stamps[frame] + after
		}
		h.Answers["lane"][h.Stamps[frame]] = a
	}
	answer(0, "", "", 10*millisecond) // nobody tells: the method's variant
	answer(1, "published", "w50", 20*millisecond)
	answer(2, "published", "w50", 100*millisecond)    // at the deadline: in time
	answer(3, "published", "w100", 100*millisecond+1) // late
	answer(4, "expired", "w100", 0)
	answer(5, "replaced", "", 0)
	answer(6, "refused", "", 0)
	answer(7, "published", "w100", 0)                                                       // said to be published, and nothing came
	h.Answers["lane"][1e18-100*millisecond] = Answer{Outcome: "published", Published: 1e18} // of no frame that was played

	got := h.figures(10, []manifest.Task{levels}, "w100")
	task := got.Tasks[0]
	want := Run{RateHz: 10, Seconds: 1, MacroMissRate: 0.7, OnTimeAccuracy: 0.2, CPUS: 1.5, OthersCPUS: 0.001, PlayerLateMs: 9}
	want.MeanLoss = math.Round(1e6*(0.8-(4*0.8+2*0.6)/6)/0.8) / 1e6
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Run{}, "Tasks"), cmpopts.EquateApprox(0, 2e-6)); diff != "" {
		t.Error(diff)
	}
	if *task.MissRate != 0.7 || task.Missed != 7 || task.Frames != 10 || task.Published != 4 || task.Jobs != 7 {
		t.Errorf("%+v", task.Task)
	}
	if diff := cmp.Diff(map[string]int{"w100": 4, "w50": 2}, task.Variants); diff != "" {
		t.Error(diff)
	}
	outcomes := map[string]int{"published": 5, "expired": 1, "replaced": 1, "refused": 1, "cancelled": 0, "failed": 0, Unanswered: 2}
	if diff := cmp.Diff(outcomes, task.Outcomes); diff != "" {
		t.Error(diff)
	}
	if task.P50Ms != 20 || task.P99Ms != 100 || task.MaxMs != 100 || *task.AgeP99Ms != 100 || task.DeadlineMs != 100 {
		t.Errorf("latencies %+v", task.Task)
	}
	if task.OnTimeAccuracy != 0.2 { // (0.8 + 0.6 + 0.6) / 10
		t.Errorf("on-time accuracy %v", task.OnTimeAccuracy)
	}
}

func TestFiguresOfATaskThatNeverAnswers(t *testing.T) {
	h := &Heard{Stamps: []int64{1e18, 2e18}, Late: []int64{0, 0}}
	got := h.figures(10, []manifest.Task{levels}, "w100")
	if got.MacroMissRate != 1 || got.MeanLoss != 0 || got.OnTimeAccuracy != 0 || got.Tasks[0].Accuracy != 0.8 || got.Tasks[0].AgeP99Ms != nil {
		t.Errorf("%+v", got)
	}
}
