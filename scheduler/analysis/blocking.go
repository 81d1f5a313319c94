package analysis

import (
	"math"

	"rtmdl/scheduler/task"
)

// Blocking is a floor of its own for a choice of variants, where inferences
// never share the accelerator: while one of task j runs, for C_j without
// preemption, no job of task i gets through that could not have begun its
// inference before and can't wait until after. Those are the jobs released in
// a window of length
//
//	w = C_j - (D_i - total_i),
//
// at least floor((w - J_i)/T_i) of them, all missed. The windows of different
// inferences are disjoint. So over a run
//
//	sum over j of must_j * floor((w_ij - J_i)/T_i) <= misses allowed to i,
//
// where must_j is how many jobs of j have to be met, and a few jobs at the
// ends of the run, which may not count, are allowed for.
//
// (The non-preemptive blocking of George et al. 1996, turned around: what has
// to be blocked, instead of what may be.)
type Blocking struct {
	set     *task.Set
	must    []int64
	allowed []int64 // by task, the ends of the run included
}

// NewBlocking returns the floor for a set over a run of jobs, nil where stage
// times vary: it is none then.
func NewBlocking(s *task.Set, jobs int) *Blocking {
	f := NewFloors(s, jobs, false)
	if !f.Valid {
		return nil
	}
	horizon := int64(Horizon(s, jobs))
	b := &Blocking{set: s, must: f.Must}
	for i := range s.Tasks {
		t := &s.Tasks[i]
		most := horizon/int64(t.Period) + 1
		ends := int64(t.Offset+t.Deadline+t.Jitter)/int64(t.Period) + 4
		b.allowed = append(b.allowed, Allowed(t.MaxMissRate, most)+ends)
	}
	return b
}

// Admits reports whether the choice keeps the floor.
func (b *Blocking) Admits(variants []int) bool {
	for i := range b.set.Tasks {
		lost := int64(0)
		for j := range b.set.Tasks {
			if i != j {
				lost = min(lost+times(b.must[j], b.lost(i, variants[i], j, variants[j])), Unlimited)
			}
		}
		if lost > b.allowed[i] {
			return false
		}
	}
	return true
}

// Forbids reports whether no choice of variants keeps the floor, by the least
// that each task loses to each other one.
func (b *Blocking) Forbids() bool {
	for i := range b.set.Tasks {
		best := int64(math.MaxInt64)
		for v := range b.set.Tasks[i].Variants {
			lost := int64(0)
			for j := range b.set.Tasks {
				if i == j {
					continue
				}
				least := int64(math.MaxInt64)
				for w := range b.set.Tasks[j].Variants {
					least = min(least, b.lost(i, v, j, w))
				}
				lost = min(lost+times(b.must[j], least), Unlimited)
			}
			best = min(best, lost)
		}
		if best > b.allowed[i] {
			return true
		}
	}
	return false
}

// lost is the jobs of i that are lost to one inference of j.
func (b *Blocking) lost(i, v, j, w int) int64 {
	t := &b.set.Tasks[i]
	window := b.set.Tasks[j].Variants[w].Infer - (t.Deadline - t.Variants[v].Total()) - t.Jitter
	return max(0, int64(window/t.Period))
}
