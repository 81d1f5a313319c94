package core

// release lets a job enter, as the ready job of its first stage.
func (c *Core) release(e *Event) {
	t := &c.tasks[e.Task]
	task := int32(e.Task)
	c.seq++
	entering := job{
		id:       e.Job,
		key:      key{release: e.Release, task: task, seq: c.seq},
		deadline: e.Deadline,
		priority: t.priority,
		task:     task,
		variant:  t.variant,
		unit:     none,
		stage:    Pre,
	}
	if c.mode == BlackBox {
		entering.stage = Whole
	}
	if c.order == EDFAdmission {
		entering.key.rank = int64(e.Deadline)
		if !c.admits(&entering, t.waiting) {
			c.turnAway(&entering, Refuse)
			return
		}
	}
	if t.newest && t.waiting != none {
		c.end(t.waiting, Replace)
	}
	if c.units[Accelerator].open() == 0 {
		c.turnAway(&entering, Failed)
		return
	}
	slot := c.table.add(entering)
	t.live++
	if t.newest {
		t.waiting = slot
	}
	if c.late == LateAbort {
		c.deadlines.push(key{rank: int64(e.Deadline), release: e.Release, task: task, seq: c.seq}, slot)
	}
	c.makeReady(slot)
}

// turnAway ends a job that has not entered.
func (c *Core) turnAway(j *job, kind DecisionKind) {
	c.out = append(c.out, Decision{
		Kind: kind, Job: j.id, Task: TaskID(j.task), Stage: j.stage, Resource: j.stage.Resource(), Unit: NoUnit,
	})
}

// makeReady puts a job into the queue of its stage.
func (c *Core) makeReady(slot int32) {
	j := &c.table.jobs[slot]
	j.readyAt = c.now
	j.key.rank = c.rank(j, c.remaining(j))
	if j.stage == Infer && c.packs {
		c.infers.push(j.key, slot)
	} else {
		c.ready[j.stage.Resource()].push(j.key, slot)
	}
}

// endStage frees the unit of a running stage and passes the job on to its
// next stage, or ends it.
func (c *Core) endStage(slot int32, how EventKind) {
	j := &c.table.jobs[slot]
	switch {
	case how == StageStopped:
		c.stoppedStage(slot)
	case j.cancelled:
		c.end(slot, Cancelled)
	case how == StageFailed:
		c.end(slot, Failed)
	case j.stage >= Post:
		c.end(slot, Finish)
	case j.stage == Pre && c.units[Accelerator].open() == 0:
		c.end(slot, Failed)
	default:
		c.leave(j)
		j.stopping = false
		j.stage++
		c.makeReady(slot)
	}
}

// abortDue aborts the jobs whose deadlines have come, the earliest first, and
// reports whether there was one. There is none but under LateAbort.
func (c *Core) abortDue() (aborted bool) {
	for c.deadlines.len() > 0 {
		slot := c.deadlines.first()
		j := &c.table.jobs[slot]
		if j.deadline > c.now {
			break
		}
		if j.running() {
			c.owed++
		}
		c.end(slot, Abort)
		aborted = true
	}
	return aborted
}

// cancel ends a job that waits, and marks one that runs.
func (c *Core) cancel(id JobID) {
	slot, live := c.table.index.get(id)
	if !live {
		c.ignored.Cancels++
		return
	}
	if j := &c.table.jobs[slot]; j.running() {
		j.cancelled = true
		return
	}
	c.end(slot, Cancelled)
}

// dispatch lets the free units of a resource look at its ready jobs, from the
// most urgent down, until no unit is free or no job is left. A whole job needs
// the whole accelerator besides.
func (c *Core) dispatch(r Resource) {
	queue, units := &c.ready[r], &c.units[r]
	for !c.held && units.hasFree() && queue.len() > 0 {
		slot := queue.first()
		if c.expired(&c.table.jobs[slot]) {
			c.end(slot, Expire)
			continue
		}
		queue.remove(slot)
		c.start(slot, units)
	}
}

// expired reports whether the late policy drops a ready job that a free unit
// looks at now.
func (c *Core) expired(j *job) bool {
	return c.late == LateSkip && j.deadline < c.now && !(c.keep && j.stage == Post)
}

// start gives a free unit to a job that has left its queue.
func (c *Core) start(slot int32, units *unitSet) {
	j := &c.table.jobs[slot]
	c.started(slot)
	j.unit = units.take(slot)
	j.startedAt = c.now
	if j.stage == Infer && c.packs {
		c.enterSlot(j)
	}
	c.held = j.stage == Whole
	c.out = append(c.out, Decision{
		Kind:     Start,
		Job:      j.id,
		Task:     TaskID(j.task),
		Stage:    j.stage,
		Resource: j.stage.Resource(),
		Unit:     int(j.unit),
		Blocked:  c.now.Sub(j.readyAt),
	})
}

// started forgets that a job has not yet started its first stage.
func (c *Core) started(slot int32) {
	if t := &c.tasks[c.table.jobs[slot].task]; t.waiting == slot {
		t.waiting = none
	}
}

// end takes a job out of whatever holds it, decides its outcome and forgets
// it.
func (c *Core) end(slot int32, kind DecisionKind) {
	j := &c.table.jobs[slot]
	r := j.stage.Resource()
	c.out = append(c.out, Decision{
		Kind:     kind,
		Job:      j.id,
		Task:     TaskID(j.task),
		Stage:    j.stage,
		Resource: r,
		Unit:     int(j.unit),
		Late:     kind == Finish && c.now > j.deadline,
	})
	if j.running() {
		c.leave(j)
	} else {
		if j.stage == Infer && c.packs {
			c.infers.remove(&j.key)
		} else {
			c.ready[r].remove(slot)
		}
		c.started(slot)
	}
	c.deadlines.remove(slot)
	c.tasks[j.task].live--
	c.table.remove(slot)
}
