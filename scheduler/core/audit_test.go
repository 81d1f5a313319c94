package core

import (
	"fmt"
	"slices"
)

// auditor follows a core from outside, by its events and decisions alone, and
// objects to the first thing that the model forbids.
type auditor struct {
	cfg      Config
	jobs     []*auditJob
	byID     map[JobID]*auditJob
	units    [resources][]*auditJob // by unit, who runs there
	outcomes map[DecisionKind]int
}

type auditJob struct {
	Event             // of its release
	arrival           int
	stage             Stage
	since             Time // ready since
	ready, running    bool
	ended, failed     bool
	cancelled, played bool // played: has started its first stage
}

func newAuditor(cfg Config) *auditor {
	a := &auditor{cfg: cfg, byID: map[JobID]*auditJob{}, outcomes: map[DecisionKind]int{}}
	a.units[CPU] = make([]*auditJob, cfg.CPUWorkers)
	a.units[Accelerator] = make([]*auditJob, 1)
	return a
}

// observe checks one step.
func (a *auditor) observe(c *Core, s step) error {
	for _, e := range s.events {
		j := a.byID[e.Job]
		switch e.Kind {
		case Release:
			j = &auditJob{Event: e, arrival: len(a.jobs), ready: true, since: s.now}
			a.jobs = append(a.jobs, j)
			a.byID[e.Job] = j
		case StageComplete, StageFailed:
			if j.ended {
				continue // the end of an aborted stage
			}
			a.units[e.Stage.Resource()][slices.Index(a.units[e.Stage.Resource()], j)] = nil
			j.running = false
			j.failed = e.Kind == StageFailed
			if e.Stage < Post && !j.failed && !j.cancelled {
				j.stage, j.ready, j.since = e.Stage+1, true, s.now
			}
		case Cancel:
			// After completions and releases: see below.
		}
	}
	for _, e := range s.events {
		if j := a.byID[e.Job]; e.Kind == Cancel && j != nil && !j.ended {
			j.cancelled = true
		}
	}
	for _, d := range s.decisions {
		if err := a.decision(s.now, d); err != nil {
			return fmt.Errorf("at %d: %+v: %w", s.now, d, err)
		}
	}
	return a.after(c, s.now)
}

func (a *auditor) decision(now Time, d Decision) error {
	j := a.byID[d.Job]
	switch {
	case j == nil || j.ended:
		return fmt.Errorf("job is not live")
	case d.Task != j.Task || d.Resource != d.Stage.Resource():
		return fmt.Errorf("task or resource does not belong to the job")
	}
	if d.Kind == Start {
		return a.start(now, j, d)
	}
	atEnd := d.Kind == Finish || d.Kind == Failed || d.Kind == Cancelled && d.Unit != NoUnit
	if j.running {
		if d.Kind != Abort || a.units[d.Resource][d.Unit] != j {
			return fmt.Errorf("job runs")
		}
		a.units[d.Resource][d.Unit] = nil
	} else if !atEnd && (!j.ready || d.Unit != NoUnit) {
		return fmt.Errorf("job is not ready, or has a unit")
	} else if atEnd && (j.ready || d.Unit == NoUnit) {
		return fmt.Errorf("job's stage has not just ended")
	}
	skip, abort := a.cfg.Late == LateSkip, a.cfg.Late == LateAbort
	var ok bool
	switch d.Kind {
	case Replace:
		newest := slices.ContainsFunc(a.jobs, func(n *auditJob) bool { return n.Task == j.Task && n.arrival > j.arrival })
		ok = a.cfg.Tasks[j.Task].Queue == 1 && !j.played && newest
	case Expire:
		ok = skip && j.Deadline < now && a.mostUrgent(j)
	case Abort:
		ok = abort && j.Deadline <= now
	case Cancelled:
		ok = j.cancelled
	case Failed:
		ok = j.failed
	case Finish:
		ok = d.Stage == Post && !j.failed && d.Late == (now > j.Deadline)
	}
	if !ok || d.Blocked != 0 || d.Late && d.Kind != Finish {
		return fmt.Errorf("not as the model has it")
	}
	j.ended, j.ready, j.running = true, false, false
	a.outcomes[d.Kind]++
	return nil
}

