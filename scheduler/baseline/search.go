package baseline

import (
	"cmp"
	"math"
	"slices"

	"rtmdl/scheduler/analysis"
	"rtmdl/scheduler/generate"
	"rtmdl/scheduler/plan"
	"rtmdl/scheduler/priority"
	"rtmdl/scheduler/task"
)

// Search is a method that simulates candidates, up to budget of them, and
// returns the feasible one of the least loss, or nil.
type Search struct {
	Name   string
	Source string
	Run    func(s *task.Set, eval plan.Evaluator, budget int, seed uint64) (*plan.Candidate, error)
}

// Searches returns all but Exhaustive.
func Searches() []Search {
	return []Search{
		{"greedy DM", "compress until it fits, then " + leung, greedy},
		{"random search", "Bergstra and Bengio 2012", random},
		{"NSGA-II", "Deb et al. 2002", nsga},
	}
}

// keeper simulates and keeps the best one.
type keeper struct {
	set    *task.Set
	eval   plan.Evaluator
	best   *plan.Candidate
	budget int
	seed   uint64
	err    error
}

func (k *keeper) evaluate(batch []*plan.Candidate) []plan.Outcome {
	fresh := make([]uint64, len(batch))
	for i := range fresh {
		k.seed += 1000
		fresh[i] = k.seed
	}
	k.budget -= len(batch)
	out := k.eval.Evaluate(batch, fresh)
	for i, o := range out {
		if o.Err != nil {
			k.err = o.Err
		}
		stored := k.set.Constraints.Storage == 0 || batch[i].Plan(k.set).Storage(k.set) <= k.set.Constraints.Storage
		if o.Feasible && stored && (k.best == nil || batch[i].Loss() < k.best.Loss()) {
			k.best = batch[i]
		}
	}
	return out
}

func (k *keeper) more() bool { return k.budget > 0 && k.err == nil }

// greedy compresses, from the original models on, the task that sheds the most
// load for its loss, until the set is feasible under deadline-monotonic order.
func greedy(s *task.Set, eval plan.Evaluator, budget int, seed uint64) (*plan.Candidate, error) {
	k := &keeper{set: s, eval: eval, budget: max(budget, 1000), seed: seed}
	p := withVariants((*task.Task).Largest, priority.DeadlineMonotonic)(s)
	order := make([]int, len(s.Tasks))
	for i, pr := range p.Priorities {
		order[pr] = i
	}
	variants := p.Variants
	for k.more() && k.best == nil {
		k.evaluate([]*plan.Candidate{plan.NewCandidate(s, slices.Clone(variants), order)})
		at, to, most := -1, 0, 0.0
		for i := range s.Tasks {
			t := &s.Tasks[i]
			now := &t.Variants[variants[i]]
			for v := range t.Variants {
				shed := float64(now.Infer-t.Variants[v].Infer) / float64(t.Period)
				if s.Constraints.Storage > 0 {
					shed += float64(now.TotalStorage()-t.Variants[v].TotalStorage()) / float64(s.Constraints.Storage)
				}
				loss := max(t.Loss(v)-t.Loss(variants[i]), 1e-9)
				if shed > 1e-12 && shed/loss > most {
					at, to, most = i, v, shed/loss
				}
			}
		}
		if at < 0 {
			break
		}
		variants[at] = to
	}
	return k.best, k.err
}

func randomCandidate(s *task.Set, r *generate.Source) *plan.Candidate {
	variants := make([]int, len(s.Tasks))
	for i := range variants {
		variants[i] = r.Intn(len(s.Tasks[i].Variants))
	}
	return plan.NewCandidate(s, variants, r.Permutation(len(s.Tasks)))
}

// random draws candidates, and simulates those that lose less than the best.
func random(s *task.Set, eval plan.Evaluator, budget int, seed uint64) (*plan.Candidate, error) {
	k := &keeper{set: s, eval: eval, budget: budget, seed: seed}
	r := generate.NewSource(seed)
	for draws := 0; k.more() && draws < 50*budget; {
		var batch []*plan.Candidate
		for ; len(batch) < min(8, k.budget) && draws < 50*budget; draws++ {
			if c := randomCandidate(s, r); k.best == nil || c.Loss() < k.best.Loss() {
				batch = append(batch, c)
			}
		}
		if len(batch) > 0 {
			k.evaluate(batch)
		}
	}
	return k.best, k.err
}

// individual is a member of NSGA-II's population.
type individual struct {
	c         *plan.Candidate
	violation float64 // how early it was clear that some task misses too much
	rank      int
	crowding  float64
}

