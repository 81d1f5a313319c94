package plan

import (
	"math/bits"

	"rtmdl/scheduler/analysis"
)

// exact goes through all plans by ascending loss: the choices of variants from
// the lattice, and with each every order and every set of denied pairs.
type exact struct {
	p        *Planner
	lattice  *lattice
	variants []int // the present choice; nil: get the next one
	loss     int64
	links    [][2]int // pairs of tasks that could pack with these variants
	subset   uint     // the next set of denied links
	order    []int    // the next order, nil when a subset begins
	done     bool     // all plans of less loss than the best one have been
}

// maxLinks is the number of links up to which all sets of them are tried; with
// more, a choice can't be exhausted, and the search ends there.
const maxLinks = 10

// maxHeap bounds the memory of the lattice: some hundred MB.
const maxHeap = 2_000_000

// maxVisits bounds the choices that one step passes over.
const maxVisits = 5000

func newExact(p *Planner) *exact {
	e := &exact{p: p, lattice: newLattice(p.set, p.losses)}
	if p.options.FixVariants {
		e.lattice.only(p.options.First.Variants, p.losses)
	}
	return e
}

// next returns candidates to try, up to n, none if it has to be called again
// or is done.
func (e *exact) next(n int) (batch []*Candidate) {
	if best := e.p.best; best != nil && e.variants != nil && e.loss >= best.loss {
		e.done = true
		return nil
	}
	if e.variants == nil && !e.choose() {
		return nil
	}
	for len(batch) < n {
		if e.order == nil {
			if e.subset == 1<<len(e.links) {
				e.variants = nil
				return batch
			}
			e.order = make([]int, len(e.variants))
			for i := range e.order {
				e.order[i] = i
			}
		}
		c := &Candidate{Variants: e.variants, Order: e.order, Deny: e.deny(), loss: e.loss}
		batch = append(batch, c.clone())
		if e.p.options.FixOrder || !nextPermutation(e.order) {
			e.order = nil
			e.subset++
		}
	}
	return batch
}

// choose takes the next choice of variants that no floor forbids.
func (e *exact) choose() bool {
	for range maxVisits {
		variants, loss, ok := e.lattice.next()
		if !ok {
			e.done, e.loss = true, analysis.Unlimited
			return false
		}
		e.loss = loss
		if best := e.p.best; best != nil && loss >= best.loss {
			e.done = true
			return false
		}
		if e.p.excluded(variants) {
			continue
		}
		e.variants, e.subset, e.order = variants, 0, nil
		e.links = e.p.links(variants)
		if len(e.links) > maxLinks || len(e.lattice.heap) > maxHeap {
			if e == e.p.exact {
				e.p.exact = nil
			} else {
				e.p.sketch = nil
			}
			return false
		}
		return true
	}
	return false
}

// deny returns the present set: none denied first, then all, then the others.
func (e *exact) deny() []bool {
	all := uint(1)<<len(e.links) - 1
	mask := e.subset
	if mask == 1 {
		mask = all
	} else if mask == all && all > 1 {
		mask = 1
	}
	if mask == 0 || bits.OnesCount(all) == 0 {
		return nil
	}
	n := len(e.variants)
	deny := make([]bool, n*n)
	for k, l := range e.links {
		deny[l[0]*n+l[1]] = mask>>k&1 == 1
	}
	return deny
}

// nextPermutation makes p the next one in lexicographic order, false at the last.
func nextPermutation(p []int) bool {
	i := len(p) - 2
	for i >= 0 && p[i] > p[i+1] {
		i--
	}
	if i < 0 {
		return false
	}
	j := len(p) - 1
	for p[j] < p[i] {
		j--
	}
	p[i], p[j] = p[j], p[i]
	for a, b := i+1, len(p)-1; a < b; a, b = a+1, b-1 {
		p[a], p[b] = p[b], p[a]
	}
	return true
}