func (a *auditor) start(now Time, j *auditJob, d Decision) error {
	units := a.units[d.Resource]
	switch {
	case !j.ready || j.stage != d.Stage:
		return fmt.Errorf("stage is not ready")
	case j.cancelled:
		return fmt.Errorf("job was cancelled")
	case d.Unit < 0 || d.Unit >= len(units) || units[d.Unit] != nil:
		return fmt.Errorf("unit is not free")
	case d.Unit != slices.Index(units, nil):
		return fmt.Errorf("unit is not the first free one")
	case a.cfg.Late == LateSkip && now > j.Deadline, a.cfg.Late == LateAbort && now >= j.Deadline:
		return fmt.Errorf("too late to start")
	case d.Blocked != now.Sub(j.since) || d.Late:
		return fmt.Errorf("was ready since %d", j.since)
	case !a.mostUrgent(j):
		return fmt.Errorf("a more urgent stage is ready")
	}
	units[d.Unit] = j
	j.ready, j.running, j.played = false, true, true
	return nil
}

// mostUrgent reports whether no ready stage of the same resource comes before
// that of j.
func (a *auditor) mostUrgent(j *auditJob) bool {
	return !slices.ContainsFunc(a.jobs, func(o *auditJob) bool {
		if o == j || !o.ready || o.stage.Resource() != j.stage.Resource() {
			return false
		}
		switch po, pj := a.cfg.Tasks[o.Task].Priority, a.cfg.Tasks[j.Task].Priority; {
		case po != pj:
			return po < pj
		case o.Release != j.Release:
			return o.Release < j.Release
		case o.Task != j.Task:
			return o.Task < j.Task
		}
		return o.arrival < j.arrival
	})
}

// after checks the state between steps: work-conserving, nothing overdue, and
// the core's own view of itself.
func (a *auditor) after(c *Core, now Time) error {
	var ready, busy [resources]int
	waiting := make([]int, len(a.cfg.Tasks))
	live := make([]int, len(a.cfg.Tasks))
	wake, hasWake := Time(0), false
	for _, j := range a.jobs {
		if j.ended {
			continue
		}
		live[j.Task]++
		if j.ready {
			ready[j.stage.Resource()]++
		}
		if j.running {
			busy[j.stage.Resource()]++
		}
		if !j.ready && !j.running {
			return fmt.Errorf("at %d: job %d has neither ended nor gone on", now, j.Job)
		}
		if j.cancelled && j.ready {
			return fmt.Errorf("at %d: cancelled job %d waits", now, j.Job)
		}
		if !j.played {
			waiting[j.Task]++
		}
		if a.cfg.Late == LateAbort {
			if j.Deadline <= now {
				return fmt.Errorf("at %d: job %d lives past its deadline %d", now, j.Job, j.Deadline)
			}
			if !hasWake || j.Deadline < wake {
				wake, hasWake = j.Deadline, true
			}
		}
	}
	for r := CPU; r <= Accelerator; r++ {
		if ready[r] > 0 && busy[r] < len(a.units[r]) {
			return fmt.Errorf("at %d: a unit of %v is free and %d stages are ready", now, r, ready[r])
		}
		if c.Ready(r) != ready[r] || c.Busy(r) != busy[r] {
			return fmt.Errorf("at %d: %v: core says %d ready, %d busy, want %d, %d",
				now, r, c.Ready(r), c.Busy(r), ready[r], busy[r])
		}
	}
	for i, t := range a.cfg.Tasks {
		if t.Queue == 1 && waiting[i] > 1 {
			return fmt.Errorf("at %d: %d jobs of %s have not started", now, waiting[i], t.Name)
		}
		if c.Pending(TaskID(i)) != live[i] {
			return fmt.Errorf("at %d: core says %d pending of %s, want %d", now, c.Pending(TaskID(i)), t.Name, live[i])
		}
	}
	if at, ok := c.NextWake(); ok != hasWake || at != wake {
		return fmt.Errorf("at %d: next wake %d, %v, want %d, %v", now, at, ok, wake, hasWake)
	}
	return nil
}

// done checks that every job has ended, once, and that the outcomes add up.
func (a *auditor) done(outcomes []outcome) error {
	sum := 0
	for _, n := range a.outcomes {
		sum += n
	}
	if sum != len(outcomes) || len(a.jobs) != len(outcomes) {
		return fmt.Errorf("%d jobs, %d released, %d outcomes", len(outcomes), len(a.jobs), sum)
	}
	for i, o := range outcomes {
		if o.kind == 0 || !a.byID[JobID(i+1)].ended {
			return fmt.Errorf("job %d never ended", i+1)
		}
	}
	return nil
}