// nsga is the plain NSGA-II with constraint domination on two objectives, the
// loss and the accelerator's load, with uniform crossover of variants, order
// crossover (OX) of orders, and one mutation of each on average.
func nsga(s *task.Set, eval plan.Evaluator, budget int, seed uint64) (*plan.Candidate, error) {
	k := &keeper{set: s, eval: eval, budget: budget, seed: seed}
	r := generate.NewSource(seed)
	size := min(40, max(4, budget/10))
	judge := func(batch []*plan.Candidate) (out []individual) {
		for i, o := range k.evaluate(batch) {
			x := individual{c: batch[i], violation: 1 - o.Progress}
			if over := batch[i].Plan(s).Storage(s) - s.Constraints.Storage; s.Constraints.Storage > 0 && over > 0 {
				x.violation += float64(over) / float64(s.Constraints.Storage)
			}
			out = append(out, x)
		}
		return out
	}
	var batch []*plan.Candidate
	for range min(size, k.budget) {
		batch = append(batch, randomCandidate(s, r))
	}
	population := survivors(s, judge(batch), size)
	for k.more() {
		batch = batch[:0]
		for range min(size, k.budget) {
			batch = append(batch, child(s, tournament(population, r), tournament(population, r), r))
		}
		population = survivors(s, append(population, judge(batch)...), size)
	}
	return k.best, k.err
}

func tournament(p []individual, r *generate.Source) *plan.Candidate {
	a, b := p[r.Intn(len(p))], p[r.Intn(len(p))]
	if b.rank < a.rank || b.rank == a.rank && b.crowding > a.crowding {
		return b.c
	}
	return a.c
}

func child(s *task.Set, a, b *plan.Candidate, r *generate.Source) *plan.Candidate {
	n := len(s.Tasks)
	variants := make([]int, n)
	for i := range variants {
		variants[i] = a.Variants[i]
		if r.Intn(2) == 0 {
			variants[i] = b.Variants[i]
		}
		if r.Intn(n) == 0 {
			variants[i] = r.Intn(len(s.Tasks[i].Variants))
		}
	}
	from, to := r.Intn(n), r.Intn(n)
	from, to = min(from, to), max(from, to)
	kept := a.Order[from : to+1]
	order := make([]int, 0, n)
	for _, i := range b.Order {
		if len(order) == from {
			order = append(order, kept...)
		}
		if !slices.Contains(kept, i) {
			order = append(order, i)
		}
	}
	if len(order) < n {
		order = append(order, kept...)
	}
	if r.Intn(2) == 0 {
		x, y := r.Intn(n), r.Intn(n)
		order[x], order[y] = order[y], order[x]
	}
	return plan.NewCandidate(s, variants, order)
}

// survivors are the best by rank, then by crowding distance.
func survivors(s *task.Set, all []individual, size int) []individual {
	load := make([]float64, len(all))
	for i := range all {
		for t, v := range all[i].c.Variants {
			load[i] += float64(s.Tasks[t].Variants[v].Infer) / float64(s.Tasks[t].Period)
		}
		all[i].rank, all[i].crowding = 0, 0
	}
	dominates := func(a, b int) bool {
		if all[a].violation != all[b].violation {
			return all[a].violation < all[b].violation
		}
		la, lb := all[a].c.Loss(), all[b].c.Loss()
		return la <= lb && load[a] <= load[b] && (la < lb || load[a] < load[b])
	}
	for left, rank := len(all), 1; left > 0; rank++ {
		var front []int
		for i := range all {
			if all[i].rank != 0 {
				continue
			}
			beaten := false
			for o := range all {
				beaten = beaten || (all[o].rank == 0 || all[o].rank == rank) && dominates(o, i)
			}
			if !beaten {
				front = append(front, i)
			}
		}
		for _, i := range front {
			all[i].rank = rank
		}
		crowd(front, all, func(i int) float64 { return all[i].c.Loss() })
		crowd(front, all, func(i int) float64 { return load[i] })
		left -= len(front)
	}
	slices.SortStableFunc(all, func(a, b individual) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(b.crowding, a.crowding))
	})
	return all[:min(size, len(all))]
}

func crowd(front []int, all []individual, value func(int) float64) {
	sorted := slices.Clone(front)
	slices.SortStableFunc(sorted, func(a, b int) int { return cmp.Compare(value(a), value(b)) })
	width := value(sorted[len(sorted)-1]) - value(sorted[0])
	for k, i := range sorted {
		if k == 0 || k == len(sorted)-1 {
			all[i].crowding = math.Inf(1)
		} else if width > 0 {
			all[i].crowding += (value(sorted[k+1]) - value(sorted[k-1])) / width
		}
	}
}

// LowerBound is the certificate that every method can be held against.
func LowerBound(s *task.Set, jobs int) float64 {
	return float64(analysis.NewFloors(s, jobs, s.Platform.AcceleratorSlots > 1).Knapsack(s).Solve(0).Bound) * analysis.LossUnit
}
