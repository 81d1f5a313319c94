package adaptive

import (
	"context"
	"fmt"
	"strings"
	"time"

	"rtmdl/internal/planning"
	"rtmdl/scheduler/adapt"
	"rtmdl/scheduler/core"
	"rtmdl/scheduler/plan"
	"rtmdl/scheduler/task"
)

// Plan is what the scheduler is told, and what is expected of it.
type Plan struct {
	core.Plan
	Set    *task.Set // it was made for, with headroom
	Result *plan.Result
	Took   time.Duration
}

// backgroundJobs is how many jobs of the slowest task a plan is judged on that is wanted within a fraction of a second.
const backgroundJobs = 200

// First searches for so long, on all cores, for the plan to begin with.
func First(ctx context.Context, set *task.Set, most time.Duration) (*Plan, error) {
	return search(ctx, set, planning.Options{Time: most})
}

// search makes a plan that has headroom, the least bad one where none is feasible.
func search(ctx context.Context, set *task.Set, o planning.Options) (*Plan, error) {
	out, err := planning.Run(ctx, adapt.Scaled(set, adapt.Headroom), o)
	if err != nil {
		return nil, err
	}
	p := out.Plan
	return &Plan{
		Plan: core.Plan{Priorities: p.Priorities, Variants: p.Variants, Pairs: p.Pairs}, Set: set, Result: out.Result, Took: out.Took,
	}, nil
}

// String says in a line what was chosen and why, for a log.
func (p *Plan) String() string {
	var words []string
	for i, t := range p.Set.Tasks {
		words = append(words, fmt.Sprintf("%s %s (priority %d, predicted miss rate %.1f %%, loss %.1f %%)", t.Name,
			t.Variants[p.Variants[i]].Name, p.Priorities[i], 100*float64(p.Result.Plan.Predicted.MissRates[i]), 100*t.Loss(p.Variants[i])))
	}
	return p.Quality() + ": " + strings.Join(words, ", ")
}

// Quality says what is known of the plan: that it is optimal, feasible, or what it breaks.
func (p *Plan) Quality() string {
	switch r := p.Result; {
	case r.ProvenOptimal:
		return "optimal"
	case r.Feasible:
		return fmt.Sprintf("feasible, at most %.3f in summed loss from the optimum", max(0, r.Loss-r.LowerBound))
	default:
		var broken []string
		for _, b := range r.Plan.Broken {
			broken = append(broken, fmt.Sprintf("%s by %.3f", b.Constraint, b.By))
		}
		return "overload (" + r.Plan.Infeasible + "), the least bad plan breaks " + strings.Join(broken, ", ")
	}
}
