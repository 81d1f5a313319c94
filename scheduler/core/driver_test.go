package core

import (
	"fmt"
	"slices"
)

// scenario is a platform, its tasks and every job that will be released.
// Job i has the id i+1; of one task and release the earlier one is the older.
type scenario struct {
	cfg  Config
	jobs []scenarioJob
	// lag is by how much each step is behind the first event that it takes
	// note of, in turn; none for a simulation.
	lag []Time
	// reportAborted makes the driver report the ends of aborted stages, as a
	// live caller does whose runs can't be stopped.
	reportAborted bool
}

// scenarioJob is what the world does to a job.
type scenarioJob struct {
	task              TaskID
	release, deadline Time
	times             [3]Time // of the stages
	fails             bool    // in failStage
	failStage         Stage
	cancelled         bool // at cancelAt
	cancelAt          Time
}

func (j *scenarioJob) length(s Stage) Time {
	if s == Whole {
		return j.times[Pre] + j.times[Infer] + j.times[Post]
	}
	return j.times[s]
}

// outcome is how and when a job ended.
type outcome struct {
	kind DecisionKind
	at   Time
	late bool
}

func (o outcome) String() string {
	return fmt.Sprintf("%v at %d late=%v", o.kind, o.at, o.late)
}

// step is one call of Core.Step and what came of it.
type step struct {
	now       Time
	events    []Event
	decisions []Decision
}

// timed is an event that will happen.
type timed struct {
	at Time
	Event
}

// drive runs a scenario to its end and returns the outcome of each job.
// observe, if not nil, sees the core after each step.
func drive(sc *scenario, observe func(*Core, step) error) ([]outcome, error) {
	c, err := New(sc.cfg)
	if err != nil {
		return nil, err
	}
	var future []timed // in no order, but the releases of one task and time
	for i, j := range sc.jobs {
		id := JobID(i + 1)
		future = append(future, timed{j.release, Event{
			Kind: Release, Job: id, Task: j.task, Release: j.release, Deadline: j.deadline,
		}})
		if j.cancelled {
			future = append(future, timed{j.cancelAt, Event{Kind: Cancel, Job: id}})
		}
	}
	outcomes := make([]outcome, len(sc.jobs))
	for n := 0; ; n++ {
		now, ok := c.NextWake()
		for _, f := range future {
			if !ok || f.at < now {
				now, ok = f.at, true
			}
		}
		if !ok {
			return outcomes, nil
		}
		if n > 100*len(sc.jobs) {
			return nil, fmt.Errorf("at %d: still not at the end after %d steps", now, n)
		}
		if len(sc.lag) > 0 {
			now += sc.lag[n%len(sc.lag)]
		}
		now = max(now, c.now)
		s := step{now: now}
		rest := future[:0]
		for _, f := range future {
			if f.at <= now {
				s.events = append(s.events, f.Event)
			} else {
				rest = append(rest, f)
			}
		}
		future = rest
		if s.decisions, err = c.Step(now, s.events, nil); err != nil {
			return nil, err
		}
		for _, d := range s.decisions {
			switch {
			case d.Kind == Start:
				j := sc.jobs[d.Job-1]
				kind := StageComplete
				if j.fails && j.failStage == d.Stage {
					kind = StageFailed
				}
				future = append(future, timed{now + j.length(d.Stage), Event{Kind: kind, Job: d.Job, Stage: d.Stage}})
			case d.Kind.Terminal():
				if o := outcomes[d.Job-1]; o.kind != 0 {
					return nil, fmt.Errorf("job %d: %v at %d, but has ended: %v", d.Job, d.Kind, now, o)
				}
				outcomes[d.Job-1] = outcome{d.Kind, now, d.Late}
				if d.Kind == Abort && d.Unit != NoUnit && !sc.reportAborted {
					future = slices.DeleteFunc(future, func(f timed) bool {
						return f.Job == d.Job && (f.Kind == StageComplete || f.Kind == StageFailed)
					})
				}
			default:
				return nil, fmt.Errorf("%v: of no known kind", d)
			}
		}
		if observe != nil {
			if err := observe(c, s); err != nil {
				return nil, err
			}
		}
	}
}
