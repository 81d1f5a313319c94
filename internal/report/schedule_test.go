package report

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rtmdl/internal/ros/msg"
	"rtmdl/internal/trace"
)

// withUnits makes a builder write the units of a machine with two CPU workers.
func withUnits(t *testing.T) *builder {
	b := newBuilder(t)
	b.edit = func(m *message) {
		if j, ok := m.content.(*msg.JobTiming); ok && j.Outcome == msg.OutcomePublished {
			j.PreWorker, j.Slot, j.PostWorker = 1, 1, 2
		}
	}
	return b
}

func TestTheTimelineHasWhatRanWhen(t *testing.T) {
	b := withUnits(t)
	b.job(0, msg.OutcomePublished, 50, "w100", "")
	b.job(1, msg.OutcomePublished, 120, "w50", "")
	b.job(2, msg.OutcomeFailed, 0, "w50", "</script><b>")
	_, _, html := makeReport(t, b.close())
	found := regexp.MustCompile(`(?s)<script type="application/json" id="timeline-data">(.*?)</script>`).FindStringSubmatch(html)
	if found == nil {
		t.Fatal("no timeline in the page")
	}
	var got schedule
	if err := json.Unmarshal([]byte(found[1]), &got); err != nil {
		t.Fatal(err)
	}
	want := schedule{
		Tasks: []string{"traffic_light"}, Colors: []string{"#0072B2"},
		Texts: []string{"published", "w100", "", "w50", "failed", "</script><b>"}, End: 300_000,
		Lanes: []laneData{
			{"CPU worker 1", false, [][4]int64{{0, 0, 5_000, 5_000}, {1, 0, 112_000, 12_000}}},
			{"CPU worker 2", false, [][4]int64{{0, 2, 40_000, 5_000}, {1, 2, 196_000, 12_000}}},
			{"accelerator slot 1", true, [][4]int64{{0, 1, 15_000, 25_000}, {1, 1, 136_000, 60_000}}},
		},
		Jobs: [][11]int64{
			{0, 1, 0, 0, 0, 100_000, 50_000, 2_500, 1, 2, 2},
			{0, 2, 0, 1, 100_000, 200_000, 220_000, 6_000, 3, 2, 2},
			{0, 3, 4, 1, 200_000, 300_000, 200_000, 0, 3, 2, 5},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestALongRunIsCut(t *testing.T) {
	jobs := make([]trace.Job, maxDrawn+3)
	for i := range jobs {
		at := int64(i+1) * 1000
		jobs[i].JobTiming = &msg.JobTiming{Job: uint64(i), ReceivedNs: at, PreStartedNs: at, PreEndedNs: at + 1, PreWorker: 1}
	}
	got := newSchedule(trace.New([]string{"lane"}, jobs))
	if len(got.Jobs) != maxDrawn || len(got.Lanes[0].Spans) != maxDrawn || got.More != 3 {
		t.Errorf("%d jobs, %d spans, %d left out", len(got.Jobs), len(got.Lanes[0].Spans), got.More)
	}
}

func TestATraceIsWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "trace.json")
	if _, err := FromBag(t.Context(), withUnits(t).standard().close(), Options{Trace: file}); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil || !json.Valid(data) || strings.Count(string(data), `"ph":"X"`) != 3*16 {
		t.Errorf("%v; %.300s", err, data)
	}
	if _, err := FromBag(t.Context(), withUnits(t).standard().close(), Options{Trace: filepath.Join(file, "x")}); err == nil ||
		!strings.HasPrefix(err.Error(), "write trace: ") {
		t.Errorf("into a folder that is none: %v", err)
	}
}

func TestWithoutTimingsThereIsNoTimeline(t *testing.T) {
	b := newBuilder(t)
	b.edit = func(m *message) { m.drop = m.topic == "scheduler/job_timing" }
	path := b.standard().close()
	_, _, html := makeReport(t, path)
	if strings.Contains(html, "timeline-data") {
		t.Error("there is a timeline of nothing")
	}
	want(t, html, "and there is no timeline;", "Record scheduler/job_timing, too.")
	file := filepath.Join(t.TempDir(), "trace.json")
	if _, err := FromBag(t.Context(), path, Options{Trace: file}); !errors.Is(err, ErrNoTimings) {
		t.Errorf("trace: %v", err)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("an empty trace was written")
	}
}
