package plan

import (
	"math"
	"slices"

	"rtmdl/scheduler/analysis"
	"rtmdl/scheduler/sim"
	"rtmdl/scheduler/task"
)

// Result is what a search has come to.
type Result struct {
	Plan     *task.Plan
	Feasible bool
	// ProvenOptimal: no plan of less loss is feasible. ProvenInfeasible: none
	// at all is. See the package comment for what that ranges over.
	ProvenOptimal, ProvenInfeasible bool
	LowerBound                      float64 // of the sum of losses of feasible plans
	Loss                            float64
}

// Best returns the best feasible plan so far, nil without one. It is the
// planner's own.
func (p *Planner) Best() *Candidate { return p.best }

// Loss returns the sum of losses of a candidate of the planner.
func (c *Candidate) Loss() float64 { return float64(c.loss) * analysis.LossUnit }

// LowerBound returns the bound on the sum of losses so far: that of the
// knapsack, or what the exact search has passed.
func (p *Planner) LowerBound() float64 {
	bound := p.bound
	if p.exact != nil && !p.noisy {
		bound = max(bound, p.exact.loss)
	}
	if p.best != nil && !p.noisy {
		bound = min(bound, p.best.loss)
	}
	return float64(min(bound, int64(len(p.set.Tasks))*int64(1/analysis.LossUnit))) * analysis.LossUnit
}

// Result returns the best plan so far with all that is known of it, after one
// more simulation by judge for the figures. Without a feasible plan it is the
// least bad one, with what it breaks.
func (p *Planner) Result(judge *Judge) (*Result, error) {
	c := p.best
	r := &Result{Feasible: c != nil, LowerBound: p.LowerBound()}
	if c == nil {
		var err error
		if c, err = p.leastBad(judge); err != nil {
			return nil, err
		}
	}
	if c == nil {
		variants := lightest(p.set, p.floors, p.floors.Capacity[analysis.InStorage])
		c = &Candidate{Variants: variants, Order: orders(p.set, variants)[0]}
	}
	exhausted := p.exact != nil && p.exact.done
	r.ProvenOptimal = r.Feasible && !p.noisy && (exhausted || c.loss <= p.bound)
	r.ProvenInfeasible = !r.Feasible && (p.never || exhausted && !p.noisy)
	r.Plan = c.Plan(p.set)
	r.Loss = r.Plan.SumLoss(p.set)
	got, err := judge.Full(r.Plan, p.options.Seed)
	if err != nil {
		return nil, err
	}
	p.describe(r, got)
	return r, nil
}

// leastBad returns of the last few infeasible candidates the one that exceeds
// the storage least, then the miss rates in sum, then loses least; nil of none.
func (p *Planner) leastBad(judge *Judge) (best *Candidate, err error) {
	least := [3]float64{math.Inf(1)}
	for _, c := range p.bad {
		got, err := judge.Full(c.Plan(p.set), p.options.Seed)
		if err != nil {
			return nil, err
		}
		bad := [3]float64{p.floors.Excess(c.Variants)[analysis.InStorage], 0, got.SumLoss}
		for i := range got.Tasks {
			bad[1] += max(0, got.Tasks[i].MissRate-float64(p.set.Tasks[i].MaxMissRate))
		}
		if slices.Compare(bad[:], least[:]) < 0 {
			best, least = c, bad
		}
	}
	return best, nil
}

// describe adds to the plan what a file says of it.
func (p *Planner) describe(r *Result, got *sim.Result) {
	bound, proven := r.LowerBound, r.ProvenOptimal
	r.Plan.LowerBound, r.Plan.ProvenOptimal = &bound, &proven
	r.Plan.Predicted = &task.Prediction{
		SumLoss: got.SumLoss, MeanLoss: got.MeanLoss,
		MacroMissRate: task.Rate(got.MacroMissRate), MaxMissRate: task.Rate(got.MaxMissRate),
		Storage: r.Plan.Storage(p.set),
	}
	for i := range got.Tasks {
		r.Plan.Predicted.MissRates = append(r.Plan.Predicted.MissRates, task.Rate(got.Tasks[i].MissRate))
	}
	if r.Feasible {
		return
	}
	r.Plan.Infeasible = "not proven"
	if r.ProvenInfeasible {
		r.Plan.Infeasible = "proven"
	}
	for i := range got.Tasks {
		if over := got.Tasks[i].MissRate - float64(p.set.Tasks[i].MaxMissRate); over > 0 {
			r.Plan.Broken = append(r.Plan.Broken, task.Broken{Constraint: "max_miss_rate of " + p.set.Tasks[i].Name, By: over})
		}
	}
	if over := r.Plan.Storage(p.set) - p.set.Constraints.Storage; p.set.Constraints.Storage > 0 && over > 0 {
		r.Plan.Broken = append(r.Plan.Broken, task.Broken{Constraint: "storage_bytes", By: float64(over)})
	}
}
