package bench

import (
	"context"
	"errors"
	"slices"
	"time"

	"rtmdl/internal/planning"
	"rtmdl/scheduler/analysis"
	"rtmdl/scheduler/baseline"
	"rtmdl/scheduler/core"
	"rtmdl/scheduler/plan"
	"rtmdl/scheduler/sim"
	"rtmdl/scheduler/task"
)

// solution is what a method makes of a set.
type solution struct {
	method string
	plan   *task.Plan
	cfg    sim.Config
	about  Record // the figures of the search
}

// solver has what the methods share on one set.
type solver struct {
	set    *task.Set
	jobs   int // of a simulation in a search
	time   time.Duration
	seed   uint64
	budget int // evaluations of the planner, for the searches
}

// The planner's names in tables.
const (
	ours         = "planner"
	oursUnpacked = "planner, no packing"
	exhaustive   = "exhaustive"
)

// planner runs ours.
func (v *solver) planner(ctx context.Context, name string, o plan.Options) (*solution, error) {
	o.Jobs, o.Seed = v.jobs, v.seed
	r, err := planning.Run(ctx, v.set, planning.Options{Options: o, Time: v.time})
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err // an interrupted search is no result
	}
	if v.budget == 0 {
		v.budget = r.Evaluations
	}
	cfg := sim.ConfigOf(v.set)
	cfg.Mode, cfg.Careful = o.Mode, o.Careful
	return &solution{method: name, plan: r.Plan, cfg: cfg, about: Record{
		Evaluations: r.Evaluations, FoundS: r.FoundAfter.Seconds(), NearS: r.NearAfter.Seconds(), TookS: r.Took.Seconds(), Bound: r.LowerBound,
		Proven: r.ProvenOptimal, Infeasible: !r.Feasible, ProvenNone: r.ProvenInfeasible,
	}}, nil
}

// policies makes the plans of the methods that do not search, those that pack
// only where the set has a table.
func (v *solver) policies() (out []*solution) {
	for _, p := range baseline.Policies() {
		if p.Packs && len(v.set.Packing) == 0 {
			continue
		}
		out = append(out, &solution{method: p.Name, plan: p.Plan(v.set), cfg: p.Config(v.set)})
	}
	return out
}

// searches runs the other ones at the planner's number of evaluations, and at
// least 40, though many of the planner's are short runs and theirs are whole,
// each for as long as the planner at most.
func (v *solver) searches(ctx context.Context) (out []*solution, err error) {
	pool, err := planning.NewPool(v.set, plan.Options{Jobs: v.jobs, Seed: v.seed}, cores())
	if err != nil {
		return nil, err
	}
	for _, m := range baseline.Searches() {
		start := time.Now()
		limited, stop := context.WithTimeout(ctx, v.time)
		pool.Context = limited
		c, err := m.Run(v.set, pool, max(40, v.budget), v.seed)
		stop()
		if err != nil && (ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded)) {
			return nil, err
		}
		out = append(out, v.found(m.Name, c, start))
	}
	return out, nil
}

// exhaustive runs the exhaustive search, without packing.
func (v *solver) exhaustive(ctx context.Context) (*solution, error) {
	pool, err := planning.NewPool(v.set, plan.Options{Jobs: v.jobs, Seed: v.seed}, cores())
	if err != nil {
		return nil, err
	}
	pool.Context = ctx
	start := time.Now()
	c, err := baseline.Exhaustive(v.set, pool)
	if err != nil {
		return nil, err
	}
	return v.found(exhaustive, c, start), nil
}

func (v *solver) found(name string, c *plan.Candidate, start time.Time) *solution {
	s := &solution{method: name, cfg: sim.ConfigOf(v.set)}
	s.about.TookS = time.Since(start).Seconds()
	if c == nil {
		// Nothing feasible: the shortest variants under DM stand in.
		s.about.Infeasible = true
		for _, p := range baseline.Policies() {
			if p.Name == "smallest DM" {
				s.plan = p.Plan(v.set)
			}
		}
		return s
	}
	s.plan = c.Plan(v.set)
	return s
}

// measure simulates a solution with each seed.
func (v *solver) measure(s *solution, scenario, name string, x float64, jobs int, seeds []uint64, o sim.Options) ([]Record, error) {
	simulator, err := sim.New(v.set, s.cfg)
	if err != nil {
		return nil, err
	}
	stored := v.set.Constraints.Storage == 0 || s.plan.Storage(v.set) <= v.set.Constraints.Storage
	var out []Record
	for _, seed := range seeds {
		o.Jobs, o.Seed = jobs, seed
		got, err := simulator.Run(s.plan, o)
		if err != nil {
			return nil, err
		}
		r := s.about
		r.Scenario, r.Case, r.X, r.N, r.Method = scenario, name, x, len(v.set.Tasks), s.method
		if s.cfg.Mode == core.BlackBox {
			r.Mode = "blackbox"
		}
		r.Met = got.WithinBound == 1 && stored
		for i := range got.Tasks {
			r.DMR = append(r.DMR, got.Tasks[i].MissRate)
		}
		r.Macro, r.Max, r.MeanLoss, r.SumLoss, r.OnTime = got.MacroMissRate, got.MaxMissRate, got.MeanLoss, got.SumLoss, got.OnTimeAccuracy
		r.Packed, r.Guaranteed, r.Broken, r.Inferences = got.Packed, got.Guaranteed, got.Broken, got.Jobs
		out = append(out, r)
	}
	return out, nil
}

// measureAll is measure for several.
func (v *solver) measureAll(all []*solution, scenario, name string, x float64, jobs int, seeds []uint64) (out []Record, err error) {
	for _, s := range all {
		rs, err := v.measure(s, scenario, name, x, jobs, seeds, sim.Options{})
		if err != nil {
			return nil, err
		}
		out = append(out, rs...)
	}
	return out, nil
}

// seedsFrom returns the seeds that results are reported on, which no search
// and no calibration sees.
func seedsFrom(n int) []uint64 {
	out := make([]uint64, n)
	for i := range out {
		out[i] = 7_000_000 + uint64(i)
	}
	return out
}

// gapTo fills in the gap of our records to the exhaustive optimum.
func gapTo(optimum float64, records []Record) {
	for i := range records {
		r := &records[i]
		r.Gap = (r.SumLoss - optimum) / max(optimum, 0.001)
		r.HasGap = true
	}
}

// planLoss is a plan's sum of losses.
func planLoss(s *task.Set, p *task.Plan) float64 {
	sum := int64(0)
	for i, v := range p.Variants {
		sum += analysis.UnitLoss(&s.Tasks[i], v)
	}
	return float64(sum) * analysis.LossUnit
}

// methods returns the solutions of the planner, which comes first, of all policies and of all searches.
func (v *solver) methods(ctx context.Context) ([]*solution, error) {
	p, err := v.planner(ctx, ours, plan.Options{})
	if err != nil {
		return nil, err
	}
	policies := v.policies()
	searched, err := v.searches(ctx)
	if err != nil {
		return nil, err
	}
	return slices.Concat([]*solution{p}, policies, searched), nil
}
