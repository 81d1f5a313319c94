package core

import (
	"fmt"
	"time"
)

// DecisionKind says what the core has decided. The zero value is none of
// them.
type DecisionKind uint8

// The kinds of decisions. All but Start and Stop are terminal: a job that has entered
// by Release gets exactly one of them, after which the core has forgotten it.
const (
	// Start makes the caller run a stage on a unit, and report its end.
	Start DecisionKind = iota + 1
	// Replace ends a job in favour of a newer one of its task (Task.Queue 1).
	Replace
	// Expire ends a job whose deadline had passed when a free unit looked at
	// its ready stage (LateSkip).
	Expire
	// Abort ends a job that has not completed at its deadline (LateAbort). If
	// it was running its unit is free at once, for a Start in the same step.
	// StopDrop: it ends a job whose inference was stopped.
	Abort
	// Cancelled ends a job after a Cancel.
	Cancelled
	// Failed ends a job whose stage failed, whose slot was lost, or for which
	// no slot is left.
	Failed
	// Finish ends a job that has completed its last stage.
	Finish
	// Refuse ends a job at its release, which can't make its deadline
	// (EDFAdmission).
	Refuse
	// Stop makes the caller stop a running inference and report its end, with StageStopped, or StageComplete if it was
	// done before. Until then the slot is busy. Beside is the job for which it is stopped.
	Stop
)

// Terminal reports whether a decision of this kind ends its job.
func (k DecisionKind) Terminal() bool { return k > Start && k <= Refuse }

// String returns the name in lower case, and "decision(n)" for other values.
func (k DecisionKind) String() string {
	switch k {
	case Start:
		return "start"
	case Replace:
		return "replace"
	case Expire:
		return "expire"
	case Abort:
		return "abort"
	case Cancelled:
		return "cancelled"
	case Failed:
		return "failed"
	case Finish:
		return "finish"
	case Refuse:
		return "refuse"
	case Stop:
		return "stop"
	}
	return fmt.Sprintf("decision(%d)", uint8(k))
}

// NoUnit is the Unit of a decision that concerns none.
const NoUnit = -1

// Decision is one thing that the caller has to carry out. Decisions are plain
// values; the core keeps none.
type Decision struct {
	Kind DecisionKind
	Job  JobID
	Task TaskID
	// Stage is the stage that starts; of a terminal decision, the stage that
	// the job was waiting for or running when it ended.
	Stage Stage
	// Resource is that of Stage.
	Resource Resource
	// Unit is the worker or slot that takes the stage, from 0; of a terminal
	// decision, the unit that the job leaves with it, or NoUnit if it held
	// none.
	Unit int
	// Blocked is, of a Start, how long the stage was ready and waited: from
	// the step in which it became ready to this one. 0 of all others.
	Blocked time.Duration
	// Beside is, of the Start of an inference that joins a running one, that
	// one's job, and of a Stop the job for which it is stopped; 0 of all others. Row is then that of the two in
	// Config.Packing, and Yields whether the joiner is the less urgent of
	// them, so that the other one is protected by the bound.
	Beside JobID
	Row    int
	Yields bool
	// Late is, of a Finish, whether the job completed after its deadline; a
	// job that completes exactly at it is met. False of all others.
	Late bool
}
