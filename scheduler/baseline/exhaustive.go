package baseline

import (
	"cmp"
	"slices"

	"rtmdl/scheduler/plan"
	"rtmdl/scheduler/task"
)

// Strategies returns the number of choices of variants and orders of a set,
// what Exhaustive may have to simulate, up to limit.
func Strategies(s *task.Set, limit int) int {
	n := 1
	for i := range s.Tasks {
		if n *= len(s.Tasks[i].Variants) * (i + 1); n > limit {
			return limit
		}
	}
	return n
}

// Exhaustive simulates all choices of variants by ascending loss under all
// orders, everything in the packing table allowed, and returns the first that
// is feasible, nil if none is. It prunes nothing: it is there to be right.
func Exhaustive(s *task.Set, eval plan.Evaluator) (*plan.Candidate, error) {
	var choices []*plan.Candidate
	variants := make([]int, len(s.Tasks))
	identity := make([]int, len(s.Tasks))
	for i := range identity {
		identity[i] = i
	}
	for more := true; more; {
		c := plan.NewCandidate(s, slices.Clone(variants), identity)
		if bound := s.Constraints.Storage; bound == 0 || c.Plan(s).Storage(s) <= bound {
			choices = append(choices, c)
		}
		more = false
		for i := range variants {
			if variants[i]++; variants[i] < len(s.Tasks[i].Variants) {
				more = true
				break
			}
			variants[i] = 0
		}
	}
	slices.SortStableFunc(choices, func(a, b *plan.Candidate) int { return cmp.Compare(a.Loss(), b.Loss()) })
	orders := permutations(len(s.Tasks))
	var fresh []uint64
	for i := range orders {
		fresh = append(fresh, uint64(i)<<32)
	}
	for _, choice := range choices {
		batch := make([]*plan.Candidate, len(orders))
		for k, o := range orders {
			batch[k] = plan.NewCandidate(s, choice.Variants, o)
		}
		for k, o := range eval.Evaluate(batch, fresh) {
			if o.Err != nil {
				return nil, o.Err
			}
			if o.Feasible {
				return batch[k], nil
			}
		}
	}
	return nil, nil
}

func permutations(n int) (out [][]int) {
	var grow func(order []int)
	grow = func(order []int) {
		if len(order) == n {
			out = append(out, slices.Clone(order))
			return
		}
		for i := range n {
			if !slices.Contains(order, i) {
				grow(append(order, i))
			}
		}
	}
	grow(nil)
	return out
}
