package plan

import (
	"rtmdl/scheduler/analysis"
	"rtmdl/scheduler/sim"
	"rtmdl/scheduler/task"
)

// Judge simulates candidates. It is not safe for concurrent use; several may
// judge one set at once.
type Judge struct {
	simulator *sim.Simulator
	options   Options
	limits    []float64 // by task: the misses that are allowed in a run
	total     float64   // jobs of a run, about
	noisy     bool
}

// NewJudge makes a judge for a valid set, which must not change after.
func NewJudge(s *task.Set, o Options) (*Judge, error) {
	cfg := sim.ConfigOf(s)
	cfg.Mode, cfg.Careful = o.Mode, o.Careful
	simulator, err := sim.New(s, cfg)
	if err != nil {
		return nil, err
	}
	o.fill()
	j := &Judge{simulator: simulator, options: o, limits: make([]float64, len(s.Tasks)), noisy: Noisy(s)}
	horizon := float64(analysis.Horizon(s, o.Jobs))
	for i := range s.Tasks {
		jobs := horizon / float64(s.Tasks[i].Period)
		j.total += jobs
		j.limits[i] = float64(s.Tasks[i].MaxMissRate)*jobs + 1
	}
	return j, nil
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
	runs := uint64(1)
	if j.noisy {
		runs = 2 * uint64(j.options.Seeds)
	}
	for k := range runs {
		seed := j.options.Seed + k
		if k >= uint64(j.options.Seeds) {
			seed = fresh + k - uint64(j.options.Seeds)
		}
		share := j.run(p, seed, c.pace, &o)
		o.Progress += share / float64(runs)
		if share < 1 || o.Err != nil {
			return o
		}
	}
	o.Feasible, o.Progress = true, 1
	return o
}

// By how much the misses of paced candidates may be above those allowed so far,
// see sim.Options: of those of the local search, and of the sketch, which asks
// once for each.
const (
	localPace  = 1
	sketchPace = 2
)

// run returns how far a run came, 1 if no task misses too much.
func (j *Judge) run(p *task.Plan, seed uint64, pace float64, o *Outcome) float64 {
	r, err := j.simulator.Run(p, sim.Options{Jobs: j.options.Jobs, Seed: seed, StopWhenBroken: true, Pace: pace})
	if err != nil {
		o.Err = err
		return 0
	}
	came := 1.0
	if r.Stopped || r.WithinBound < 1 {
		came = min(0.999, max(1/j.total, float64(r.Jobs)/j.total))
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
