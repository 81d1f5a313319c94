package profile

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"rtmdl/internal/manifest"
	"rtmdl/scheduler/task"
)

// example is a report of two tasks, three levels and two pairs.
func example(t *testing.T) (*Report, []Level) {
	t.Helper()
	levels := []Level{
		{Task: "sign", Name: "w100", Accuracy: 0.9, Storage: 900}, {Task: "sign", Name: "w50", Accuracy: 0.8, Storage: 300},
		{Task: "lane", Name: "w100", Accuracy: 0.6, Storage: 100},
	}
	pairs := [][2]int{{0, 2}, {1, 2}}
	s := &Samples{Rounds: 7}
	for _, infer := range []time.Duration{8 * time.Millisecond, 4 * time.Millisecond, 2 * time.Millisecond} {
		var level [stages][]time.Duration
		for range 7 {
			level[Pre] = append(level[Pre], time.Millisecond)
			level[Infer] = append(level[Infer], infer)
			level[Post] = append(level[Post], 0)
		}
		s.Levels = append(s.Levels, level)
	}
	s.Pairs = [][2][]time.Duration{
		{milliseconds(16, 16, 16, 16, 16, 16), milliseconds(3, 3, 3, 3, 3, 3, 3)},
		{milliseconds(3.9, 3.9), milliseconds(2.2, 2.2)}, // faster than alone: an error of measuring
	}
	r := &Report{Device: "cpu", CPUModel: "a processor", Cores: Cores{CPU: []int{0}, Accelerator: []int{1}}, Precision: 0.05, Noise: Verdict{Text: "quiet"}, Load: "none"}
	r.Fill(levels, pairs, s)
	return r, levels
}

var deadlines = map[string]time.Duration{"sign": 200 * time.Millisecond, "lane": 50 * time.Millisecond}

func TestTheSetHasWhatWasMeasured(t *testing.T) {
	r, levels := example(t)
	set, err := r.Set(levels, deadlines)
	if err != nil {
		t.Fatal(err)
	}
	data := append(r.Comment(), set.Marshal()...)
	read, err := task.ParseSet("set.yaml", data)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	if len(read.Tasks) != 2 || len(read.Tasks[0].Variants) != 2 || read.Platform.AcceleratorSlots != 2 {
		t.Fatalf("read %+v", read)
	}
	v := read.Tasks[0].Variants[0]
	if v.Pre != time.Millisecond || v.Infer != 8*time.Millisecond || v.Post != 0 || v.Storage != 900 || v.Accuracy != 0.9 {
		t.Errorf("variant %+v", v)
	}
	if d := read.Tasks[1].Deadline; d != 50*time.Millisecond {
		t.Errorf("the lane's deadline is %v", d)
	}
	want := []task.Pair{
		{A: task.Ref{Task: 0, Variant: 0}, B: task.Ref{Task: 1, Variant: 0}, SlowA: 2_000_000, SlowB: 1_500_000},
		{A: task.Ref{Task: 0, Variant: 1}, B: task.Ref{Task: 1, Variant: 0}, SlowA: task.One, SlowB: 1_100_000},
	}
	for i, p := range read.Packing {
		if p != want[i] {
			t.Errorf("pair %d: %+v, want %+v", i, p, want[i])
		}
	}
	for _, line := range []string{
		"# noise: quiet", "# load: none", "CPU stages on core 0, inference on core 1", "all but pair sign/w50, lane/w100", "# accuracy: of the manifest, on its val split",
	} {
		if !strings.Contains(string(data), line) {
			t.Errorf("nothing of '%s' in\n%s", line, data)
		}
	}
}

func TestTheJSONHasTheNamesThatOthersReadIt(t *testing.T) {
	r, _ := example(t)
	data, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Noise  struct{ Verdict string }
		Levels []struct {
			Task, Name string
			Stages     map[string]map[string]any
		}
		Pairs []map[string]any
	}
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatal(err)
	}
	infer := read.Levels[1].Stages["infer"]
	for key, want := range map[string]any{
		"n": 7.0, "median_ms": 4.0, "p90_ms": 4.0, "p99_ms": 4.0, "cv": 0.0, "low_ms": 4.0, "high_ms": 4.0, "converged": true,
	} {
		if infer[key] != want {
			t.Errorf("%s is %v, want %v", key, infer[key], want)
		}
	}
	if p := read.Pairs[0]; p["a"] != "sign/w100" || p["b"] != "lane/w100" || p["slow_a"] != 2.0 || p["slow_b"] != 1.5 || p["n"] != 6.0 {
		t.Errorf("pair %v", p)
	}
	if gain, ok := read.Pairs[0]["gain"].(float64); !ok || math.Abs(gain-7.0/6) > 1e-9 {
		t.Errorf("pair %v", read.Pairs[0])
	}
	if p := read.Pairs[1]; p["slow_a"] != 0.975 || p["converged"] != false {
		t.Errorf("pair %v", p)
	}
}

func TestAccuracyAndStorageAreTheManifests(t *testing.T) {
	of := manifest.Task{Name: "sign", Parts: map[string]int64{"early": 5000, "late": 7}, Levels: []manifest.Level{
		{Name: "w100", File: manifest.File{Bytes: 900}, Parts: []string{"early"}, Accuracy: manifest.Accuracy{Value: 0.7}, Val: manifest.Accuracy{Value: 0.9}},
	}}
	r, levels := example(t)
	levels[0] = NewLevel(&of, &of.Levels[0])
	set, err := r.Set(levels, deadlines)
	if err != nil {
		t.Fatal(err)
	}
	v := set.Tasks[0].Variants[0]
	if v.Accuracy != 0.9 || v.Storage != 900 || v.TotalStorage() != 5900 {
		t.Errorf("got %+v", v)
	}
}

func TestASizeThatNoSetCanHaveIsToldBeforeAnythingRuns(t *testing.T) {
	_, levels := example(t)
	if err := Check(levels, deadlines); err != nil {
		t.Error(err)
	}
	levels[1].Storage = -300
	if err := Check(levels, deadlines); err == nil || !strings.Contains(err.Error(), "variants[1].storage_bytes") {
		t.Errorf("got %v", err)
	}
}
