package sim

import (
	"rtmdl/scheduler/core"
	"rtmdl/scheduler/pack"
)

// join lets two inferences share the accelerator, at the real slowdowns, where
// the one on unit has just joined the other one.
func (s *Simulator) join(unit int, d *core.Decision) {
	u := &s.units
	row := &s.set.Packing[d.Row]
	first, second := row.SlowA, row.SlowB
	if s.slowdowns != nil {
		first, second = s.slowdowns[d.Row][0], s.slowdowns[d.Row][1]
	}
	if (int(d.Task) == row.A.Task) != (unit == 0) {
		first, second = second, first
	}
	u.shared.Slow(pack.Factor(first), pack.Factor(second))
	s.result.Packed++
	if d.Yields {
		protected := &u.slots[1-unit]
		protected.guarded, protected.guaranteed = true, true
	}
}

// leaveSlot frees a slot and lets the other inference go on alone.
//
// A guarantee is given to an inference when a less urgent one joins it, and is
// judged when the two part: it is broken if by then the inference can't end
// within its time alone and the bound any more, even if nobody joins it again.
// What more urgent joiners do to it later is not held against it.
func (s *Simulator) leaveSlot(now int64, unit int) {
	u := &s.units
	u.shared.Settle(now)
	for i := range u.slots {
		if p := &u.slots[i]; p.guarded && u.shared.Running(i) {
			p.guarded = false
			longest := pack.Stretch(p.alone, pack.One+s.bound)
			p.wasBroken = p.wasBroken || now-p.start+u.shared.Left(i, now) > longest
		}
	}
	if p := &u.slots[unit]; p.guaranteed {
		s.result.Guaranteed++
		if p.wasBroken {
			s.result.Broken++
		}
		p.guaranteed, p.wasBroken = false, false
	}
	u.shared.Leave(unit)
}
