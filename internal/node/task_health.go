package node

import (
	"fmt"
	"sync"
	"time"

	"rtmdl/internal/monotonic"
	"rtmdl/internal/ros/msg"
)

// When a task is ill.
const (
	allowedMisses = 0.1             // of the jobs of a second, more is over budget
	sustained     = 5               // seconds over budget in a row are an error
	stuckAfter    = 2 * time.Second // without an end of a job, though one is pending; at least ten deadlines
)

// TaskHealth is the Part of the scheduler's node that is one task: its stage times against its deadline. Observe and Check are
// safe for concurrent use.
type TaskHealth struct {
	task   string
	counts func() (msg.TaskStatus, string)

	mu     sync.Mutex // guards all below
	window stageTimes
	ended  int64 // monotonic clock: when a job ended last
	over   int   // seconds in a row over budget
	idle   int   // seconds in a row without a job
}

// stageTimes are sums over the jobs of a second, in ns.
type stageTimes struct {
	jobs, missed, ran      int64
	pre, infer, pst, total int64
}

var _ Part = (*TaskHealth)(nil)

// NewTaskHealth makes the part of the task called name. counts returns its status so far, or why it does not work: "": it does.
func NewTaskHealth(name string, counts func() (msg.TaskStatus, string)) *TaskHealth {
	return &TaskHealth{task: name, counts: counts, ended: monotonic.Now()}
}

// Observe takes the timing of a job of the task that has ended.
func (h *TaskHealth) Observe(t *msg.JobTiming) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = monotonic.Now()
	w := &h.window
	w.jobs++
	if t.Missed {
		w.missed++
	}
	if t.Outcome == msg.OutcomePublished {
		w.ran++
		w.pre += t.PreEndedNs - t.PreStartedNs
		w.infer += t.InferEndedNs - t.InferStartedNs
		w.pst += t.PostEndedNs - t.PostStartedNs
		w.total += t.PublishedNs - t.ReceivedNs
	}
}

// Check implements Part.
func (h *TaskHealth) Check(now int64) Finding {
	status, off := h.counts()
	h.mu.Lock()
	defer h.mu.Unlock()
	w := h.window
	h.window = stageTimes{}
	f := Finding{Name: h.task, Values: append(w.values(),
		value("deadline_ms", status.DeadlineMs), value("variant", status.Variant), value("frames", status.Received),
		value("misses", status.Missed), value("pending", status.Pending))}
	if w.jobs > 0 && float64(w.missed) > allowedMisses*float64(w.jobs) {
		h.over++
	} else {
		h.over = 0
	}
	if status.Pending == 0 {
		h.ended = now // what is stuck from now on has begun from now on
	}
	if h.idle++; w.jobs > 0 {
		h.idle = 0
	}
	quiet := time.Duration(now - h.ended)
	switch {
	case off != "":
		f.Level, f.Message = msg.DiagnosticWarn, off
	case status.Received == 0:
		f.Level, f.Message = msg.DiagnosticStale, "waiting for the first frame"
	case status.Pending > 0 && quiet > max(stuckAfter, time.Duration(10*status.DeadlineMs*float64(time.Millisecond))):
		f.Level, f.Message = msg.DiagnosticError, "stuck: a job is pending, and none has ended for a while"
		f.Remedy = "the device or the publishing hangs: scheduler/job_timing tells of the last job, the log of errors"
		f.Values = append(f.Values, value("stuck_s", quiet.Round(time.Second/10).Seconds()))
	case h.idle >= int(silence/reportEvery):
		f.Level, f.Message = msg.DiagnosticWarn, fmt.Sprintf("no frame for %d s", h.idle)
	case h.over > 0:
		f.Level, f.Message = msg.DiagnosticWarn, fmt.Sprintf("over budget: %d of %d deadlines missed, most of the time is %s", w.missed, w.jobs, w.longest())
		if h.over >= sustained {
			f.Level, f.Message = msg.DiagnosticError, fmt.Sprintf("%s, for %d s", f.Message, h.over)
		}
	default:
		f.Message = "deadlines are kept"
	}
	return f
}

// mean formats a sum as the mean of the jobs that ran.
func (w *stageTimes) mean(sum int64) string {
	if w.ran == 0 {
		return "n/a"
	}
	return milliseconds(sum / w.ran)
}

func (w *stageTimes) waiting() int64 { return w.total - w.pre - w.infer - w.pst }

func (w *stageTimes) values() []msg.KeyValue {
	return []msg.KeyValue{
		value("preprocess_ms", w.mean(w.pre)), value("waiting_ms", w.mean(w.waiting())), value("inference_ms", w.mean(w.infer)),
		value("postprocess_ms", w.mean(w.pst)), value("total_ms", w.mean(w.total)),
	}
}

// longest names the stage that takes most of the time.
func (w *stageTimes) longest() string {
	name, most := "waiting", w.waiting() // nothing ran: all is dropped while it waits
	for stage, sum := range map[string]int64{"preprocess": w.pre, "inference": w.infer, "postprocess": w.pst} {
		if sum > most {
			name, most = stage, sum
		}
	}
	return name
}
