package trace

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rtmdl/internal/ros/msg"
)

const ms = int64(1_000_000)

// published is a job that was received at an instant in ms, ran its stages on the units, and waited between them.
func published(task int, number uint64, at int64, pre, slot, post uint32) Job {
	at = 1000*ms + at*ms
	return Job{Task: task, JobTiming: &msg.JobTiming{
		Job: number, Variant: "w50", Device: "cpu", ReceivedNs: at, SubmittedNs: at + 1, DeadlineNs: at + 20*ms,
		PreStartedNs: at + 1*ms, PreEndedNs: at + 3*ms, InferStartedNs: at + 4*ms, InferEndedNs: at + 9*ms,
		PostStartedNs: at + 10*ms, PostEndedNs: at + 12*ms, PublishedNs: at + 13*ms,
		PreWorker: pre, Slot: slot, PostWorker: post,
	}}
}

// lanes writes lanes as text: name, then stage, job, from and to, in ms since the start.
func lanes(t *Trace) []string {
	var all []string
	for _, lane := range t.Lanes {
		text := lane.Name + ":"
		for _, s := range lane.Spans {
			text += fmt.Sprintf(" %v %d %d-%d", s.Stage, t.Jobs[s.Job].Job, (s.From-t.Start)/ms, (s.To-t.Start)/ms)
		}
		all = append(all, text)
	}
	return all
}

func TestLanesAreUnits(t *testing.T) {
	expired := Job{JobTiming: &msg.JobTiming{Job: 3, Outcome: msg.OutcomeExpired, Missed: true, ReceivedNs: 1020 * ms, SubmittedNs: 1020 * ms,
		DeadlineNs: 1040 * ms, PreStartedNs: 1021 * ms, PreEndedNs: 1041 * ms, PreWorker: 2}}
	got := New([]string{"light", "sign"}, []Job{expired, published(1, 2, 2, 2, 2, 1), published(0, 1, 0, 1, 1, 1)})
	want := []string{
		"CPU worker 1: pre 1 1-3 post 1 10-12 post 2 12-14", "CPU worker 2: pre 2 3-5 pre 3 21-41",
		"accelerator slot 1: infer 1 4-9", "accelerator slot 2: infer 2 6-11",
	}
	if diff := cmp.Diff(want, lanes(got)); diff != "" {
		t.Error(diff)
	}
	if got.Start != 1000*ms || got.End != 1041*ms || got.Jobs[0].Job != 1 || got.Jobs[2].End() != 1041*ms {
		t.Errorf("from %d to %d, jobs %+v", got.Start, got.End, got.Jobs)
	}
}

func TestWhereUnitsAreUnknownLanesAreTasks(t *testing.T) {
	got := New([]string{"light", "sign"}, []Job{published(0, 1, 0, 0, 0, 0), published(1, 2, 0, 0, 0, 0), published(0, 3, 2, 0, 0, 0)})
	want := []string{
		"light on CPU: pre 1 1-3 pre 3 3-5 post 1 10-12 post 3 12-14",
		"light on accelerator: infer 1 4-9", "light on accelerator: infer 3 6-11", // two at once
		"sign on CPU: pre 2 1-3 post 2 10-12", "sign on accelerator: infer 2 4-9",
	}
	if diff := cmp.Diff(want, lanes(got)); diff != "" {
		t.Error(diff)
	}
}

func TestSchedulersHaveUnitsOfTheirOwn(t *testing.T) {
	a, b := published(0, 1, 0, 1, 1, 1), published(1, 1, 0, 1, 1, 1)
	a.Scheduler, b.Scheduler = "/left", "/right"
	got := lanes(New([]string{"left/light", "right/light"}, []Job{b, a}))
	if len(got) != 4 || !strings.HasPrefix(got[0], "/left CPU worker 1: ") || !strings.HasPrefix(got[3], "/right accelerator slot 1: ") {
		t.Errorf("%q", got)
	}
}

func TestNonsenseIsLeftOut(t *testing.T) {
	backwards, unknown := published(0, 1, 0, 1, 1, 1), published(0, 2, 0, 1, 1, 1)
	backwards.PreEndedNs, backwards.PostStartedNs = backwards.PreStartedNs-1, 5
	unknown.ReceivedNs = 0
	got := New([]string{"light"}, []Job{backwards, unknown})
	if want := []string{"accelerator slot 1: infer 1 4-9"}; !cmp.Equal(want, lanes(got)) || len(got.Jobs) != 1 {
		t.Errorf("%q, %d jobs", lanes(got), len(got.Jobs))
	}
	if got := New(nil, nil); got.Start != 0 || got.End != 0 || len(got.Lanes) != 0 {
		t.Errorf("of nothing: %+v", got)
	}
}

