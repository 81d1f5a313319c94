// Package planning runs the planner of scheduler/plan against the clock: it
// simulates in parallel, stops in time or when interrupted, and reports
// progress.
package planning

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"rtmdl/scheduler/plan"
	"rtmdl/scheduler/task"
)

// Pool judges candidates on several cores at once. One batch at a time.
type Pool struct {
	// Context, if not nil, makes every outcome an error when it ends.
	Context context.Context
	judges  []*plan.Judge
}

var _ plan.Evaluator = (*Pool)(nil)

// NewPool makes a pool of workers, at least one. The set must not change after.
func NewPool(s *task.Set, o plan.Options, workers int) (*Pool, error) {
	p := &Pool{}
	for range max(1, workers) {
		j, err := plan.NewJudge(s, o)
		if err != nil {
			return nil, err
		}
		p.judges = append(p.judges, j)
	}
	return p, nil
}

// Judge returns one of the judges, for use between batches.
func (p *Pool) Judge() *plan.Judge { return p.judges[0] }

// Evaluate returns when all of the batch are judged.
func (p *Pool) Evaluate(batch []*plan.Candidate, fresh []uint64) []plan.Outcome {
	if p.Context != nil && p.Context.Err() != nil {
		return slices.Repeat([]plan.Outcome{{Err: p.Context.Err()}}, len(batch))
	}
	if len(p.judges) == 1 || len(batch) == 1 {
		return p.judges[0].Evaluate(batch, fresh)
	}
	out := make([]plan.Outcome, len(batch))
	var next atomic.Int64
	var wait sync.WaitGroup
	for _, j := range p.judges {
		wait.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(batch)); i = next.Add(1) - 1 {
				out[i] = j.Judge(batch[i], fresh[i])
			}
		})
	}
	wait.Wait()
	return out
}
