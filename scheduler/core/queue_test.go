package core

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestKeysAreOrderedByRankReleaseTaskAndArrival(t *testing.T) {
	ordered := []key{
		{rank: -1, release: 9, task: 9, seq: 9},
		{rank: 0, release: -5, task: 9, seq: 9},
		{rank: 0, release: 1, task: 0, seq: 9},
		{rank: 0, release: 1, task: 1, seq: 2},
		{rank: 0, release: 1, task: 1, seq: 3},
	}
	for i := range ordered {
		for j := range ordered {
			if got := ordered[i].before(&ordered[j]); got != (i < j) {
				t.Errorf("%+v before %+v: %v", ordered[i], ordered[j], got)
			}
		}
	}
}

// TestQueueIsASortedList compares the queue with a list that is sorted anew.
func TestQueueIsASortedList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q queue
		var list []entry
		for seq := range uint64(rapid.IntRange(1, 60).Draw(t, "steps")) {
			slot := int32(rapid.IntRange(0, 20).Draw(t, "slot"))
			at := slices.IndexFunc(list, func(e entry) bool { return e.slot == slot })
			if q.contains(slot) != (at >= 0) {
				t.Fatalf("contains(%d): %v", slot, q.contains(slot))
			}
			if at < 0 {
				e := entry{key: key{rank: int64(rapid.IntRange(0, 5).Draw(t, "rank")), seq: seq}, slot: slot}
				q.push(e.key, e.slot)
				list = append(list, e)
			} else {
				q.remove(slot)
				q.remove(slot) // a second time does nothing
				list = slices.Delete(list, at, at+1)
			}
			slices.SortFunc(list, func(a, b entry) int {
				return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.seq, b.seq))
			})
			if q.len() != len(list) || q.len() > 0 && q.first() != list[0].slot {
				t.Fatalf("queue %v, want %v", q.heap, list)
			}
		}
		for _, e := range list {
			if q.first() != e.slot {
				t.Fatalf("first is %d, want %d", q.first(), e.slot)
			}
			q.remove(e.slot)
		}
	})
}
