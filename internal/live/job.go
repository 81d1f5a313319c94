package live

import (
	"context"
	"sync"
	"time"

	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/ros/msg"
	"rtmdl/scheduler/core"
)

// Job asks for one frame to be worked on by one task.
type Job struct {
	Task  int // index into Options.Tasks
	Frame *camera.Frame
	// Received is when the frame came to whoever submits it, on the monotonic clock; 0: Frame.Received. Deadline counts
	// from it; 0: the task's.
	Received int64
	Deadline time.Duration
	// Done gets the result, once. It is called on a worker, or within a call of Submit, Cancel or Close: it must
	// not block and must not call the scheduler, Result's own methods apart.
	Done func(*Result)
}

// Result is how a job ended. Where Outcome is OutcomePublished, whoever receives it publishes Value and then
// calls Published or Failed: only then has the job ended. Of several such calls the first one counts.
type Result struct {
	Outcome msg.Outcome
	Reason  string // why it was refused or failed
	Frame   *camera.Frame
	Value   any // what Vision.Post returned

	ended  Ended
	ending sync.Once
}

// Ended is told, once, how a job ended; published is 0 unless the outcome is OutcomePublished.
type Ended func(outcome msg.Outcome, reason string, published int64)

// NewResult returns a result for a scheduler, or for what stands in for one in another process. Unless it is to be
// published, the job has ended, and ended is told at once.
func NewResult(outcome msg.Outcome, reason string, frame *camera.Frame, value any, ended Ended) *Result {
	r := &Result{Outcome: outcome, Reason: reason, Frame: frame, Value: value, ended: ended}
	if outcome != msg.OutcomePublished {
		r.end(outcome, reason, 0)
	}
	return r
}

// Published says that the result was handed to the middleware at an instant of the monotonic clock.
func (r *Result) Published(at int64) { r.end(msg.OutcomePublished, "", at) }

// Failed says that the result could not be published.
func (r *Result) Failed(reason string) { r.end(msg.OutcomeFailed, reason, 0) }

func (r *Result) end(outcome msg.Outcome, reason string, published int64) {
	r.ending.Do(func() { r.ended(outcome, reason, published) })
}

// Why a job is refused or fails: JobTiming.reason begins with one of these words, details follow a colon.
const (
	ReasonBadImage  = "bad_image"     // the frame is damaged, too large, or of an unsupported encoding
	ReasonBadTime   = "bad_time"      // the frame comes from the future
	ReasonNoFrame   = "no_frame"      // another process submitted the frame, and it did not come to this one
	ReasonQueueFull = "queue_full"    // the task has Options.MaxPending jobs already
	ReasonInactive  = "inactive"      // the scheduler's node is not active
	ReasonShutdown  = "shutting_down" // the scheduler is closing
	ReasonDevice    = "device"        // the inference failed, or no tensors could be had
	ReasonVision    = "vision"        // pre- or post-processing failed
	ReasonPublish   = "publish"       // the middleware did not take the result
	ReasonStopped   = "stopped"       // the inference was stopped for a more urgent one (stop policy drop)
)

// job is a job on its way. Its stages follow one another, so it has one user at a time.
type job struct {
	task    *task
	variant *variant
	frame   *camera.Frame
	done    func(*Result)
	timing  msg.JobTiming
	tensors *device.Tensors
	value   any
	reason  string // why it was refused, or a stage failed

	// Of the running inference; guarded by the scheduler's mu.
	stop      context.CancelFunc // nil: it can't be stopped
	stoppedAt int64              // when it was told to stop; 0: it was not
	hung      bool               // it was given up
}

// end counts a job and tells the observer: it has its one outcome.
func (s *Scheduler) end(j *job, outcome msg.Outcome, reason string, published int64) {
	t := j.timing // a copy, so that whoever keeps it does not keep the frame
	t.Outcome, t.Reason, t.PublishedNs = outcome, reason, published
	t.Missed = outcome != msg.OutcomePublished || t.PublishedNs > t.DeadlineNs
	s.accounts.ended(j.task.index, &t)
	if s.options.Observe != nil {
		s.options.Observe(&t)
	}
}

// unit is where the timing keeps the unit of a stage.
func (j *job) unit(stage core.Stage) *uint32 {
	switch stage {
	case core.Pre:
		return &j.timing.PreWorker
	case core.Infer:
		return &j.timing.Slot
	default:
		return &j.timing.PostWorker
	}
}

func (j *job) id() core.JobID { return core.JobID(j.timing.Job) }
