package core

import "math/bits"

// index finds a live job's slot by its id: a hash table with open addressing
// and linear probing. Unlike a map it takes no memory in steady state,
// whatever ids come and go, since removal closes the gap.
type index struct {
	cells []cell // a power of two, at most half of them in use
	n     int
	shift uint // 64 - log2(len(cells))
}

// cell is free where id is 0.
type cell struct {
	id   JobID
	slot int32
}

const minCells = 64

func newIndex() index {
	return index{cells: make([]cell, minCells), shift: 64 - uint(bits.Len(minCells-1))}
}

func (x *index) clear() {
	clear(x.cells)
	x.n = 0
}

// home returns the cell in which id would best lie (Fibonacci hashing).
func (x *index) home(id JobID) int { return int(uint64(id) * 0x9E3779B97F4A7C15 >> x.shift) }

// find returns the cell that holds id, or the free one where it would go.
func (x *index) find(id JobID) int {
	i := x.home(id)
	for x.cells[i].id != id && x.cells[i].id != 0 {
		i = (i + 1) & (len(x.cells) - 1)
	}
	return i
}

// get returns the slot of id; id is not 0.
func (x *index) get(id JobID) (slot int32, ok bool) {
	c := &x.cells[x.find(id)]
	return c.slot, c.id == id
}

// add adds an id that is not in the index and not 0.
func (x *index) add(id JobID, slot int32) {
	if 2*(x.n+1) > len(x.cells) {
		x.grow()
	}
	x.cells[x.find(id)] = cell{id: id, slot: slot}
	x.n++
}

func (x *index) grow() {
	old := x.cells
	x.cells = make([]cell, 2*len(old))
	x.shift--
	for _, c := range old {
		if c.id != 0 {
			x.cells[x.find(c.id)] = c
		}
	}
}

// remove removes an id that is in the index. The cells behind it up to the
// next free one move up where that brings them no further than their home.
func (x *index) remove(id JobID) {
	mask := len(x.cells) - 1
	gap := x.find(id)
	for i := (gap + 1) & mask; x.cells[i].id != 0; i = (i + 1) & mask {
		if home := x.home(x.cells[i].id); (i-home)&mask >= (i-gap)&mask {
			x.cells[gap] = x.cells[i]
			gap = i
		}
	}
	x.cells[gap] = cell{}
	x.n--
}
