package plan

import (
	"math"

	"rtmdl/scheduler/analysis"
	"rtmdl/scheduler/core"
	"rtmdl/scheduler/generate"
	"rtmdl/scheduler/task"
)

// Options are those of a planner. The zero value of a field is the default.
type Options struct {
	Jobs int // of the slowest task in a run: 500
	// Seed is that of the search and, in a set with noise or jitter, the
	// first of those that candidates are judged on.
	Seed uint64
	// Seeds is how many seeds a candidate is judged on in a set with noise or
	// jitter, and then how many fresh ones confirm it: 3.
	Seeds int
	Batch int // candidates a step: 4
	// Mode is what a job holds, of candidates and plan; packing is of split alone.
	Mode core.Mode
	// Careful is how packing is booked, see pack.Rule.
	Careful bool
	// NoExact and NoLocal leave out one of the two searches, for experiments.
	NoExact, NoLocal bool
	// FixVariants, FixOrder and NoPacking hold a part of the plan at that of
	// First, for experiments.
	FixVariants, FixOrder, NoPacking bool
	First                            *Candidate
}

// Where no plan can be feasible, this many are tried for the least bad one, and
// the last few are compared by whole runs.
const (
	leastBadEvaluations = 200
	maxBad              = 6
)

// DefaultJobs is Options.Jobs where it is 0.
const DefaultJobs = 500

func (o *Options) fill() {
	if o.Jobs == 0 {
		o.Jobs = DefaultJobs
	}
	if o.Seeds == 0 {
		o.Seeds = 3
	}
	if o.Batch == 0 {
		o.Batch = 4
	}
}

// Planner searches for the best plan of a set. It is not safe for concurrent
// use.
type Planner struct {
	set     *task.Set
	options Options
	eval    Evaluator
	losses  [][]int64
	noisy   bool
	floors  *analysis.Floors
	blocks  *analysis.Blocking // nil where it does not hold
	bound   int64              // no feasible plan has a smaller loss
	never   bool               // the floors allow no plan at all

	best  *Candidate   // the best feasible one
	worst *Candidate   // the one that failed last while there is no feasible one
	least float64      // its badness
	bad   []*Candidate // those before it, the last few
	fresh uint64       // the next unused seed

	random    *generate.Source
	exact     *exact // nil: given up, or not asked for
	sketch    *exact // of few tasks: the same, paced, so that it is soon through but proves nothing; nil: done
	opening   *opening
	walkers   []*walker
	polish    *polish
	seen      map[string]bool
	turn      int
	local     bool // the present batch is of the local search
	sketching bool // or of the sketch

	// Evaluations counts the candidates simulated so far, FoundAt those up to
	// the best one.
	Evaluations, FoundAt int
}

// New makes a planner for a valid set, which must not change after.
func New(s *task.Set, eval Evaluator, o Options) (*Planner, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	o.fill()
	o.NoPacking = o.NoPacking || o.Mode == core.BlackBox
	p := &Planner{
		set: s, options: o, eval: eval, losses: unitLosses(s), noisy: Noisy(s), least: math.Inf(1),
		fresh:  mixSeed(o.Seed),
		random: generate.NewSource(o.Seed),
		seen:   map[string]bool{},
	}
	p.floors = analysis.NewFloors(s, o.Jobs, !o.NoPacking)
	knapsack := p.floors.Knapsack(s).Solve(0)
	if p.floors.Valid {
		p.bound = knapsack.Bound
		p.never = knapsack.Exact && !knapsack.Feasible
	}
	if o.NoPacking || s.Platform.AcceleratorSlots < 2 || len(s.Packing) == 0 {
		if p.blocks = analysis.NewBlocking(s, o.Jobs); p.blocks != nil {
			p.never = p.never || p.blocks.Forbids()
		}
	}
	if !o.NoExact {
		p.exact = newExact(p)
	}
	if !o.NoLocal && !p.many() {
		p.sketch = newExact(p)
	}
	if !o.NoLocal {
		p.opening = newOpening(p)
		for range 4 {
			p.walkers = append(p.walkers, newWalker(p))
		}
	}
	return p, nil
}

// Hopeless reports whether the floors prove that no plan of a set is feasible
// over so many jobs, packing aside.
func Hopeless(s *task.Set, jobs int) (bool, error) {
	p, err := New(s, nil, Options{Jobs: jobs, NoPacking: true, NoExact: true, NoLocal: true})
	if err != nil {
		return false, err
	}
	return p.never, nil
}

// mixSeed returns the first of the fresh seeds, far from those of the search.
func mixSeed(seed uint64) uint64 { return generate.NewSource(seed + 0x5EED).Uint64() }

// excluded reports whether a choice of variants can't be feasible. Of a set
// with noise the floors are those of mean times, and get a margin.
func (p *Planner) excluded(variants []int) bool {
	excess := p.floors.Excess(variants)
	margin := 0.0
	if !p.floors.Valid {
		margin = 0.05
	}
	return excess[analysis.OnAccelerator] > margin || excess[analysis.OnCPU] > margin || excess[analysis.InStorage] > 0 ||
		p.blocks != nil && !p.blocks.Admits(variants)
}

func (p *Planner) lossOf(variants []int) (sum int64) {
	for i, v := range variants {
		sum += p.losses[i][v]
	}
	return sum
}

