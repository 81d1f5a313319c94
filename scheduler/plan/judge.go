package plan

import (
	"slices"

	"rtmdl/scheduler/analysis"
	"rtmdl/scheduler/sim"
	"rtmdl/scheduler/task"
)

// Judge simulates candidates. It is not safe for concurrent use; several may
// judge one set at once.
type Judge struct {
	simulator *sim.Simulator
	scout     *sim.Simulator // of a short run with wider bounds
	options   Options
	limits    []float64 // by task: the misses that are allowed in a run
	total     float64   // jobs of a run, about
	noisy     bool
}

// NewJudge makes a judge for a valid set, which must not change after.
func NewJudge(s *task.Set, o Options) (*Judge, error) {
	cfg := sim.ConfigOf(s)
	cfg.Mode = o.Mode
	simulator, err := sim.New(s, cfg)
	if err != nil {
		return nil, err
	}
	o.fill()
	scout, err := sim.New(scoutSet(s, o.scoutJobs()), cfg)
	if err != nil {
		return nil, err
	}
	j := &Judge{simulator: simulator, scout: scout, options: o, limits: make([]float64, len(s.Tasks)), noisy: Noisy(s)}
	horizon := float64(analysis.Horizon(s, o.Jobs))
	for i := range s.Tasks {
		jobs := horizon / float64(s.Tasks[i].Period)
		j.total += jobs
		j.limits[i] = float64(s.Tasks[i].MaxMissRate)*jobs + 1
	}
	return j, nil
}

// scoutJobs is the length of the short run that comes first in local search.
func (o *Options) scoutJobs() int { return min(80, max(20, o.Jobs/8)) }

// scoutSet is the set with miss rates that allow for the few jobs of a short
// run and for its beginning, at which all tasks may be released at once.
func scoutSet(s *task.Set, jobs int) *task.Set {
	c := *s
	c.Tasks = slices.Clone(s.Tasks)
	for i := range c.Tasks {
		t := &c.Tasks[i]
		count := float64(analysis.Horizon(s, jobs)) / float64(t.Period)
		t.MaxMissRate = task.Rate(min(1, 1.2*float64(t.MaxMissRate)+1.5/max(1, count)))
	}
	return &c
}

// Noisy reports whether a run of the set depends on its seed.
func Noisy(s *task.Set) bool {
	for i := range s.Tasks {
		if s.Tasks[i].CV > 0 || s.Tasks[i].Jitter > 0 {
			return true
		}
	}
	return false
}

// Judge simulates c on the seeds of the search and, where these find it
// feasible and the set has noise, on as many fresh ones from fresh on, which
// are not to be used again.
func (j *Judge) Judge(c *Candidate, fresh uint64) (o Outcome) {
	p := c.Plan(j.simulator.Set())
	o.Pressure = make([]float64, len(c.Variants))
	if jobs := j.options.scoutJobs(); c.scout && jobs < j.options.Jobs {
		short := float64(jobs) / float64(j.options.Jobs)
		if share := j.run(p, j.scout, jobs, j.options.Seed, short, &o); share < short || o.Err != nil {
			o.Progress = share
			return o
		}
		clear(o.Pressure)
	}
	runs := uint64(1)
	if j.noisy {
		runs = 2 * uint64(j.options.Seeds)
	}
	for k := range runs {
		seed := j.options.Seed + k
		if k >= uint64(j.options.Seeds) {
			seed = fresh + k - uint64(j.options.Seeds)
		}
		share := j.run(p, j.simulator, j.options.Jobs, seed, 1, &o)
		o.Progress += share / float64(runs)
		if share < 1 || o.Err != nil {
			return o
		}
	}
	o.Feasible, o.Progress = true, 1
	return o
}

// run returns how far a run of the given share of a whole one came, and share
// itself if no task misses too much.
func (j *Judge) run(p *task.Plan, s *sim.Simulator, jobs int, seed uint64, share float64, o *Outcome) float64 {
	r, err := s.Run(p, sim.Options{Jobs: jobs, Seed: seed, StopWhenBroken: true})
	if err != nil {
		o.Err = err
		return 0
	}
	came := share
	if r.WithinBound < 1 {
		came = min(0.999*share, max(1/j.total, float64(r.Jobs)/j.total))
	}
	for i := range r.Tasks {
		o.Pressure[i] = max(o.Pressure[i], float64(r.Tasks[i].Missed)/(j.limits[i]*came))
	}
	return came
}

// Full simulates a plan to the end on one seed.
func (j *Judge) Full(p *task.Plan, seed uint64) (*sim.Result, error) {
	return j.simulator.Run(p, sim.Options{Jobs: j.options.Jobs, Seed: seed})
}

// Evaluator simulates candidates; it may do so in parallel. fresh are by
// candidate the first of the fresh seeds.
type Evaluator interface {
	Evaluate(batch []*Candidate, fresh []uint64) []Outcome
}

var _ Evaluator = (*Judge)(nil)

// Evaluate judges one candidate after the other.
func (j *Judge) Evaluate(batch []*Candidate, fresh []uint64) []Outcome {
	out := make([]Outcome, len(batch))
	for i, c := range batch {
		out[i] = j.Judge(c, fresh[i])
	}
	return out
}
