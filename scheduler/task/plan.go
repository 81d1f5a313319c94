package task

// Plan is a strategy for a set, by the indices of the set.
type Plan struct {
	Variants   []int // by task: index into its variants
	Priorities []int // by task: the smaller is the more urgent; may be equal
	// Pairs says by row of Set.Packing whether the pair may share the
	// accelerator; nil: every row.
	Pairs []bool

	// What a planner adds; nil or empty: not said.
	Predicted     *Prediction
	LowerBound    *float64 // of the sum of losses of any feasible plan
	ProvenOptimal *bool
	// Infeasible is "proven" or "not proven" where no feasible plan was
	// found, and Broken the constraints that this one breaks.
	Infeasible string
	Broken     []Broken
}

// Prediction is what a planner expects of its plan.
type Prediction struct {
	MissRates     []Rate // by task
	SumLoss       float64
	MeanLoss      float64
	MacroMissRate Rate
	MaxMissRate   Rate
	Storage       Bytes
}

// Broken is a constraint that a plan breaks, such as
// "max_miss_rate of sign", and by how much, in the constraint's unit.
type Broken struct {
	Constraint string
	By         float64
}

// NewPlan returns a plan with the given variant of each task and equal
// priorities. It keeps variants.
func NewPlan(variants []int) *Plan {
	return &Plan{Variants: variants, Priorities: make([]int, len(variants))}
}

// Storage returns the storage of the chosen variants, the shared parts of each
// counted once per task.
func (p *Plan) Storage(s *Set) Bytes {
	var sum Bytes
	for i, v := range p.Variants {
		sum += s.Tasks[i].Variants[v].TotalStorage()
	}
	return sum
}

// SumLoss returns the sum of the accuracy losses of the chosen variants.
func (p *Plan) SumLoss(s *Set) float64 {
	sum := 0.0
	for i, v := range p.Variants {
		sum += s.Tasks[i].Loss(v)
	}
	return sum
}

// Validate returns all that is wrong with p as a plan for a valid set, as
// Problems without file and line; nil if nothing is.
func (p *Plan) Validate(s *Set) error {
	var c checker
	c.plan(p, s)
	return c.problems.err()
}

func (c *checker) plan(p *Plan, s *Set) {
	n := len(s.Tasks)
	if len(p.Variants) != n || len(p.Priorities) != n {
		c.bad("tasks", len(p.Variants), "want a variant and a priority for each of %d tasks", n)
		return
	}
	for i, v := range p.Variants {
		if !s.has(Ref{i, v}) {
			c.bad("tasks."+s.Tasks[i].Name+".variant", v, "want a variant of the task")
		}
		if pr := p.Priorities[i]; pr < -MaxPriority || pr > MaxPriority {
			c.bad("tasks."+s.Tasks[i].Name+".priority", pr, "want %d to %d", -MaxPriority, MaxPriority)
		}
	}
	if p.Pairs != nil && len(p.Pairs) != len(s.Packing) {
		c.bad("packing", len(p.Pairs), "want one entry for each of the set's %d rows", len(s.Packing))
	}
	if p.Predicted != nil && len(p.Predicted.MissRates) != 0 && len(p.Predicted.MissRates) != n {
		c.bad("predicted", len(p.Predicted.MissRates), "want a miss rate for each of %d tasks", n)
	}
}

// MaxPriority is the largest accepted priority number; the smallest is its
// negative.
const MaxPriority = 1_000_000_000
