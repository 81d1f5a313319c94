package planning

import (
	"context"
	"runtime"
	"time"

	"rtmdl/scheduler/plan"
	"rtmdl/scheduler/task"
)

// Options are those of Run.
type Options struct {
	plan.Options
	Time     time.Duration // the search stops after it; 0: when it is done
	Workers  int           // simulations at a time; 0: one a core
	Progress func(Progress)
}

// Progress is the state of a search.
type Progress struct {
	Elapsed     time.Duration
	Evaluations int
	Feasible    bool
	Loss, Bound float64 // of the best plan, if Feasible, and of any
}

// Outcome is a result with how it was reached.
type Outcome struct {
	*plan.Result
	Evaluations int
	FoundAfter  time.Duration // when the plan that is returned was found
	NearAfter   time.Duration // when the first feasible one was whose loss is at most 1 % above its; 0: none
	Took        time.Duration // the whole search
	Done        bool          // the search ended by itself
	Interrupted bool
}

// Run searches until the planner is done, time is up or ctx ends, and returns
// the best plan so far in each case.
func Run(ctx context.Context, s *task.Set, o Options) (*Outcome, error) {
	start := time.Now()
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	pool, err := NewPool(s, o.Options, o.Workers)
	if err != nil {
		return nil, err
	}
	p, err := plan.New(s, pool, o.Options)
	if err != nil {
		return nil, err
	}
	out := &Outcome{}
	var gains []gain
	for found := -1; ; {
		done, err := p.Step()
		if err != nil {
			return nil, err
		}
		elapsed := time.Since(start)
		if p.FoundAt != found {
			found, out.FoundAfter = p.FoundAt, elapsed
			if best := p.Best(); best != nil {
				gains = append(gains, gain{elapsed, best.Loss()})
			}
		}
		if o.Progress != nil {
			progress := Progress{Elapsed: elapsed, Evaluations: p.Evaluations, Bound: p.LowerBound()}
			if best := p.Best(); best != nil {
				progress.Feasible, progress.Loss = true, best.Loss()
			}
			o.Progress(progress)
		}
		out.Done, out.Interrupted = done, ctx.Err() != nil
		if done || out.Interrupted || o.Time > 0 && elapsed >= o.Time {
			break
		}
	}
	out.Took, out.Evaluations = time.Since(start), p.Evaluations
	out.NearAfter = near(gains)
	out.Result, err = p.Result(pool.Judge())
	return out, err
}

// gain is a feasible plan that was better than those before it.
type gain struct {
	after time.Duration
	loss  float64
}

// near returns when a loss at most 1 % above the last one was reached first.
func near(gains []gain) time.Duration {
	for _, g := range gains {
		if g.loss <= gains[len(gains)-1].loss*1.01 {
			return g.after
		}
	}
	return 0
}
