package core

import (
	"testing"

	"pgregory.net/rapid"
)

// TestIndexIsAMap compares the index with a map, on ids that collide and past
// the first growth.
func TestIndexIsAMap(t *testing.T) {
	var ids []JobID // crowded about two homes, one of which makes probes wrap
	x := newIndex()
	for id := JobID(1); len(ids) < 2*minCells; id++ {
		if home := x.home(id); home == 5 || home >= minCells-2 {
			ids = append(ids, id)
		}
	}
	ids = append(ids, 1<<64-1, 1<<63, 1<<32)
	rapid.Check(t, func(t *rapid.T) {
		x, want := newIndex(), map[JobID]int32{}
		few := rapid.IntRange(1, len(ids)).Draw(t, "ids")
		for slot := range int32(rapid.IntRange(1, 300).Draw(t, "steps")) {
			id := ids[rapid.IntRange(0, few-1).Draw(t, "id")]
			if _, ok := want[id]; ok {
				x.remove(id)
				delete(want, id)
			} else {
				x.add(id, slot)
				want[id] = slot
			}
		}
		for _, id := range ids {
			wantSlot, wantOK := want[id]
			if slot, ok := x.get(id); ok != wantOK || ok && slot != wantSlot {
				t.Fatalf("id %d: %d, %v, want %d, %v", id, slot, ok, wantSlot, wantOK)
			}
		}
		if x.n != len(want) || 2*x.n > len(x.cells) {
			t.Fatalf("%d ids in %d cells, want %d", x.n, len(x.cells), len(want))
		}
	})
}