// TestTheChromeTraceIsOne reads the trace back and checks what the format asks of each phase.
func TestTheChromeTraceIsOne(t *testing.T) {
	late := published(1, 7, 30, 1, 2, 1)
	late.Missed, late.PublishedNs, late.PackedWith = true, late.DeadlineNs+ms/2, "light"
	refused := Job{JobTiming: &msg.JobTiming{Job: 8, Outcome: msg.OutcomeRefused, Reason: "queue_full", Missed: true,
		ReceivedNs: 1040 * ms, SubmittedNs: 1040*ms + 1500, DeadlineNs: 1060 * ms}}
	tr := New([]string{"light", "sign"}, []Job{published(0, 1, 0, 1, 1, 2), late, refused})
	var out bytes.Buffer
	if err := tr.WriteChrome(&out); err != nil {
		t.Fatal(err)
	}
	var file struct {
		TraceEvents []struct {
			Name, Ph, ID, S string
			Ts              *float64
			Dur             *float64
			Pid, Tid        *int
			Args            map[string]any
		}
	}
	if err := json.Unmarshal(out.Bytes(), &file); err != nil {
		t.Fatal(err)
	}
	threads, open, ends := map[[2]int]string{}, map[string]float64{}, map[[2]int]float64{}
	phases := map[string]int{}
	var instants, slices []string
	for _, e := range file.TraceEvents {
		if e.Name == "" || e.Ts == nil || *e.Ts < 0 || e.Pid == nil || e.Tid == nil {
			t.Fatalf("%+v lacks what every event has", e)
		}
		thread := [2]int{*e.Pid, *e.Tid}
		if e.Ph != "M" && threads[thread] == "" {
			t.Errorf("%+v is on a thread without a name", e)
		}
		phases[e.Ph]++
		switch e.Ph {
		case "M":
			if e.Name == "thread_name" {
				threads[thread] = e.Args["name"].(string)
			}
		case "X":
			if e.Dur == nil || *e.Dur < 0 || *e.Ts < ends[thread] {
				t.Errorf("%+v has no length, or overlaps another on its thread", e)
			}
			ends[thread] = *e.Ts + *e.Dur
			slices = append(slices, fmt.Sprintf("%s: %s %g+%g", threads[thread], e.Name, *e.Ts, *e.Dur))
		case "b":
			open[e.ID] = *e.Ts
		case "e":
			if from, ok := open[e.ID]; !ok || from > *e.Ts {
				t.Errorf("%+v ends what has not begun", e)
			}
			delete(open, e.ID)
		case "s", "t", "f":
			if e.ID == "" || *e.Ts > ends[thread] {
				t.Errorf("the arrow %+v is bound to no slice", e)
			}
		case "i":
			if e.S != "t" {
				t.Errorf("%+v", e)
			}
			instants = append(instants, fmt.Sprintf("%s: %s %g", threads[thread], e.Name, *e.Ts))
		}
	}
	if diff := cmp.Diff(map[string]int{"M": 12, "X": 6, "s": 2, "t": 2, "f": 2, "b": 3, "e": 3, "i": 5}, phases); diff != "" || len(open) > 0 {
		t.Errorf("%s; not ended: %v", diff, open)
	}
	if diff := cmp.Diff([]string{
		"CPU worker 1: light pre 1000+2000", "CPU worker 1: sign pre 31000+2000", "CPU worker 1: sign post 40000+2000",
		"CPU worker 2: light post 10000+2000", "accelerator slot 1: light infer 4000+5000", "accelerator slot 2: sign infer 34000+5000",
	}, slices); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{
		"light: deadlines: deadline 20000", "sign: deadlines: deadline 50000", "sign: deadlines: missed: late 50500",
		"light: deadlines: deadline 60000", "light: deadlines: missed: refused 40001.5",
	}, instants); diff != "" {
		t.Error(diff)
	}
	for _, part := range []string{`"packed_with":"light"`, `"reason":"queue_full"`, `"displayTimeUnit":"ms"`} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("%s is not in the trace", part)
		}
	}
}

type full struct{}

var errFull = errors.New("disk full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestAFailedWriteIsToldOnce(t *testing.T) {
	if err := New([]string{"light"}, []Job{published(0, 1, 0, 1, 1, 1)}).WriteChrome(full{}); !errors.Is(err, errFull) {
		t.Errorf("%v", err)
	}
}
