package sim

import (
	"rtmdl/scheduler/core"
	"rtmdl/scheduler/pack"
	"rtmdl/scheduler/task"
)

// units is what runs, and until when.
type units struct {
	ends []int64 // by CPU worker: when its stage ends, never where none runs
	jobs []int32 // and whose it is

	slots  [2]slot
	shared pack.Shared // the real work
	next   int64       // when the first of all ends
}

// slot is an accelerator slot and the inference that runs on it.
type slot struct {
	job  int32
	ends int64
	stop int64 // when it will have been stopped; never
	// The guarantee for the more urgent one of two: see guarantee.go.
	start, alone                   int64
	guarded, guaranteed, wasBroken bool
}

func newUnits(workers int) units {
	u := units{ends: make([]int64, workers), jobs: make([]int32, workers)}
	u.reset()
	return u
}

func (u *units) reset() {
	for i := range u.ends {
		u.ends[i] = never
	}
	u.slots = [2]slot{{ends: never}, {ends: never}}
	u.shared = pack.Shared{}
	u.next = never
}

// begin runs a stage on a CPU worker.
func (u *units) begin(unit int, job int32, end int64) { u.ends[unit], u.jobs[unit] = end, job }

// infer runs an inference of so much work on a slot.
func (u *units) infer(now int64, unit int, job int32, work int64) {
	u.shared.Settle(now)
	u.shared.Begin(unit, work)
	u.slots[unit] = slot{job: job, stop: never, start: now, alone: work}
}

// schedule sets the ends of the inferences and the next end anew.
func (u *units) schedule() {
	u.next = never
	for i := range u.slots {
		u.slots[i].ends = never
		if u.shared.Running(i) {
			u.slots[i].ends = min(u.shared.End(i), u.slots[i].stop)
			u.next = min(u.next, u.slots[i].ends)
		}
	}
	for _, end := range u.ends {
		u.next = min(u.next, end)
	}
}

func stretch(length int64, m task.Millionths) int64 { return pack.Stretch(length, pack.Factor(m)) }

// complete appends the ends of the stages that end now to the events.
func (s *Simulator) complete(now int64) {
	u := &s.units
	for unit, end := range u.ends {
		if end == now {
			u.ends[unit] = never
			s.ended(core.StageComplete, core.CPU, unit, u.jobs[unit], now)
		}
	}
	for unit := range u.slots {
		if u.slots[unit].ends == now {
			how := core.StageComplete
			if u.shared.End(unit) > now {
				how = core.StageStopped
			}
			s.leaveSlot(now, unit)
			s.ended(how, core.Accelerator, unit, u.slots[unit].job, now)
		}
	}
}

// ended appends the end of a stage.
func (s *Simulator) ended(how core.EventKind, r core.Resource, unit int, job int32, now int64) {
	j := &s.jobs[job]
	s.events = append(s.events, core.Event{Kind: how, Job: core.JobID(job + 1), Stage: j.stage})
	if s.trace != nil {
		s.trace.ran(j, r, unit, now, how == core.StageStopped)
	}
}
