package plan

import (
	"cmp"
	"slices"

	"rtmdl/scheduler/task"
)

// lattice lists all choices of variants by ascending sum of losses, lazily:
// only what was listed and its successors take memory.
type lattice struct {
	variants [][]int   // by task, by ascending loss
	losses   [][]int64 // likewise
	heap     []node
}

// node is a choice by places in variants; its successors move one place on in
// one task from last on, so that each choice has one predecessor.
type node struct {
	loss   int64
	places []uint16
	last   int
}

// newLattice leaves out variants that another one of the same stage times
// beats or equals in loss and storage, where there is no packing table that
// could tell them apart.
func newLattice(s *task.Set, losses [][]int64) *lattice {
	l := &lattice{}
	root := node{places: make([]uint16, len(s.Tasks))}
	for i := range s.Tasks {
		t := &s.Tasks[i]
		var order []int
		for v := range t.Variants {
			if len(s.Packing) > 0 || !superfluous(t, losses[i], v) {
				order = append(order, v)
			}
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(losses[i][a], losses[i][b]) })
		sorted := make([]int64, len(order))
		for k, v := range order {
			sorted[k] = losses[i][v]
		}
		l.variants, l.losses = append(l.variants, order), append(l.losses, sorted)
		root.loss += sorted[0]
	}
	l.heap = []node{root}
	return l
}

// only leaves one choice in the list.
func (l *lattice) only(variants []int, losses [][]int64) {
	l.heap[0].loss = 0
	for i, v := range variants {
		l.variants[i], l.losses[i] = []int{v}, []int64{losses[i][v]}
		l.heap[0].loss += losses[i][v]
	}
}

func superfluous(t *task.Task, losses []int64, v int) bool {
	a := &t.Variants[v]
	for o := range t.Variants {
		b := &t.Variants[o]
		if o == v || a.Pre != b.Pre || a.Infer != b.Infer || a.Post != b.Post {
			continue
		}
		if losses[o] > losses[v] || b.TotalStorage() > a.TotalStorage() {
			continue
		}
		if o < v || losses[o] < losses[v] || b.TotalStorage() < a.TotalStorage() {
			return true
		}
	}
	return false
}

// next returns the next choice and its loss; false when all have been.
func (l *lattice) next() (variants []int, loss int64, ok bool) {
	if len(l.heap) == 0 {
		return nil, 0, false
	}
	n := l.pop()
	for i := n.last; i < len(n.places); i++ {
		at := int(n.places[i])
		if at+1 >= len(l.losses[i]) {
			continue
		}
		m := node{n.loss + l.losses[i][at+1] - l.losses[i][at], slices.Clone(n.places), i}
		m.places[i]++
		l.push(m)
	}
	variants = make([]int, len(n.places))
	for i, at := range n.places {
		variants[i] = l.variants[i][at]
	}
	return variants, n.loss, true
}

func (l *lattice) push(n node) {
	l.heap = append(l.heap, n)
	for i := len(l.heap) - 1; i > 0; {
		up := (i - 1) / 2
		if l.heap[up].loss <= l.heap[i].loss {
			break
		}
		l.heap[up], l.heap[i] = l.heap[i], l.heap[up]
		i = up
	}
}

func (l *lattice) pop() node {
	top := l.heap[0]
	last := len(l.heap) - 1
	l.heap[0] = l.heap[last]
	l.heap = l.heap[:last]
	for i := 0; ; {
		child := 2*i + 1
		if child >= last {
			break
		}
		if child+1 < last && l.heap[child+1].loss < l.heap[child].loss {
			child++
		}
		if l.heap[i].loss <= l.heap[child].loss {
			break
		}
		l.heap[i], l.heap[child] = l.heap[child], l.heap[i]
		i = child
	}
	return top
}
