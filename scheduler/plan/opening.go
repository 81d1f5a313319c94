package plan

import "rtmdl/scheduler/task"

// opening finds a first feasible plan: under each order the least loss on the
// frontier that is feasible, by bisection, as if less load were always better.
type opening struct {
	p        *Planner
	frontier [][]int
	probes   []*probe
	asked    []*Candidate
}

// probe is the bisection under one kind of order: low is the first place that
// is not known to be infeasible, high one known to be feasible. It begins with
// both ends, the least loss first: where nothing has to be given up, that is
// soon found.
type probe struct {
	kind      int
	low, high int
	at        int
	waits     *Candidate
	asked     int
}

func newOpening(p *Planner) *opening {
	o := &opening{p: p}
	if p.options.FixVariants {
		o.frontier = [][]int{p.options.First.Variants}
	} else {
		o.frontier = frontier(p.set, p.floors, p.options.Jobs, 32)
	}
	for kind := range orders(p.set, o.frontier[len(o.frontier)-1]) {
		if kind == 0 || !p.options.FixOrder {
			o.probes = append(o.probes, &probe{kind: kind, high: len(o.frontier)})
		}
	}
	return o
}

func (o *opening) next(n int) (batch []*Candidate) {
	if first := o.p.options.First; first != nil && o.asked == nil {
		c := first.clone()
		c.loss = o.p.lossOf(c.Variants)
		o.asked = []*Candidate{c}
		return o.asked
	}
	for _, b := range o.probes {
		if len(batch) == n {
			break
		}
		for b.low < b.high {
			c := o.ask(b)
			if best := o.p.best; best != nil && c.loss >= best.loss {
				b.high = min(b.high, b.at) // nothing to win at this place or later
				continue
			}
			b.waits = c
			batch = append(batch, c)
			break
		}
	}
	return batch
}

// ask makes the next candidate of a probe.
func (o *opening) ask(b *probe) *Candidate {
	switch b.asked++; b.asked {
	case 1:
		b.at = 0
	case 2:
		b.at = len(o.frontier) - 1
	default:
		b.at = (b.low + b.high) / 2
	}
	variants := o.frontier[b.at]
	all := orders(o.p.set, variants)
	c := &Candidate{Variants: variants, Order: all[min(b.kind, len(all)-1)], loss: o.p.lossOf(variants)}
	o.p.restrict(c)
	return c
}

func (o *opening) tell(c *Candidate, out *Outcome) {
	for _, b := range o.probes {
		if b.waits != c {
			continue
		}
		b.waits = nil
		switch {
		case out.Feasible:
			b.high = b.at
		case b.at == len(o.frontier)-1:
			// Not even the lightest: this order gets one more chance, in the middle.
			b.low = max(b.low, len(o.frontier)/2)
			b.high = min(len(o.frontier)-1, b.low+1)
		default:
			b.low = b.at + 1
		}
	}
}

// restrict makes a candidate keep what the options hold fixed.
func (p *Planner) restrict(c *Candidate) {
	first := p.options.First
	if p.options.FixVariants {
		c.Variants = first.Variants
		c.loss = p.lossOf(c.Variants)
	}
	if p.options.FixOrder {
		c.Order = first.Order
	}
	if p.options.NoPacking {
		c.Deny = denyAll(p.set)
	}
}

func denyAll(s *task.Set) []bool {
	if len(s.Packing) == 0 {
		return nil
	}
	deny := make([]bool, len(s.Tasks)*len(s.Tasks))
	for i := range deny {
		deny[i] = true
	}
	return deny
}
