package core

import (
	"fmt"
	"time"
)

// Time is an instant in nanoseconds on the caller's monotonic axis. Its
// origin is the caller's; differences are durations.
type Time int64

// Add returns the instant d after t.
func (t Time) Add(d time.Duration) Time { return t + Time(d) }

// Sub returns the duration from u to t.
func (t Time) Sub(u Time) time.Duration { return time.Duration(t - u) }

// JobID names a job. The caller chooses it: more than 0, and not that of a
// live job, that is one which has entered by Release and not ended yet.
type JobID uint64

// EventKind says what has happened. The zero value is none of them, and Step
// refuses it.
type EventKind uint8

// The kinds of events, each with the fields of Event that it reads.
const (
	// Release makes a job enter: Job, Task, Release, Deadline.
	Release EventKind = iota + 1
	// StageComplete says that a running stage has come to its end: Job, Stage.
	StageComplete
	// StageFailed says that a running stage has come to its end without a
	// result: Job, Stage. The job ends (decision Failed).
	StageFailed
	// Cancel says that nobody wants the job any more: Job. A waiting job ends
	// at once. A running stage is not preempted: the job ends, as Cancelled,
	// where that stage completes or fails. A job that is not live (it may
	// have ended at the same time) is no error; see Core.Ignored.
	Cancel
	// Tick says nothing but the time. The core wants one at NextWake.
	Tick
	// DeviceLost says that an accelerator slot is gone for good: Unit. The
	// job whose inference runs there ends (decision Failed); the end of that
	// stage, should it ever come, is passed over. With no slot left every job
	// that has not had its inference ends in the same way: what waits at once,
	// what is in its pre where that ends, and later ones at their release. In
	// mode BlackBox the running job holds all slots. A slot that is gone
	// already is no error.
	DeviceLost
	// PlanChanged brings a new plan: Plan. Its priorities and variants are
	// those of the jobs released from this step on, those of the same step
	// included; live jobs keep theirs. Its pairs count for whatever inference
	// starts from this step on; by itself it starts nobody. Of several in one step the last one counts.
	PlanChanged
	// StageStopped says that a running inference has ended without a result after a decision Stop: Job, Stage. One that
	// was done before it could be stopped is reported with StageComplete.
	StageStopped
)

// String returns the name in lower case, and "event(n)" for other values.
func (k EventKind) String() string {
	switch k {
	case Release:
		return "release"
	case StageComplete:
		return "stage complete"
	case StageFailed:
		return "stage failed"
	case Cancel:
		return "cancel"
	case Tick:
		return "tick"
	case DeviceLost:
		return "device lost"
	case PlanChanged:
		return "plan changed"
	case StageStopped:
		return "stage stopped"
	}
	return fmt.Sprintf("event(%d)", uint8(k))
}

// Event is something that has happened by the instant of the step. The kind
// says which fields are read; the others are ignored. Write it with field
// names: fields will be added.
type Event struct {
	Kind  EventKind
	Job   JobID
	Task  TaskID
	Stage Stage
	// Release is the job's release, which orders jobs of equal priority. It
	// is not after the instant of the step; it may be before (a live caller
	// takes note of a frame's receipt a little later).
	Release Time
	// Deadline is the job's absolute deadline, after Release.
	Deadline Time
	// Unit is the slot that is lost.
	Unit int
	// Plan is the new plan, which the core does not keep.
	Plan *Plan
}
