// Package trace makes out of job timings what ran where and when: a lane for each CPU worker and accelerator slot, with
// the stages that ran there, and the jobs with their deadlines. WriteChrome writes it for Perfetto.
package trace

import (
	"cmp"
	"fmt"
	"slices"

	"rtmdl/internal/ros/msg"
	"rtmdl/scheduler/core"
)

// Job is a job of one of a trace's tasks.
type Job struct {
	Scheduler string // that ran it; empty where there is only one. Each has units of its own
	Task      int    // index into the names of the tasks
	*msg.JobTiming
}

// End returns when the job ended, as far as its timing tells: when it was published, or else the last point that it
// reached.
func (j Job) End() int64 {
	return max(j.ReceivedNs, j.SubmittedNs, j.PreEndedNs, j.InferEndedNs, j.PostEndedNs, j.PublishedNs)
}

// Span is a stage that ran.
type Span struct {
	Job      int        // index into Trace.Jobs
	Stage    core.Stage // pre, infer or post
	From, To int64      // as in the timing
}

// Lane has what ran on one unit, or where the timings don't tell the units, the stages of one task on the CPU or the
// accelerator.
type Lane struct {
	Name        string
	Accelerator bool
	Spans       []Span // by time; they do not overlap
}

// Trace is what a scheduler did. Instants are those of the timings: ns on the monotonic clock.
type Trace struct {
	Tasks      []string
	Start, End int64 // of all that is in it
	Jobs       []Job // by receipt
	Lanes      []Lane
}

// New makes a trace of jobs, which it keeps, and the names of their tasks. A job without a receipt, and a stage without a
// start and an end after it, are left out.
func New(tasks []string, jobs []Job) *Trace {
	t := &Trace{Tasks: tasks}
	for _, j := range jobs {
		if j.ReceivedNs > 0 {
			t.Jobs = append(t.Jobs, j)
		}
	}
	slices.SortStableFunc(t.Jobs, func(a, b Job) int { return cmp.Compare(a.ReceivedNs, b.ReceivedNs) })
	if len(t.Jobs) == 0 {
		return t
	}
	t.Start = t.Jobs[0].ReceivedNs
	units := map[unit][]Span{}
	for i, j := range t.Jobs {
		t.End = max(t.End, j.End(), j.DeadlineNs)
		for _, s := range []struct {
			Span
			unit uint32
		}{
			{Span{i, core.Pre, j.PreStartedNs, j.PreEndedNs}, j.PreWorker},
			{Span{i, core.Infer, j.InferStartedNs, j.InferEndedNs}, j.Slot},
			{Span{i, core.Post, j.PostStartedNs, j.PostEndedNs}, j.PostWorker},
		} {
			if s.From < t.Start || s.To < s.From {
				continue
			}
			u := unit{s.Stage.Resource() == core.Accelerator, s.unit, j.Scheduler, 0}
			if u.number == 0 {
				u.task = j.Task
			}
			units[u] = append(units[u], s.Span)
		}
	}
	for _, u := range sorted(units) {
		t.addLanes(u, units[u])
	}
	return t
}

// unit is where stages ran.
type unit struct {
	accelerator bool
	number      uint32 // from 1; 0: unknown
	scheduler   string
	task        int // where the number is unknown
}

// sorted returns the units of each scheduler: the CPU workers, then the slots; the unknown ones come last.
func sorted(units map[unit][]Span) []unit {
	var all []unit
	for u := range units {
		all = append(all, u)
	}
	order := func(b bool) int {
		if b {
			return 1
		}
		return 0
	}
	slices.SortFunc(all, func(a, b unit) int {
		return cmp.Or(cmp.Compare(a.scheduler, b.scheduler), order(a.number == 0)-order(b.number == 0),
			cmp.Compare(a.task, b.task), order(a.accelerator)-order(b.accelerator), cmp.Compare(a.number, b.number))
	})
	return all
}

// addLanes adds a unit's lane, and more of them where its stages overlap, as they can where the unit is unknown.
func (t *Trace) addLanes(u unit, spans []Span) {
	slices.SortStableFunc(spans, func(a, b Span) int { return cmp.Compare(a.From, b.From) })
	first := len(t.Lanes)
next:
	for _, s := range spans {
		for i := range t.Lanes[first:] {
			lane := &t.Lanes[first+i]
			if lane.Spans[len(lane.Spans)-1].To <= s.From {
				lane.Spans = append(lane.Spans, s)
				continue next
			}
		}
		t.Lanes = append(t.Lanes, Lane{t.name(u), u.accelerator, []Span{s}})
	}
}

func (t *Trace) name(u unit) string {
	kind := "CPU worker"
	switch {
	case u.number == 0 && u.accelerator:
		return t.Tasks[u.task] + " on accelerator"
	case u.number == 0:
		return t.Tasks[u.task] + " on CPU"
	case u.accelerator:
		kind = "accelerator slot"
	}
	name := fmt.Sprintf("%s %d", kind, u.number)
	if u.scheduler != "" {
		name = u.scheduler + " " + name
	}
	return name
}
