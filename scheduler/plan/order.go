package plan

import (
	"cmp"
	"slices"

	"rtmdl/scheduler/analysis"
	"rtmdl/scheduler/task"
)

// orders returns the orders that searches begin with: deadline-monotonic
// (Leung and Whitehead 1982), rate-monotonic (Liu and Layland 1973), least
// slack first, highest utilisation first, and for few tasks Audsley's.
func orders(s *task.Set, variants []int) [][]int {
	variant := func(i int) *task.Variant { return &s.Tasks[i].Variants[variants[i]] }
	out := [][]int{
		orderBy(s, func(i int) float64 { return float64(s.Tasks[i].Deadline) }),
		orderBy(s, func(i int) float64 { return float64(s.Tasks[i].Deadline - variant(i).Total()) }),
		orderBy(s, func(i int) float64 { return float64(s.Tasks[i].Period) }),
		orderBy(s, func(i int) float64 { return -float64(variant(i).Total()) / float64(s.Tasks[i].Period) }),
	}
	if len(s.Tasks) <= 20 {
		priorities, _ := analysis.Audsley(s, variants)
		out = append(out, orderBy(s, func(i int) float64 { return float64(priorities[i]) }))
	}
	distinct := out[:0]
	for _, o := range out {
		if !slices.ContainsFunc(distinct, func(d []int) bool { return slices.Equal(d, o) }) {
			distinct = append(distinct, o)
		}
	}
	return distinct
}

// orderBy returns the tasks by ascending key, ties in file order.
func orderBy(s *task.Set, key func(i int) float64) []int {
	order := make([]int, len(s.Tasks))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(key(a), key(b)) })
	return order
}

// frontier returns choices of variants from the least loss that the floors
// allow to the lightest: knapsacks at less and less of accelerator and CPU, and
// that of a load without any misses.
func frontier(s *task.Set, floors *analysis.Floors, jobs, steps int) (out [][]int) {
	k := floors.Knapsack(s)
	full := k.Capacity
	add := func(pick []int) {
		if pick != nil && !slices.ContainsFunc(out, func(o []int) bool { return slices.Equal(o, pick) }) {
			out = append(out, pick)
		}
	}
	for step := range steps {
		share := 1 - 0.6*float64(step)/float64(steps)
		for _, d := range []int{analysis.OnAccelerator, analysis.OnCPU} {
			k.Capacity[d] = int64(float64(full[d]) * share)
		}
		k.Capacity[analysis.OnCPU] = full[analysis.OnCPU]
		add(k.Solve(2000).Pick)
	}
	strict := *s
	strict.Tasks = slices.Clone(s.Tasks)
	for i := range strict.Tasks {
		strict.Tasks[i].MaxMissRate = 0
	}
	add(analysis.NewFloors(&strict, jobs, false).Knapsack(&strict).Solve(2000).Pick)
	loss := func(pick []int) (sum int64) {
		for i, v := range pick {
			sum += analysis.UnitLoss(&s.Tasks[i], v)
		}
		return sum
	}
	slices.SortStableFunc(out, func(a, b []int) int { return cmp.Compare(loss(a), loss(b)) })
	add(lightest(s, floors, full[analysis.InStorage]))
	return out
}

// lightest returns the shortest variants, those of less storage where the
// bound asks for it.
func lightest(s *task.Set, floors *analysis.Floors, storage int64) []int {
	pick := make([]int, len(s.Tasks))
	sum := int64(0)
	for i := range pick {
		pick[i] = s.Tasks[i].Smallest()
		sum += floors.Weight[i][pick[i]][analysis.InStorage]
	}
	for i := 0; i < len(pick) && sum > storage; i++ {
		for v := range s.Tasks[i].Variants {
			was := floors.Weight[i][pick[i]][analysis.InStorage]
			if now := floors.Weight[i][v][analysis.InStorage]; now < was {
				sum += now - was
				pick[i] = v
			}
		}
	}
	return pick
}
