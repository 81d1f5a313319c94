package core

import (
	"cmp"
	"slices"
)

// loseSlot closes an accelerator slot for good and ends whom that leaves
// without one.
func (c *Core) loseSlot(unit int) {
	units := &c.units[Accelerator]
	if units.runs[unit] == shut {
		return
	}
	if slot := units.runs[unit]; slot != none {
		c.owed++
		c.end(slot, Failed)
	}
	if c.held {
		for _, slot := range c.units[CPU].runs {
			if slot != none {
				c.owed++
				c.end(slot, Failed)
			}
		}
	}
	units.shut(int32(unit))
	if units.open() == 0 {
		c.failWaiting()
	}
}

// failWaiting ends the jobs that wait for or before an inference that can't be
// had any more, in the order of their arrival.
func (c *Core) failWaiting() {
	var waiting []int32
	for slot := range c.table.jobs {
		if j := &c.table.jobs[slot]; j.id != 0 && !j.running() && j.stage != Post {
			waiting = append(waiting, int32(slot))
		}
	}
	slices.SortFunc(waiting, func(a, b int32) int {
		return cmp.Compare(c.table.jobs[a].key.seq, c.table.jobs[b].key.seq)
	})
	for _, slot := range waiting {
		c.end(slot, Failed)
	}
}
