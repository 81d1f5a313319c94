package sim

import (
	"time"

	"rtmdl/scheduler/core"
)

// Trace is what happened in a run, in the order in which stages and jobs
// ended. A run appends to it.
type Trace struct {
	// Until leaves out what began at this instant or later; 0: nothing.
	Until time.Duration
	Runs  []StageRun
	Jobs  []JobEnd
}

// StageRun is a stage that ran, or was aborted.
type StageRun struct {
	Task     int
	Job      int64
	Stage    core.Stage
	Resource core.Resource
	Unit     int
	From, To time.Duration
	Aborted  bool
}

// JobEnd is how and when a job ended.
type JobEnd struct {
	Task              int
	Job               int64
	Release, Deadline time.Duration
	End               time.Duration
	Outcome           core.DecisionKind
	Missed            bool
	Counted           bool
}

func (t *Trace) ran(j *job, r core.Resource, unit int, now int64, aborted bool) {
	if t.Until == 0 || time.Duration(j.started) < t.Until {
		t.Runs = append(t.Runs, StageRun{
			Task: int(j.task), Job: j.number, Stage: j.stage, Resource: r, Unit: unit,
			From: time.Duration(j.started), To: time.Duration(now), Aborted: aborted,
		})
	}
}

func (t *Trace) ended(j *job, d *core.Decision, now int64) {
	if t.Until == 0 || time.Duration(j.release) < t.Until {
		t.Jobs = append(t.Jobs, JobEnd{
			Task: int(j.task), Job: j.number, Release: time.Duration(j.release), Deadline: time.Duration(j.deadline),
			End: time.Duration(now), Outcome: d.Kind, Missed: d.Kind != core.Finish || d.Late, Counted: j.counted,
		})
	}
}
