package core

import (
	"cmp"
	"slices"
	"time"

	"rtmdl/scheduler/pack"
)

// Times are the nominal times of a variant's stages, 0 or more each.
type Times struct{ Pre, Infer, Post time.Duration }

// Ref names a variant.
type Ref struct {
	Task    TaskID
	Variant int // index in Task.Variants
}

// Pair is two variants of different tasks that may share the accelerator.
// (Those of one task never do, whatever the table says.)
type Pair struct {
	A, B         Ref
	SlowA, SlowB pack.Factor // of A beside B and of B beside A
}

// variant is a variant of a task. Those of all tasks are numbered one after
// the other.
type variant struct {
	time [stages]int64 // nominal, by stage
	rest [stages]int64 // of a stage and those after it
	task int32
	// partners are who may share the accelerator with it, by number.
	partners []partner
}

// partner is a row of the packing table, seen from one of its variants.
type partner struct {
	variant   int32
	row       int32
	slow      pack.Factor // of oneself beside the partner
	slowOther pack.Factor // of the partner
}

func newVariant(task int32, t Times) variant {
	v := variant{task: task}
	v.time = [stages]int64{int64(t.Pre), int64(t.Infer), int64(t.Post), int64(t.Pre + t.Infer + t.Post)}
	v.rest = [stages]int64{v.time[Whole], int64(t.Infer + t.Post), v.time[Post], v.time[Whole]}
	return v
}

// addPairs fills in the partners.
func (c *Core) addPairs(pairs []Pair) {
	c.allowed = make([]bool, len(pairs))
	for row, p := range pairs {
		c.allowed[row] = true
		a := c.tasks[p.A.Task].first + int32(p.A.Variant)
		b := c.tasks[p.B.Task].first + int32(p.B.Variant)
		c.variants[a].partners = append(c.variants[a].partners, partner{b, int32(row), p.SlowA, p.SlowB})
		c.variants[b].partners = append(c.variants[b].partners, partner{a, int32(row), p.SlowB, p.SlowA})
	}
	for i := range c.variants {
		slices.SortFunc(c.variants[i].partners, func(p, q partner) int { return cmp.Compare(p.variant, q.variant) })
	}
}

// partner returns the row of v and the variant numbered other, or nil.
func (v *variant) partner(other int32) *partner {
	low, high := 0, len(v.partners)
	for low < high {
		if mid := (low + high) / 2; v.partners[mid].variant < other {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low < len(v.partners) && v.partners[low].variant == other {
		return &v.partners[low]
	}
	return nil
}
