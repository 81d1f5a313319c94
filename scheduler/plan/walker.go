package plan

import "slices"

// walker looks for a feasible plan that loses less than the best one: it walks
// among plans of less loss, from one to a neighbour that fails later or as
// late, and starts again where it no longer gets on.
type walker struct {
	p        *Planner
	at       *Candidate
	progress float64
	pressure []float64
	proposed *Candidate
	stalled  int
}

func newWalker(p *Planner) *walker { return &walker{p: p} }

func (w *walker) tell(c *Candidate, o *Outcome) {
	w.proposed = nil
	if o.Feasible {
		w.at = nil // the best plan's neighbourhood is the polish's business
		return
	}
	if w.at == nil || o.Progress >= w.progress-0.01*w.p.random.Float() {
		if w.at != nil && o.Progress <= w.progress {
			w.stalled++
		} else {
			w.stalled = 0
		}
		w.at, w.progress, w.pressure = c, o.Progress, o.Pressure
		return
	}
	w.stalled++
}

// propose returns a candidate, or nil where none was found this time.
func (w *walker) propose() *Candidate {
	best := w.p.best
	if w.at != nil && (best != nil && w.at.loss >= best.loss || w.stalled > 20+2*len(w.p.set.Tasks)) {
		w.at = nil
	}
	for range 20 {
		var c *Candidate
		if w.at == nil {
			c = w.restart()
		} else {
			c = w.neighbour()
		}
		if c == nil {
			continue
		}
		c.loss = w.p.lossOf(c.Variants)
		w.p.restrict(c)
		if best != nil && c.loss >= best.loss || best != nil && w.p.excluded(c.Variants) || !w.p.unseen(c) {
			continue
		}
		w.proposed = c
		return c
	}
	w.stalled++
	if w.stalled > 100 {
		w.at, w.stalled = nil, 0
	}
	return nil
}

// restart begins near the best plan, with a few tasks changed so that it loses
// less, or, without one, at random.
func (w *walker) restart() *Candidate {
	w.stalled = 0
	p, r := w.p, w.p.random
	base := p.best
	if base == nil {
		base = p.worst
	}
	if base == nil {
		base = &Candidate{Variants: lightest(p.set, p.floors, p.floors.Capacity[2]), Order: r.Permutation(len(p.set.Tasks))}
	}
	c := base.clone()
	if p.best == nil {
		for range 1 + r.Intn(3) {
			w.shift(c)
		}
		return c
	}
	for range 1 + r.Intn(3) {
		w.improve(c)
	}
	w.repair(c)
	for range r.Intn(3) {
		w.shift(c)
	}
	return c
}

// neighbour is w.at with an order or two variants changed.
func (w *walker) neighbour() *Candidate {
	p, r := w.p, w.p.random
	c := w.at.clone()
	switch x := r.Float(); {
	case x < 0.5 && !p.options.FixOrder || p.options.FixVariants:
		w.relieve(c)
	case x < 0.6 && !p.options.FixOrder:
		w.shift(c)
	case x < 0.7 && len(p.set.Packing) > 0 && !p.options.NoPacking:
		w.toggle(c)
	default:
		w.lighten(c)
		w.repair(c)
	}
	return c
}

// strained returns a task that misses too much, the more it does the likelier.
func (w *walker) strained() int {
	r := w.p.random
	best, at := -1.0, 0
	for i, x := range w.pressure {
		if x *= r.Float(); x > best {
			best, at = x, i
		}
	}
	return at
}

// relieve moves a task that misses too much before others, or one that does
// not behind it.
func (w *walker) relieve(c *Candidate) {
	r := w.p.random
	at := slices.Index(c.Order, w.strained())
	if at == 0 {
		w.shift(c)
		return
	}
	to := r.Intn(at)
	if r.Float() < 0.5 {
		to = at - 1
	}
	if r.Float() < 0.5 {
		moveTo(c.Order, at, to)
	} else {
		moveTo(c.Order, to, at)
	}
}

// shift moves a random task to a random place.
func (w *walker) shift(c *Candidate) {
	r := w.p.random
	n := len(c.Order)
	moveTo(c.Order, r.Intn(n), r.Intn(n))
}

func moveTo(order []int, from, to int) {
	x := order[from]
	if from < to {
		copy(order[from:to], order[from+1:to+1])
	} else {
		copy(order[to+1:from+1], order[to:from])
	}
	order[to] = x
}

// toggle lets a pair of tasks pack or forbids it.
func (w *walker) toggle(c *Candidate) {
	links := w.p.links(c.Variants)
	if len(links) == 0 {
		return
	}
	n := len(c.Variants)
	if c.Deny == nil {
		c.Deny = make([]bool, n*n)
	}
	l := links[w.p.random.Intn(len(links))]
	c.Deny[l[0]*n+l[1]] = !c.Deny[l[0]*n+l[1]]
}

// improve gives a random task a variant of less loss.
func (w *walker) improve(c *Candidate) {
	r := w.p.random
	i := r.Intn(len(c.Variants))
	var better []int
	for v, l := range w.p.losses[i] {
		if l < w.p.losses[i][c.Variants[i]] {
			better = append(better, v)
		}
	}
	if len(better) > 0 {
		c.Variants[i] = better[r.Intn(len(better))]
	}
}

// lighten gives a shorter variant to a task that misses or to another one,
// whose work it may have to wait for.
func (w *walker) lighten(c *Candidate) {
	r := w.p.random
	i := r.Intn(len(c.Variants))
	if r.Float() < 0.4 && w.pressure != nil {
		i = w.strained()
	}
	now := &w.p.set.Tasks[i].Variants[c.Variants[i]]
	var shorter []int
	for v := range w.p.set.Tasks[i].Variants {
		if w.p.set.Tasks[i].Variants[v].Infer < now.Infer {
			shorter = append(shorter, v)
		}
	}
	if len(shorter) > 0 {
		c.Variants[i] = shorter[r.Intn(len(shorter))]
	}
}

// repair brings the loss below that of the best plan.
func (w *walker) repair(c *Candidate) {
	if w.p.best == nil {
		return
	}
	for k := 0; k < 4*len(c.Variants) && w.p.lossOf(c.Variants) >= w.p.best.loss; k++ {
		w.improve(c)
	}
}
