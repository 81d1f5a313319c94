package sim

import (
	"errors"
	"time"

	"rtmdl/scheduler/core"
	"rtmdl/scheduler/pack"
	"rtmdl/scheduler/task"
)

// Config is what a Simulator is made with. ConfigOf has what a file says.
type Config struct {
	Mode       core.Mode
	Order      core.Order
	Late       core.LatePolicy
	CPUWorkers int // 1 to core.MaxCPUWorkers
	Slots      int // 1 or 2
	Packing    pack.Style
	Careful    bool // see pack.Rule
	// Stop is whether inferences are stopped for more urgent ones, and StopTime how long the slot is busy from that decision on.
	Stop     core.StopPolicy
	StopTime time.Duration
}

// ConfigOf returns mode split, fixed priorities, and the late policy and
// platform of the set.
func ConfigOf(s *task.Set) Config {
	return Config{
		Late:       s.Constraints.Late,
		CPUWorkers: s.Platform.CPUWorkers,
		Slots:      s.Platform.AcceleratorSlots,
	}
}

// Options are those of one run.
type Options struct {
	// Jobs is the number of jobs of the slowest task; 0 means DefaultJobs.
	Jobs int
	// Seed is that of jitter and noise.
	Seed uint64
	// Percentiles asks for P50 and P99, for which responses are sorted.
	Percentiles bool
	// StopWhenBroken ends the run as soon as some task has missed so many
	// jobs that it can't keep its MaxMissRate any more. The counts are then
	// those up to there, and Result.Stopped is set.
	StopWhenBroken bool
	// Pace, if not 0, ends the run also as soon as some task has missed more
	// than its MaxMissRate x of the jobs so far allows by Pace*(2 + sqrt(x)):
	// a guess that it will not keep its rate to the end.
	Pace float64
	// Slowdowns are the real ones by row of Set.Packing, of A beside B and of
	// B beside A, at least task.One each; nil: those of the table.
	Slowdowns [][2]task.Millionths
	// Changes are what the set does not say; nil: nothing.
	Changes *Changes
	// Trace, if not nil, is filled with what happened.
	Trace *Trace
}

// DefaultJobs is Options.Jobs where it is 0.
const DefaultJobs = 1000

// What Run returns beside the Problems of a plan.
var (
	// ErrHorizon is returned when the horizon or the run would exceed the
	// range of times, some 73 years.
	ErrHorizon = errors.New("the simulated time is too long")
	// ErrSlowdowns is returned when Options.Slowdowns do not fit the set.
	ErrSlowdowns = errors.New("the real slowdowns do not fit the packing table")
	// ErrJobs is returned when Options.Jobs is negative.
	ErrJobs = errors.New("the number of jobs is negative")
)

// Core returns what a core of a valid set is made with: each task with its first variant and priority 0.
func (c Config) Core(s *task.Set) core.Config {
	cfg := core.Config{
		Tasks:            make([]core.Task, len(s.Tasks)),
		CPUWorkers:       c.CPUWorkers,
		AcceleratorSlots: c.Slots,
		Late:             c.Late,
		Mode:             c.Mode,
		Order:            c.Order,
		Stop:             c.Stop,
		StopTime:         c.StopTime,
		Packing:          make([]core.Pair, len(s.Packing)),
		Rule: pack.Rule{
			Bound: pack.Factor(s.Constraints.PackingBound),
			Guard: pack.Factor(s.Constraints.PackingGuard),
			Style: c.Packing, Careful: c.Careful,
		},
	}
	for i := range s.Tasks {
		t := &s.Tasks[i]
		cfg.Tasks[i] = core.Task{Name: t.Name, Deadline: t.Deadline, Queue: t.Queue}
		for k := range t.Variants {
			v := &t.Variants[k]
			cfg.Tasks[i].Variants = append(cfg.Tasks[i].Variants, core.Times{Pre: v.Pre, Infer: v.Infer, Post: v.Post})
		}
	}
	for i, p := range s.Packing {
		cfg.Packing[i] = core.Pair{
			A: core.Ref{Task: core.TaskID(p.A.Task), Variant: p.A.Variant}, SlowA: pack.Factor(p.SlowA),
			B: core.Ref{Task: core.TaskID(p.B.Task), Variant: p.B.Variant}, SlowB: pack.Factor(p.SlowB),
		}
	}
	return cfg
}

// Changes are dynamics beyond a set of periodic tasks, for experiments.
type Changes struct {
	// Throttles stretch what starts within them.
	Throttles []Throttle
	// Tasks are by task; missing ones change nothing.
	Tasks []TaskChange
}

// Throttle multiplies the actual time of stages that start in [From, To).
type Throttle struct {
	From, To time.Duration
	Factor   task.Millionths
}

// TaskChange changes when a task's jobs are released. The zero value changes
// nothing. Jitter comes on top.
type TaskChange struct {
	// From and To bound the releases, [From, To); To 0: no bound.
	From, To time.Duration
	// FasterAt is when the period becomes Period; 0: never.
	FasterAt, Period time.Duration
	// Poisson makes the gaps between releases exponential with the period as
	// their mean.
	Poisson bool
}
