// Package priority assigns the classic fixed priorities to a plan: distinct
// ones, 0 the most urgent, ties in file order.
package priority

import (
	"cmp"
	"math/bits"
	"slices"

	"rtmdl/scheduler/task"
)

// Equal makes all priorities equal, so that the earlier release comes first:
// first come, first served, as far as one queue goes.
func Equal(p *task.Plan) { clear(p.Priorities) }

// RateMonotonic puts the shorter period first (Liu and Layland, "Scheduling
// algorithms for multiprogramming in a hard-real-time environment", Journal of
// the ACM 20(1), 1973).
func RateMonotonic(s *task.Set, p *task.Plan) {
	assign(p, func(a, b int) int { return cmp.Compare(s.Tasks[a].Period, s.Tasks[b].Period) })
}

// DeadlineMonotonic puts the shorter relative deadline first (Leung and
// Whitehead, "On the complexity of fixed-priority scheduling of periodic,
// real-time tasks", Performance Evaluation 2(4), 1982).
func DeadlineMonotonic(s *task.Set, p *task.Plan) {
	assign(p, func(a, b int) int { return cmp.Compare(s.Tasks[a].Deadline, s.Tasks[b].Deadline) })
}

// UtilisationMonotonic puts the higher (pre + infer + post)/T of the chosen
// variants first.
func UtilisationMonotonic(s *task.Set, p *task.Plan) {
	total := func(i int) uint64 { return uint64(s.Tasks[i].Variants[p.Variants[i]].Total()) }
	assign(p, func(a, b int) int {
		// total(b)/T(b) against total(a)/T(a), exactly.
		h1, l1 := bits.Mul64(total(b), uint64(s.Tasks[a].Period))
		h2, l2 := bits.Mul64(total(a), uint64(s.Tasks[b].Period))
		return cmp.Or(cmp.Compare(h1, h2), cmp.Compare(l1, l2))
	})
}

// assign numbers the tasks in the order of compare.
func assign(p *task.Plan, compare func(a, b int) int) {
	order := make([]int, len(p.Priorities))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, compare)
	for priority, i := range order {
		p.Priorities[i] = priority
	}
}
