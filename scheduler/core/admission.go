package core

// admits reports whether a job j that is about to enter can make its deadline
// (EDFAdmission), by nominal times and without those to come, of which more
// urgent ones may make it late all the same:
//
//   - Split: its inference begins after its pre, for which it waits for the
//     running and the more urgent CPU stages that are ready, shared by the
//     workers, and after the running and all more urgent inferences of live
//     jobs, and after the most urgent one that is ready if none runs, which
//     will start now; its post follows at once. Where inferences may share the
//     accelerator those take half of their time, the best that there is, so
//     that a job which packing would save is not refused.
//   - BlackBox: it begins after the running job and all more urgent ones.
//
// replaced is the job that it would replace, or none, which does not count.
func (c *Core) admits(j *job, replaced int32) bool {
	var cpu, accelerator int64
	var next *job // the most urgent ready inference
	idle := true
	for slot := range c.table.jobs {
		o := &c.table.jobs[slot]
		if o.id == 0 || int32(slot) == replaced {
			continue
		}
		urgent := o.key.before(&j.key)
		v := &c.variants[o.variant]
		if o.running() {
			left := max(0, v.time[o.stage]-int64(c.now.Sub(o.startedAt)))
			if o.stage == Infer || o.stage == Whole {
				accelerator += left
				idle = false
			} else {
				cpu += left
			}
		} else if urgent {
			if o.stage == Whole {
				accelerator += v.time[Whole]
			} else if o.stage != Infer {
				cpu += v.time[o.stage]
			}
		}
		if o.stage == Infer && !o.running() && (next == nil || o.key.before(&next.key)) {
			next = o
		}
		if urgent && (o.stage == Pre || o.stage == Infer && !o.running()) {
			accelerator += v.time[Infer]
		}
	}
	v := &c.variants[j.variant]
	if c.mode == BlackBox {
		return int64(c.now)+accelerator+v.time[Whole] <= int64(j.deadline)
	}
	if idle && next != nil && !next.key.before(&j.key) {
		accelerator += c.variants[next.variant].time[Infer]
	}
	if c.packs && len(c.allowed) > 0 {
		accelerator /= 2
	}
	begin := max(cpu/int64(len(c.units[CPU].runs))+v.time[Pre], accelerator)
	return int64(c.now)+begin+v.time[Infer]+v.time[Post] <= int64(j.deadline)
}
