package core

import (
	"cmp"
	"slices"
)

// phase orders the work of one step.
type phase uint8

const (
	phaseEnd    phase = iota // completions and failures
	phaseLost                // lost slots
	phasePlan                // new plans
	phaseEnter               // releases
	phaseCancel              // cancellations
)

// work is an accepted event in its place within the step. It is ordered by
// phase, then by place, then by index, so that the order in which the caller
// lists the events of a step matters only for the releases of one task.
type work struct {
	place uint64 // phaseEnd: resource and unit, phaseLost: unit, phaseEnter: task, phaseCancel: job
	index int32  // in the events of the step
	slot  int32  // phaseEnd: the job
	phase phase
}

func compareWork(a, b work) int {
	return cmp.Or(cmp.Compare(a.phase, b.phase), cmp.Compare(a.place, b.place), cmp.Compare(a.index, b.index))
}

// sortWork sorts; most steps have few events, and those nearly in order.
func sortWork(work []work) {
	if len(work) > 12 {
		slices.SortFunc(work, compareWork)
		return
	}
	for i := 1; i < len(work); i++ {
		for k := i; k > 0 && compareWork(work[k], work[k-1]) < 0; k-- {
			work[k], work[k-1] = work[k-1], work[k]
		}
	}
}

// check refuses a step that breaks the contract, and else leaves its events
// in c.work, in the order in which they are to be applied. It changes nothing
// that a later step could tell. It returns how many of the completions are
// those of aborted stages.
func (c *Core) check(now Time, events []Event) (stale uint64, err error) {
	if now < c.now {
		return 0, &EventError{Now: now, Index: -1, Err: ErrClock}
	}
	c.checks++
	c.work = c.work[:0]
	for i := range events {
		e := &events[i]
		w := work{index: int32(i), slot: none}
		err := error(nil)
		switch e.Kind {
		case Release:
			w.phase, w.place = phaseEnter, uint64(e.Task)
			err = c.checkRelease(now, e)
		case StageComplete, StageFailed, StageStopped:
			w.phase = phaseEnd
			w.slot, err = c.checkEnd(e)
			if err == nil && w.slot == none {
				if stale++; stale <= c.owed {
					continue
				}
				err = ErrNotRunning
			}
			if err == nil && e.Kind == StageStopped && !c.table.jobs[w.slot].stopping {
				err = ErrNotStopped
			}
			if err == nil {
				w.place = uint64(e.Stage.Resource())<<32 | uint64(c.table.jobs[w.slot].unit)
			}
		case Cancel:
			w.phase, w.place = phaseCancel, uint64(e.Job)
			if e.Job == 0 {
				err = ErrJob
			}
		case DeviceLost:
			w.phase, w.place = phaseLost, uint64(e.Unit)
			if e.Unit < 0 || e.Unit >= len(c.units[Accelerator].runs) {
				err = ErrUnit
			}
		case PlanChanged:
			w.phase = phasePlan
			if !e.Plan.fits(c) {
				err = ErrPlan
			}
		case Tick:
			continue
		default:
			err = ErrKind
		}
		if err != nil {
			return 0, &EventError{Now: now, Index: i, Event: *e, Err: err}
		}
		c.work = append(c.work, w)
	}
	if len(c.work) > 1 {
		if i := c.duplicate(events); i >= 0 {
			return 0, &EventError{Now: now, Index: i, Event: events[i], Err: ErrDuplicateJob}
		}
		sortWork(c.work)
	}
	return stale, nil
}

func (c *Core) checkRelease(now Time, e *Event) error {
	if e.Job == 0 {
		return ErrJob
	}
	if e.Task < 0 || int(e.Task) >= len(c.tasks) {
		return ErrUnknownTask
	}
	if e.Release > now {
		return ErrRelease
	}
	if e.Deadline <= e.Release {
		return ErrDeadline
	}
	if _, live := c.table.index.get(e.Job); live {
		return ErrDuplicateJob
	}
	return nil
}

// checkEnd returns the slot of the job whose running stage has come to its
// end, or none if there is no such job.
func (c *Core) checkEnd(e *Event) (slot int32, err error) {
	if e.Job == 0 {
		return none, ErrJob
	}
	slot, live := c.table.index.get(e.Job)
	if !live {
		return none, nil
	}
	j := &c.table.jobs[slot]
	if !j.running() || j.stage != e.Stage || j.reported == c.checks {
		return none, ErrNotRunning
	}
	j.reported = c.checks
	return slot, nil
}

// duplicate returns the index of an event that releases the same job as an
// earlier one of the step, or -1.
func (c *Core) duplicate(events []Event) int {
	c.ids = c.ids[:0]
	ascending := true
	for _, w := range c.work {
		if w.phase == phaseEnter {
			id := events[w.index].Job
			ascending = ascending && (len(c.ids) == 0 || c.ids[len(c.ids)-1] < id)
			c.ids = append(c.ids, id)
		}
	}
	if ascending {
		return -1
	}
	slices.Sort(c.ids)
	for i := 1; i < len(c.ids); i++ {
		if c.ids[i] == c.ids[i-1] {
			return lastRelease(events, c.ids[i])
		}
	}
	return -1
}

func lastRelease(events []Event, id JobID) int {
	i := len(events) - 1
	for events[i].Kind != Release || events[i].Job != id {
		i--
	}
	return i
}
