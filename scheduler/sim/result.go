package sim

import (
	"slices"
	"time"

	"rtmdl/scheduler/core"
	"rtmdl/scheduler/task"
)

// Result is what a run came to. Rates and accuracies are 0 to 1.
type Result struct {
	Tasks []TaskResult // in file order
	// The miss rates: their mean over all tasks, that over all jobs, and the
	// largest.
	MacroMissRate, MicroMissRate, MaxMissRate float64
	// WithinBound is the share of tasks that keep their MaxMissRate.
	WithinBound float64
	// The accuracy losses: their mean and sum over tasks.
	MeanLoss, SumLoss float64
	// OnTimeAccuracy is the mean over tasks of (1 - miss rate) * accuracy.
	OnTimeAccuracy float64
	// Packed counts the inferences that joined a running one, of counted
	// jobs or not.
	Packed int
	// Guaranteed counts the inferences that a less urgent one joined, and
	// Broken those of them that ended late by more than the packing bound for
	// that reason.
	Guaranteed, Broken int
	// Stops counts the inferences that were told to stop, of counted jobs or not.
	Stops int
	// Jobs counts all jobs that were released, counted or not.
	Jobs int
	// Stopped is whether Options.StopWhenBroken ended the run.
	Stopped bool
}

// TaskResult is what a run came to for one task.
type TaskResult struct {
	Variant, Priority int
	// Released counts the counted jobs; Missed those of them that were late
	// or never completed; Completed those that completed, late or not.
	Released, Missed, Completed int
	// Outcomes counts them by how they ended, by core.DecisionKind.
	Outcomes [core.Refuse + 1]int
	MissRate float64
	Accuracy task.Rate
	Loss     float64
	// The response times of completed counted jobs, by nearest rank; 0 of
	// none. P50 and P99 are 0 without Options.Percentiles.
	P50, P99, Max time.Duration

	max int64
}

func (r *Result) reset() {
	tasks := r.Tasks
	clear(tasks)
	*r = Result{Tasks: tasks}
}

// Clone returns a copy that later runs do not change.
func (r *Result) Clone() *Result {
	c := *r
	c.Tasks = slices.Clone(r.Tasks)
	return &c
}

// Within reports whether a task keeps its MaxMissRate.
func (r *TaskResult) Within(zeta task.Rate) bool { return r.MissRate <= float64(zeta) }

// finish computes the figures from the counts.
func (s *Simulator) finish(p *task.Plan) {
	r := &s.result
	released, missed, within := 0, 0, 0
	for i := range r.Tasks {
		t := &r.Tasks[i]
		t.Variant, t.Priority = p.Variants[i], p.Priorities[i]
		if t.Released > 0 {
			t.MissRate = float64(t.Missed) / float64(t.Released)
		}
		t.Accuracy = s.set.Tasks[i].Variants[t.Variant].Accuracy
		if s.best[i] > 0 {
			t.Loss = float64((s.best[i] - t.Accuracy) / s.best[i])
		}
		t.Max = time.Duration(t.max)
		if s.percent {
			slices.Sort(s.responses[i])
			t.P50, t.P99 = nearestRank(s.responses[i], 50), nearestRank(s.responses[i], 99)
		}
		released += t.Released
		missed += t.Missed
		if t.Within(s.set.Tasks[i].MaxMissRate) {
			within++
		}
		r.MacroMissRate += t.MissRate
		r.MaxMissRate = max(r.MaxMissRate, t.MissRate)
		r.SumLoss += t.Loss
		r.OnTimeAccuracy += (1 - t.MissRate) * float64(t.Accuracy)
	}
	n := float64(len(r.Tasks))
	if released > 0 {
		r.MicroMissRate = float64(missed) / float64(released)
	}
	r.MacroMissRate /= n
	r.WithinBound = float64(within) / n
	r.MeanLoss = r.SumLoss / n
	r.OnTimeAccuracy /= n
}

// nearestRank returns the p-th percentile of sorted values, 0 of none.
func nearestRank(sorted []int64, p int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return time.Duration(sorted[(len(sorted)*p+99)/100-1])
}
