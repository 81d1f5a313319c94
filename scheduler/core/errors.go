package core

import (
	"errors"
	"fmt"
)

// What a Step refuses; each comes inside an *EventError.
var (
	// ErrClock is returned when now lies before that of an earlier step.
	ErrClock = errors.New("now lies before that of an earlier step")
	// ErrKind is returned when an event is of no known kind.
	ErrKind = errors.New("unknown kind of event")
	// ErrJob is returned when an event that concerns a job has id 0.
	ErrJob = errors.New("job id is 0")
	// ErrUnknownTask is returned when a released job's task is not in the
	// configuration.
	ErrUnknownTask = errors.New("unknown task")
	// ErrDuplicateJob is returned when a released job has the id of a job
	// that is live when the step begins, or of another one released in it.
	ErrDuplicateJob = errors.New("job id is in use")
	// ErrRelease is returned when a job is released after now.
	ErrRelease = errors.New("release lies after now")
	// ErrDeadline is returned when a job's deadline is not after its release.
	ErrDeadline = errors.New("deadline is not after release")
	// ErrNotRunning is returned when a stage that is not running is said to
	// have completed or failed.
	ErrNotRunning = errors.New("stage is not running")
	// ErrNotStopped is returned when a stage is said to have been stopped that the core has not decided to stop.
	ErrNotStopped = errors.New("stage was not to be stopped")
	// ErrUnit is returned when a slot is lost that there never was.
	ErrUnit = errors.New("no such accelerator slot")
	// ErrPlan is returned when a new plan does not fit the configuration.
	ErrPlan = errors.New("plan does not fit the tasks")
)

// EventError is the error of Step: a breach of its contract by the caller.
type EventError struct {
	// Now is that of the step that was refused.
	Now Time
	// Index is the event's index in the step, or -1 if Now itself is at fault.
	Index int
	// Event is a copy of that event, zero if Index is -1.
	Event Event
	// Err is one of the sentinels of this package.
	Err error
}

// Error names the instant, the event and what is wrong with it.
func (e *EventError) Error() string {
	if e.Index < 0 {
		return fmt.Sprintf("step at %d: %v", e.Now, e.Err)
	}
	return fmt.Sprintf("step at %d: event %d (%v, job %d, task %d, %v): %v",
		e.Now, e.Index, e.Event.Kind, e.Event.Job, e.Event.Task, e.Event.Stage, e.Err)
}

// Unwrap returns Err, for errors.Is.
func (e *EventError) Unwrap() error { return e.Err }
