package core

import (
	"math"
	"time"

	"rtmdl/scheduler/pack"
)

// Core is the step machine. It is made by New. It is not safe for concurrent
// use; one goroutine at a time may call its methods. None of them blocks.
//
// Its memory is proportional to the number of tasks and the largest number of
// jobs that were ever live at a time; once it has grown that far Step
// allocates nothing but what decisions and errors take.
type Core struct {
	tasks    []taskState
	variants []variant // of all tasks
	allowed  []bool    // by row of the packing table
	rule     pack.Rule
	late     LatePolicy
	keep     bool // Config.KeepInferred
	mode     Mode
	order    Order
	packs    bool // there are two slots, and inferences may share
	stop     StopPolicy
	stopTime int64

	now       Time
	seq       uint64 // releases so far
	table     jobTable
	ready     [resources]queue // but those of infers
	infers    ordered          // the ready inferences where packs
	units     [resources]unitSet
	held      bool        // BlackBox: a job runs
	shared    pack.Shared // the nominal work of running inferences, where packs
	deadlines queue       // of all live jobs, under LateAbort alone
	owed      uint64      // aborted stages whose end has not been reported
	ignored   Ignored

	// Within one step.
	out    []Decision
	work   []work
	ids    []JobID
	checks uint64 // counts the checks, see job.reported
}

// taskState is a task's configuration and its live jobs.
type taskState struct {
	priority int64
	variant  int32 // the number of the one that jobs are of
	first    int32 // that of the task's first variant
	variants int32
	newest   bool  // queue: 1
	waiting  int32 // under newest: the job that has not started yet, or none
	live     int
}

// New makes a core in which nothing is released or running. It keeps no part
// of cfg. The error is that of cfg.Validate.
func New(cfg Config) (*Core, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	c := &Core{
		tasks: make([]taskState, len(cfg.Tasks)),
		rule:  cfg.Rule,
		late:  cfg.Late,
		keep:  cfg.KeepInferred,
		mode:  cfg.Mode,
		order: cfg.Order,
		packs: cfg.AcceleratorSlots == 2 && cfg.Mode == Split,
		stop:  cfg.Stop, stopTime: int64(cfg.StopTime),
		now:   math.MinInt64,
		table: jobTable{index: newIndex()},
	}
	for i, t := range cfg.Tasks {
		first := int32(len(c.variants))
		for _, times := range t.Variants {
			c.variants = append(c.variants, newVariant(int32(i), times))
		}
		if len(t.Variants) == 0 {
			c.variants = append(c.variants, newVariant(int32(i), Times{}))
		}
		c.tasks[i] = taskState{
			priority: int64(t.Priority),
			variant:  first + int32(t.Variant),
			first:    first,
			variants: int32(len(c.variants)) - first,
			newest:   t.Queue == 1,
			waiting:  none,
		}
	}
	c.addPairs(cfg.Packing)
	c.units[CPU] = newUnitSet(max(cfg.CPUWorkers, 1))
	c.units[Accelerator] = newUnitSet(max(cfg.AcceleratorSlots, 1))
	return c, nil
}

// Reset forgets all jobs, lost slots and counts, as if c were new, and makes
// plan that of the jobs to come; nil: the plan stays. Instants may begin anew.
// It allocates nothing. The error is ErrPlan, with which nothing has changed.
func (c *Core) Reset(plan *Plan) error {
	if plan != nil {
		if !plan.fits(c) {
			return ErrPlan
		}
		c.apply(plan)
	}
	for i := range c.tasks {
		c.tasks[i].waiting, c.tasks[i].live = none, 0
	}
	c.now, c.seq, c.owed, c.ignored = math.MinInt64, 0, 0, Ignored{}
	c.table.clear()
	c.ready[CPU].clear()
	c.ready[Accelerator].clear()
	c.deadlines.clear()
	c.infers.list = c.infers.list[:0]
	c.units[CPU].reset()
	c.units[Accelerator].reset()
	c.held, c.shared = false, pack.Shared{}
	return nil
}

// Step applies all events of one instant, then dispatches until nothing can
// start, and appends what it decides to out, which it returns; the caller may
// pass out[:0] of the slice before. Events may be listed in any order, save
// that of the releases of one task the later is the newer. They are applied
// in the order of the package comment, and so is the order of the decisions.
// Neither slice is kept.
//
// A stage of 0 ns is no special case: the caller reports it complete in
// another Step at the same instant.
//
// now never decreases. A step that breaks the contract returns an
// *EventError, out as it was, and changes nothing, the other events of the
// step included.
func (c *Core) Step(now Time, events []Event, out []Decision) ([]Decision, error) {
	stale, err := c.check(now, events)
	if err != nil {
		return out, err
	}
	c.now, c.out = now, out
	c.owed -= stale
	c.ignored.Completions += stale

	// The sequence of one instant. Only ends, lost slots, deadlines and
	// releases make anybody look at the queues: time that passes, a new plan,
	// the end of an aborted stage and the removal of a waiting job start
	// nobody.
	rest := c.work
	look := false
	for ; len(rest) > 0 && rest[0].phase == phaseEnd; rest = rest[1:] {
		c.endStage(rest[0].slot, events[rest[0].index].Kind)
		look = true
	}
	for ; len(rest) > 0 && rest[0].phase == phaseLost; rest = rest[1:] {
		c.loseSlot(events[rest[0].index].Unit)
		look = true
	}
	look = c.abortDue() || look
	for ; len(rest) > 0 && rest[0].phase == phasePlan; rest = rest[1:] {
		c.apply(events[rest[0].index].Plan)
	}
	for ; len(rest) > 0 && rest[0].phase == phaseEnter; rest = rest[1:] {
		c.release(&events[rest[0].index])
		look = true
	}
	for ; len(rest) > 0; rest = rest[1:] {
		c.cancel(events[rest[0].index].Job)
	}
	c.abortDue() // what was released after its deadline, by a caller that is behind
	if look {
		c.dispatch(CPU)
		if c.packs {
			c.dispatchPacked()
		} else {
			c.dispatch(Accelerator)
		}
		c.considerStop()
	}

	out, c.out = c.out, nil
	return out, nil
}

// SetStopTime changes Config.StopTime for decisions to come: what stops have been seen to take, 0 to MaxTime; others are
// brought there.
func (c *Core) SetStopTime(d time.Duration) { c.stopTime = int64(min(max(0, d), MaxTime)) }

// NextWake returns the earliest instant at which the core has to be stepped
// if no event comes before: under LateAbort the earliest deadline of a live
// job, else none. It lies after the last step.
func (c *Core) NextWake() (at Time, ok bool) {
	if c.deadlines.len() == 0 {
		return 0, false
	}
	return c.table.jobs[c.deadlines.first()].deadline, true
}
