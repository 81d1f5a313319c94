package plan

import (
	"slices"

	"rtmdl/scheduler/analysis"
	"rtmdl/scheduler/task"
)

// Candidate is a plan to be simulated.
type Candidate struct {
	Variants []int // by task
	Order    []int // the tasks from the most urgent to the least
	// Deny says by task a*n + task b, a < b, who may not share the
	// accelerator; nil: everybody may whom the table lets.
	Deny []bool

	loss int64   // in analysis.LossUnit
	pace float64 // above 0: turned down as soon as it seems to miss too much
}

// NewCandidate returns a candidate with everything in the table allowed. It
// keeps the slices.
func NewCandidate(s *task.Set, variants, order []int) *Candidate {
	c := &Candidate{Variants: variants, Order: order}
	for i, v := range variants {
		c.loss += analysis.UnitLoss(&s.Tasks[i], v)
	}
	return c
}

// Plan returns the candidate as a plan for the set.
func (c *Candidate) Plan(s *task.Set) *task.Plan {
	p := task.NewPlan(slices.Clone(c.Variants))
	for priority, i := range c.Order {
		p.Priorities[i] = priority
	}
	if c.Deny != nil {
		p.Pairs = make([]bool, len(s.Packing))
		for r := range s.Packing {
			a, b := s.Packing[r].A.Task, s.Packing[r].B.Task
			p.Pairs[r] = a == b || !c.Deny[min(a, b)*len(s.Tasks)+max(a, b)]
		}
	}
	return p
}

func (c *Candidate) clone() *Candidate {
	return &Candidate{slices.Clone(c.Variants), slices.Clone(c.Order), slices.Clone(c.Deny), c.loss, c.pace}
}

// key tells candidates apart.
func (c *Candidate) key() string {
	b := make([]byte, 0, 4*len(c.Variants)+len(c.Deny))
	for k := range c.Variants {
		b = append(b, byte(c.Variants[k]), byte(c.Variants[k]>>8), byte(c.Order[k]), byte(c.Order[k]>>8))
	}
	for i, d := range c.Deny {
		if d {
			b = append(b, byte(i), byte(i>>8))
		}
	}
	return string(b)
}

// unitLosses returns the losses by task and variant.
func unitLosses(s *task.Set) [][]int64 {
	out := make([][]int64, len(s.Tasks))
	for i := range out {
		for v := range s.Tasks[i].Variants {
			out[i] = append(out[i], analysis.UnitLoss(&s.Tasks[i], v))
		}
	}
	return out
}

// Outcome is what the simulation of a candidate came to.
type Outcome struct {
	Feasible bool
	// Progress is how far the runs came before it was clear that some task
	// misses too much; 1 if it never was.
	Progress float64
	// Pressure is by task the misses as a share of those allowed so far, above
	// 1 where they are too many.
	Pressure []float64
	Err      error
}
