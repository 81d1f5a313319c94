package core

import "rtmdl/scheduler/pack"

// dispatchPacked lets the free slots look at the ready inferences from the most
// urgent down, start those that may start, and pass over the others, which
// stay ready and hold back nobody. One walk is enough: somebody is passed over
// only beside a running inference, and one more start leaves no slot free.
func (c *Core) dispatchPacked() {
	units := &c.units[Accelerator]
	for i := c.infers.len() - 1; i >= 0 && units.hasFree(); i-- {
		slot := c.infers.at(i)
		j := &c.table.jobs[slot]
		if c.expired(j) {
			c.end(slot, Expire)
			continue
		}
		beside, row, yields := units.other(), -1, false
		if beside != none {
			if row, yields = c.mayJoin(j, &c.table.jobs[beside]); row < 0 {
				continue
			}
		}
		c.infers.remove(&j.key)
		c.start(slot, units)
		if beside != none {
			d := &c.out[len(c.out)-1]
			d.Beside, d.Row, d.Yields = c.table.jobs[beside].id, row, yields
		}
	}
}

// mayJoin applies the packing rule to a ready inference j and r, which runs,
// and returns their row in the packing table, -1 if j may not start.
func (c *Core) mayJoin(j, r *job) (row int, yields bool) {
	if j.task == r.task {
		return -1, false
	}
	v, w := &c.variants[j.variant], &c.variants[r.variant]
	p := v.partner(r.variant)
	if p == nil || !c.allowed[p.row] {
		return -1, false
	}
	now := int64(c.now)
	running := pack.Inference{
		Infer:    w.time[Infer],
		Left:     c.shared.Left(int(r.unit), now),
		Post:     w.time[Post],
		Start:    int64(r.startedAt),
		Deadline: int64(r.deadline),
		Slow:     p.slowOther,
	}
	joiner := pack.Inference{
		Infer:    v.time[Infer],
		Left:     v.time[Infer],
		Post:     v.time[Post],
		Deadline: int64(j.deadline),
		Slow:     p.slow,
	}
	rk := r.key
	rk.rank = c.rank(r, running.Left+running.Post)
	yields = rk.before(&j.key)
	if !c.rule.MayJoin(now, &running, &joiner, yields) {
		return -1, yields
	}
	return int(p.row), yields
}

// enterSlot keeps the account of nominal work where slots are shared.
func (c *Core) enterSlot(j *job) {
	now := int64(c.now)
	c.shared.Settle(now)
	c.shared.Begin(int(j.unit), c.variants[j.variant].time[Infer])
	if other := c.units[Accelerator].runs[1-j.unit]; other >= 0 {
		row := c.variants[j.variant].partner(c.table.jobs[other].variant)
		mine, others := c.rule.Booked(row.slow), c.rule.Booked(row.slowOther)
		if j.unit == 0 {
			c.shared.Slow(mine, others)
		} else {
			c.shared.Slow(others, mine)
		}
	}
}

// leave frees the unit of a running job.
func (c *Core) leave(j *job) {
	r := j.stage.Resource()
	if r == Accelerator && c.packs {
		c.shared.Settle(int64(c.now))
		c.shared.Leave(int(j.unit))
	}
	if j.stage == Whole {
		c.held = false
	}
	c.units[r].leave(j.unit)
	j.unit = none
}