// Step simulates a few candidates. done is true when nothing is left to try:
// the best plan is proven, or proven not to exist, or for a set with noise all
// was tried. The error is one of the simulator.
func (p *Planner) Step() (done bool, err error) {
	if p.done() {
		return true, nil
	}
	batch := p.batch()
	spare := 0.85
	if p.best != nil {
		spare = 0.95
	}
	for _, c := range batch {
		// Pace can be wrong, so that some candidates are spared it, more of them
		// while there is no plan; and whole runs of few tasks cost little.
		c.pace = 0
		if p.sketching {
			c.pace = sketchPace
		} else if p.local && p.many() && p.random.Float() < spare {
			c.pace = localPace
		}
		p.restrict(c)
	}
	if len(batch) > 0 {
		if err := p.evaluate(batch); err != nil {
			return false, err
		}
	}
	return p.done(), nil
}

// many reports whether there are so many tasks that the exact search gets
// little done.
func (p *Planner) many() bool { return len(p.set.Tasks) > 5 }

func (p *Planner) done() bool {
	if p.never && (p.Evaluations >= leastBadEvaluations || p.options.NoLocal && p.worst != nil) {
		return true
	}
	if p.best != nil && p.best.loss <= p.bound {
		return true
	}
	return p.exact != nil && p.exact.done && (p.best != nil || p.worst != nil)
}

// batch chooses whose turn it is.
func (p *Planner) batch() []*Candidate {
	n := p.options.Batch
	p.turn++
	p.local, p.sketching = true, false
	if p.opening != nil {
		if b := p.opening.next(n); len(b) > 0 {
			return b
		}
		p.opening = nil
	}
	if p.sketch != nil && (p.best == nil && len(p.set.Tasks) <= 4 || p.turn%4 == 1) {
		p.sketching = true
		b := p.sketch.next(4 * n)
		if p.sketch != nil && p.sketch.done {
			p.sketch = nil
		}
		return b
	}
	if p.exact != nil && (p.options.NoLocal || p.exactTurn()) {
		p.local = false
		return p.exact.next(4 * n)
	}
	if p.options.NoLocal {
		return nil
	}
	if p.best != nil {
		if p.polish == nil || p.polish.spent() && p.polish.of != p.best {
			p.polish = newPolish(p)
		}
		// Exchanges are many and take turns with the walkers.
		if !p.many() || p.polish.upgrades() || p.random.Float() < 0.5 {
			if b := p.polish.next(n); len(b) > 0 {
				return b
			}
		}
	}
	var b []*Candidate
	for k := range n {
		if c := p.walkers[k%len(p.walkers)].propose(); c != nil {
			b = append(b, c)
		}
	}
	return b
}

// exactTurn gives the exact search most of the time where it may come to an
// end, and little where it can't.
func (p *Planner) exactTurn() bool {
	switch n := len(p.set.Tasks); {
	case n <= 4:
		return p.turn%2 == 0
	case n <= 5:
		return p.turn%3 == 0
	case n <= 7:
		return p.turn%8 == 0
	default:
		return false
	}
}

func (p *Planner) evaluate(batch []*Candidate) error {
	fresh := make([]uint64, len(batch))
	for i := range batch {
		fresh[i] = p.fresh
		p.fresh += uint64(p.options.Seeds)
	}
	out := p.eval.Evaluate(batch, fresh)
	for i, c := range batch {
		if out[i].Err != nil {
			return out[i].Err
		}
		p.Evaluations++
		p.tell(c, &out[i])
	}
	return nil
}

func (p *Planner) tell(c *Candidate, o *Outcome) {
	stored := p.floors.Excess(c.Variants)[analysis.InStorage] == 0
	if o.Feasible && stored && (p.best == nil || c.loss < p.best.loss) {
		p.best, p.FoundAt = c, p.Evaluations
		clear(p.seen)
	}
	if p.best == nil {
		if bad := p.badness(c, o); bad < p.least {
			p.worst, p.least, p.FoundAt = c, bad, p.Evaluations
			p.bad = append(p.bad, c)
			p.bad = p.bad[max(0, len(p.bad)-maxBad):]
		}
	}
	if p.opening != nil {
		p.opening.tell(c, o)
	}
	if p.polish != nil {
		p.polish.tell(c)
	}
	for _, w := range p.walkers {
		if w.proposed == c {
			w.tell(c, o)
		}
	}
}

// badness orders plans that are not feasible: storage first, then how early it
// was clear.
func (p *Planner) badness(c *Candidate, o *Outcome) float64 {
	return 10*p.floors.Excess(c.Variants)[analysis.InStorage] + 1 - o.Progress
}

// links returns the pairs of tasks the chosen variants of which may share the
// accelerator and gain throughput by it.
func (p *Planner) links(variants []int) (links [][2]int) {
	if p.options.NoPacking || p.set.Platform.AcceleratorSlots < 2 {
		return nil
	}
	for r := range p.set.Packing {
		row := &p.set.Packing[r]
		if row.A.Task == row.B.Task || variants[row.A.Task] != row.A.Variant || variants[row.B.Task] != row.B.Variant {
			continue
		}
		if gains(row, p.set.Constraints.PackingGuard) {
			links = append(links, [2]int{min(row.A.Task, row.B.Task), max(row.A.Task, row.B.Task)})
		}
	}
	return links
}

// gains is the rule's first condition: guarded, the two together are faster
// than one after the other.
func gains(row *task.Pair, guard task.Millionths) bool {
	guarded := func(slow task.Millionths) float64 {
		return 1 + math.Ceil((slow-task.One).Float()*float64(task.One+guard))/float64(task.One)
	}
	a, b := guarded(row.SlowA), guarded(row.SlowB)
	return a+b > a*b*(1-1e-9)
}
