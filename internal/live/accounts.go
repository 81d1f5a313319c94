package live

import (
	"slices"
	"sync"
	"time"

	"rtmdl/internal/monotonic"
	"rtmdl/internal/ros/msg"
	"rtmdl/scheduler/core"
)

// accounts count what becomes of frames: totals since the start, and figures since the last status.
type accounts struct {
	mu      sync.Mutex // guards all below
	totals  msg.SchedulerStatus
	since   int64    // monotonic clock: when the window below began
	busy    [2]int64 // by core.Resource: ns during which its units were busy
	windows []window // by task
}

// window is what came in since the last status.
type window struct {
	received        uint64
	responses       []int64 // ns from receipt to publishing
	jobs            int64   // that ran all stages
	pre, infer, pst int64   // ns, summed over those
}

// maxResponses bounds the memory of a window, if nobody asks for the status: far more than come in a second.
const maxResponses = 1 << 13

func newAccounts(config core.Config, tasks []*task, device string) *accounts {
	a := &accounts{since: monotonic.Now(), windows: make([]window, len(tasks))}
	a.totals = msg.SchedulerStatus{
		LatePolicy:       config.Late.String(),
		Device:           device,
		CPUWorkers:       uint32(config.CPUWorkers),
		AcceleratorSlots: uint32(config.AcceleratorSlots),
	}
	for _, t := range tasks {
		a.totals.Tasks = append(a.totals.Tasks, msg.TaskStatus{Name: t.Name})
	}
	return a
}

// planned takes the tasks' deadlines and a new plan.
func (a *accounts) planned(tasks []*task, plan core.Plan) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, t := range tasks {
		s := &a.totals.Tasks[i]
		s.DeadlineMs, s.Priority, s.Variant = ms(t.Deadline.Nanoseconds()), int32(plan.Priorities[i]), t.variants[plan.Variants[i]].Name
	}
}

func (a *accounts) received(task int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.totals.Tasks[task].Received++
	a.windows[task].received++
}

func (a *accounts) ran(r core.Resource, ns int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.busy[r] += ns
}

func (a *accounts) ended(task int, t *msg.JobTiming) {
	a.mu.Lock()
	defer a.mu.Unlock()
	total, w := &a.totals.Tasks[task], &a.windows[task]
	if t.Missed {
		total.Missed++
	}
	*total.Count(t.Outcome)++
	if t.Outcome == msg.OutcomePublished {
		if len(w.responses) < maxResponses {
			w.responses = append(w.responses, t.PublishedNs-t.ReceivedNs)
		}
		w.jobs++
		w.pre += t.PreEndedNs - t.PreStartedNs
		w.infer += t.InferEndedNs - t.InferStartedNs
		w.pst += t.PostEndedNs - t.PostStartedNs
	}
}

// status returns the totals with the window's figures, and begins a new window. Jobs between the end of their
// stages and their publishing are pending too, so that the counts of a task add up at any moment.
func (a *accounts) status() msg.SchedulerStatus {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := monotonic.Now()
	elapsed := float64(max(1, now-a.since))
	s := a.totals
	s.Header.Stamp = msg.TimeFromNanos(time.Now().UnixNano())
	s.CPUUtilisation = min(1, float64(a.busy[core.CPU])/elapsed/float64(s.CPUWorkers))
	s.AcceleratorUtilisation = min(1, float64(a.busy[core.Accelerator])/elapsed/float64(s.AcceleratorSlots))
	s.Tasks = slices.Clone(s.Tasks)
	for i := range s.Tasks {
		t, w := &s.Tasks[i], &a.windows[i]
		t.RateHz = float64(w.received) / elapsed * 1e9
		t.Pending = uint32(t.Received - t.Ended())
		slices.Sort(w.responses)
		t.P50Ms, t.P99Ms = ms(nearestRank(w.responses, 50)), ms(nearestRank(w.responses, 99))
		if w.jobs > 0 {
			t.PreMs, t.InferMs, t.PostMs = ms(w.pre/w.jobs), ms(w.infer/w.jobs), ms(w.pst/w.jobs)
		}
		*w = window{responses: w.responses[:0]}
	}
	a.since, a.busy = now, [2]int64{}
	return s
}

// counts returns the totals of a task.
func (a *accounts) counts(task int) msg.TaskStatus {
	a.mu.Lock()
	defer a.mu.Unlock()
	t := a.totals.Tasks[task]
	t.Pending = uint32(t.Received - t.Ended())
	return t
}

// nearestRank returns the p-th percentile of sorted values, 0 of none.
func nearestRank(sorted []int64, p int) int64 {
	if len(sorted) == 0 {
		return 0
	}
	rank := (len(sorted)*p + 99) / 100
	return sorted[max(rank, 1)-1]
}

func ms(ns int64) float64 { return float64(ns) / 1e6 }
