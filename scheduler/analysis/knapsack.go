package analysis

import (
	"cmp"
	"slices"
)

// Choice is a class member of a multiple-choice knapsack.
type Choice struct {
	Loss   int64
	Weight [dimensions]int64
}

// Knapsack is to pick one choice of each item at the least sum of losses, no
// sum of weights above its capacity. All numbers are >= 0, capacities and
// weights at most Unlimited.
type Knapsack struct {
	Items    [][]Choice
	Capacity [dimensions]int64
}

// Solution of a Knapsack.
type Solution struct {
	Feasible bool  // false: no pick keeps the capacities, if Exact
	Exact    bool  // false: the work ran out; Bound is below the optimum
	Pick     []int // by item; nil if none was found
	Loss     int64 // of Pick
	Bound    int64 // no feasible pick has a smaller loss
}

// label is a partial pick of the items so far that none of the others
// dominates: less or equal in loss and in every weight.
type label struct {
	loss   int64
	weight [dimensions]int64
	parent int32 // in the labels of the item before
	choice int32
}

// Solve is a dynamic program over the items with dominance, each label held
// against the best pick known by the Lagrangian bound of what is left. work
// bounds the labels that are kept of an item (0: 200,000); where more are
// needed the solution is not Exact, and Bound is the Lagrangian one.
func (k *Knapsack) Solve(work int) Solution {
	if work == 0 {
		work = 200_000
	}
	items, original := k.reduce()
	for _, item := range items {
		if len(item) == 0 {
			return Solution{Exact: true, Bound: Unlimited}
		}
	}
	r := newRelaxation(items, k.Capacity)
	out := Solution{Bound: r.bound()}
	best := int64(Unlimited)
	if pick := r.round(); pick != nil {
		out.Pick, best = pick, lossOf(items, pick)
	}
	active := r.active()
	layers := make([][]label, 0, len(items))
	now := []label{{parent: -1}}
	for i, item := range items {
		next := make([]label, 0, len(now)*len(item))
		for p := range now {
			for c := range item {
				l := label{loss: now[p].loss + item[c].Loss, parent: int32(p), choice: int32(c)}
				for _, d := range active {
					l.weight[d] = now[p].weight[d] + item[c].Weight[d]
				}
				if r.promising(i+1, &l, best) {
					next = append(next, l)
				}
			}
		}
		if now = undominated(next, len(active)); len(now) > work {
			out.finish(original, best)
			return out
		}
		layers = append(layers, now)
	}
	for at := range now {
		if now[at].loss >= best {
			continue
		}
		best = now[at].loss
		out.Pick = make([]int, len(items))
		for i, p := len(items)-1, int32(at); i >= 0; i-- {
			out.Pick[i] = int(layers[i][p].choice)
			p = layers[i][p].parent
		}
	}
	out.Exact, out.Bound = true, best
	out.finish(original, best)
	return out
}

func (s *Solution) finish(original [][]int, best int64) {
	s.Loss, s.Feasible = best, s.Pick != nil
	for i := range s.Pick {
		s.Pick[i] = original[i][s.Pick[i]]
	}
}

// reduce leaves out the choices that fit nowhere or are dominated, of equal
// ones all but the first, and returns where the others were.
func (k *Knapsack) reduce() (items [][]Choice, original [][]int) {
	items, original = make([][]Choice, len(k.Items)), make([][]int, len(k.Items))
	for i, all := range k.Items {
		for c := range all {
			if !fits(all[c].Weight, k.Capacity) || slices.ContainsFunc(all, func(o Choice) bool {
				return o != all[c] && o.Loss <= all[c].Loss && fits(o.Weight, all[c].Weight)
			}) || slices.Contains(items[i], all[c]) {
				continue
			}
			items[i], original[i] = append(items[i], all[c]), append(original[i], c)
		}
	}
	return items, original
}

func fits(w, capacity [dimensions]int64) bool {
	for d := range w {
		if w[d] > capacity[d] {
			return false
		}
	}
	return true
}

// undominated keeps the labels that no other is at least as good as. Sorted by
// loss, a label can be dominated by an earlier one only, and in one dimension
// by the last one kept only, which is the lightest.
func undominated(labels []label, active int) []label {
	slices.SortFunc(labels, func(a, b label) int {
		return cmp.Or(cmp.Compare(a.loss, b.loss), cmp.Compare(a.weight[0], b.weight[0]),
			cmp.Compare(a.weight[1], b.weight[1]), cmp.Compare(a.weight[2], b.weight[2]))
	})
	kept := labels[:0]
	for i := range labels {
		dominated := false
		// The last kept are the likeliest to be small in weight.
		for j := len(kept) - 1; j >= 0 && !dominated && (active > 1 || j == len(kept)-1); j-- {
			dominated = fits(kept[j].weight, labels[i].weight)
		}
		if !dominated {
			kept = append(kept, labels[i])
		}
	}
	return kept
}

func lossOf(items [][]Choice, pick []int) (sum int64) {
	for i, c := range pick {
		sum += items[i][c].Loss
	}
	return sum
}
