package core

import "fmt"

// StopPolicy says whether a running inference may be stopped for a more urgent one, and what becomes of its job then. The
// zero value is StopNever. Whatever the policy, only inferences are stopped, never CPU stages.
type StopPolicy uint8

// The stop policies.
const (
	// StopNever lets every stage run to its end: scheduling is non-preemptive.
	StopNever StopPolicy = iota
	// StopRestart makes the inference ready again; it begins anew, and what was done is lost.
	StopRestart
	// StopDrop ends the job (decision Abort).
	StopDrop
)

// String returns "never", "restart" or "drop", and "stop(n)" for other values.
func (p StopPolicy) String() string {
	switch p {
	case StopNever:
		return "never"
	case StopRestart:
		return "restart"
	case StopDrop:
		return "drop"
	}
	return fmt.Sprintf("stop(%d)", uint8(p))
}

// ParseStopPolicy returns the policy that String writes as s.
func ParseStopPolicy(s string) (StopPolicy, error) {
	return parsed(s, StopDrop, "stop policy %q: want never, restart or drop")
}

// considerStop decides to stop the running inference r for u, the most urgent one that is ready and could not start,
// where u is the more urgent, would miss its deadline by waiting for r and meets it if r is stopped:
//
//	now + left of r + infer + post of u > deadline of u >= now + stop time + infer + post of u
//
// and r has longer left than the stop time. Times are nominal. A job is stopped once at most, so that it gets done; of
// two inferences that share the accelerator neither is.
func (c *Core) considerStop() {
	units := &c.units[Accelerator]
	if c.stop == StopNever || units.busy != 1 {
		return
	}
	waiting := c.firstInference()
	if waiting == none {
		return
	}
	u, r := &c.table.jobs[waiting], &c.table.jobs[units.other()]
	if r.task == u.task || r.stopping || r.stopped || r.cancelled {
		return
	}
	now, v := int64(c.now), &c.variants[r.variant]
	left := max(0, v.time[Infer]-int64(c.now.Sub(r.startedAt)))
	if c.packs {
		left = c.shared.Left(int(r.unit), now)
	}
	rk := r.key
	rk.rank = c.rank(r, left+v.time[Post])
	ends := now + c.variants[u.variant].time[Infer] + c.variants[u.variant].time[Post] // were the accelerator free
	if rk.before(&u.key) || left <= c.stopTime || ends+left <= int64(u.deadline) || ends+c.stopTime > int64(u.deadline) {
		return
	}
	r.stopping = true
	c.out = append(c.out, Decision{
		Kind: Stop, Job: r.id, Task: TaskID(r.task), Stage: Infer, Resource: Accelerator, Unit: int(r.unit), Beside: u.id,
	})
}

// firstInference returns the slot of the most urgent ready inference, or none.
func (c *Core) firstInference() int32 {
	switch queue := &c.ready[Accelerator]; {
	case c.packs && c.infers.len() > 0:
		return c.infers.at(c.infers.len() - 1)
	case !c.packs && queue.len() > 0:
		return queue.first()
	}
	return none
}

// stoppedStage takes a job whose inference was stopped off its slot.
func (c *Core) stoppedStage(slot int32) {
	j := &c.table.jobs[slot]
	if c.stop == StopDrop || j.cancelled || c.units[Accelerator].open() == 0 {
		kind := Abort
		if j.cancelled {
			kind = Cancelled
		}
		c.end(slot, kind)
		return
	}
	c.leave(j)
	j.stopping, j.stopped = false, true
	c.makeReady(slot)
}
