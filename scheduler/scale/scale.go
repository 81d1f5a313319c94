// Package scale answers the first question of RT-mDL (SenSys 2021): which levels of a trained family are worth their
// storage. It is pure: no clock, no files, no goroutines.
//
// # The problem
//
// A family has levels with an accuracy A, an inference time t, storage of their own, and parts that they share with
// others (their first layers): a part is stored once if a kept level needs it. So which levels are kept also says how
// many early layers are shared. Wanted is the set of levels within a budget of storage with the least expected loss.
//
// # Expected loss
//
// The scheduler will run the best kept level that fits into the time that it can spare. That time is not known
// beforehand; it is taken to be, with the same probability each, the inference time t_j of one of the family's n levels,
// kept or not. With A(S, t) the highest accuracy of the levels of S with a time of at most t,
//
//	E(S) = 1/n * sum over j of (A_max - A(S, t_j)) / A_max
//
// where the loss is 1 if no level of S is fast enough: nothing is recognised. The whole family has the least expected
// loss, and the fastest level alone loses what it loses at every t_j. (Times spread evenly between the fastest and the
// slowest would never keep the slowest one: it is of use at a single instant of that span.)
//
// # The answer
//
// Is exact: all sets are looked at, which is quick for the sizes of families (2^20 at most).
package scale

import (
	"cmp"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"time"

	"rtmdl/scheduler/task"
)

// sameLoss is by how much losses may differ by rounding.
const sameLoss = 1e-12

// MostLevels is the largest family that is accepted.
const MostLevels = 20

var (
	// ErrLevels is returned for a family without levels or with more than MostLevels.
	ErrLevels = errors.New("levels of the family")
	// ErrBudget is returned for a budget in which not one level fits.
	ErrBudget = errors.New("the budget is too small")
)

// Choice is a set of levels.
type Choice struct {
	Levels  []int      // indices into the task's variants, rising
	Storage task.Bytes // their own, and each part that one of them needs once
	Loss    float64    // expected, 0 to 1
}

// Frontier returns the sets that no other outdoes: by rising storage, with falling loss. Of equal sets the one with fewer
// levels is there, then that of the first levels.
func Frontier(t *task.Task) ([]Choice, error) {
	n := len(t.Variants)
	if n == 0 || n > MostLevels {
		return nil, fmt.Errorf("%w: task %s has %d, want 1 to %d", ErrLevels, t.Name, n, MostLevels)
	}
	f := newFamily(t)
	type set struct {
		mask    uint32
		storage task.Bytes
		loss    float64
	}
	sets := make([]set, 0, 1<<n-1)
	for mask := uint32(1); mask < 1<<n; mask++ {
		sets = append(sets, set{mask, f.storage(mask), f.loss(mask)})
	}
	slices.SortFunc(sets, func(a, b set) int {
		return cmp.Or(cmp.Compare(a.storage, b.storage), cmp.Compare(a.loss, b.loss),
			cmp.Compare(bits.OnesCount32(a.mask), bits.OnesCount32(b.mask)), cmp.Compare(a.mask, b.mask))
	})
	var frontier []Choice
	for _, s := range sets {
		if len(frontier) > 0 && s.loss > frontier[len(frontier)-1].Loss-sameLoss {
			continue
		}
		c := Choice{Storage: s.storage, Loss: s.loss}
		for i := range n {
			if s.mask>>i&1 == 1 {
				c.Levels = append(c.Levels, i)
			}
		}
		frontier = append(frontier, c)
	}
	return frontier, nil
}

// Within returns the index of the best set of a frontier that fits into the budget. Errors wrap ErrBudget.
func Within(frontier []Choice, budget task.Bytes) (int, error) {
	for i := len(frontier) - 1; i >= 0; i-- {
		if frontier[i].Storage <= budget {
			return i, nil
		}
	}
	return 0, fmt.Errorf("%w: %d bytes", ErrBudget, budget)
}

// family has what the sums need, so that a set costs little.
type family struct {
	own    []task.Bytes
	needs  [][]int // indices of parts, by level
	parts  []task.Bytes
	order  []int     // levels by rising time
	weight []float64 // of the times of order: 1/n for each level, all of equal ones at the last of them
	losses []float64 // by level
	used   []bool    // scratch
}

func newFamily(t *task.Task) *family {
	f := &family{}
	index := map[string]int{}
	for i := range t.Variants {
		v := &t.Variants[i]
		f.own = append(f.own, v.Storage)
		f.losses = append(f.losses, t.Loss(i))
		f.order = append(f.order, i)
		var needs []int
		for _, p := range v.Shared {
			at, ok := index[p.Name]
			if !ok {
				at = len(f.parts)
				index[p.Name] = at
				f.parts = append(f.parts, p.Size)
			}
			needs = append(needs, at)
		}
		f.needs = append(f.needs, needs)
	}
	f.used = make([]bool, len(f.parts))
	at := func(i int) time.Duration { return t.Variants[f.order[i]].Infer }
	slices.SortStableFunc(f.order, func(a, b int) int { return cmp.Compare(t.Variants[a].Infer, t.Variants[b].Infer) })
	f.weight = make([]float64, len(f.order))
	for i := range f.order {
		f.weight[i] = 1 / float64(len(f.order))
		if i > 0 && at(i) == at(i-1) {
			f.weight[i] += f.weight[i-1]
			f.weight[i-1] = 0
		}
	}
	return f
}

func (f *family) storage(mask uint32) task.Bytes {
	clear(f.used)
	var sum task.Bytes
	for i, own := range f.own {
		if mask>>i&1 == 0 {
			continue
		}
		sum += own
		for _, p := range f.needs[i] {
			if !f.used[p] {
				f.used[p] = true
				sum += f.parts[p]
			}
		}
	}
	return sum
}

func (f *family) loss(mask uint32) float64 {
	best, sum := 1.0, 0.0
	for i, level := range f.order {
		if mask>>level&1 == 1 {
			best = min(best, f.losses[level])
		}
		sum += f.weight[i] * best
	}
	return sum
}
