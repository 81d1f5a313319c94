package core

// job is a live job: one that has entered by Release and not ended. It is
// either ready, in the queue of its stage's resource, or running, on a unit
// of it.
type job struct {
	id        JobID
	key       key // among ready jobs
	deadline  Time
	priority  int64
	readyAt   Time   // the step in which the stage became ready
	startedAt Time   // and the one in which it started
	reported  uint64 // the latest check that met the end of its stage
	task      int32
	variant   int32 // its number, see Core.variants
	unit      int32 // none while it is ready
	stage     Stage
	cancelled bool // it ends with the running stage
	stopping  bool // the caller was told to stop the running inference
	stopped   bool // and has done so: it begins anew, and runs to its end
}

func (j *job) running() bool { return j.unit != none }

// jobTable holds the live jobs in numbered slots, which are used again, so
// that in steady state no job takes memory. The id of a free slot is 0.
type jobTable struct {
	jobs  []job
	free  []int32
	index index
}

// add makes a slot for a job whose id is not in the table.
func (t *jobTable) add(j job) (slot int32) {
	if n := len(t.free); n > 0 {
		slot, t.free = t.free[n-1], t.free[:n-1]
		t.jobs[slot] = j
	} else {
		slot = int32(len(t.jobs))
		t.jobs = append(t.jobs, j)
	}
	t.index.add(j.id, slot)
	return slot
}

func (t *jobTable) remove(slot int32) {
	t.index.remove(t.jobs[slot].id)
	t.jobs[slot].id = 0
	t.free = append(t.free, slot)
}

// clear forgets all jobs and keeps the memory.
func (t *jobTable) clear() {
	t.jobs, t.free = t.jobs[:0], t.free[:0]
	t.index.clear()
}
