package livebench

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rtmdl/internal/adaptive"
	"rtmdl/scheduler/core"
	"rtmdl/scheduler/sim"
	"rtmdl/scheduler/task"
)

// Of a prediction: jobs of a run, and how long the plan of the method full is searched for.
const (
	predictedJobs = 2000
	planTime      = time.Second
)

// Predict simulates the runs of split and full with the levels' times of a profile, and adds the tasks' miss rates to
// them: with the queues and the policy of the suite, the rate and deadline of the run, and the plan that it begins with.
func (r *Results) Predict(ctx context.Context, profile *task.Set) error {
	for i := range r.Runs {
		run := &r.Runs[i]
		if run.Method != "split" && run.Method != "full" {
			continue
		}
		set := at(profile, run.RateHz)
		plan := &task.Plan{Variants: make([]int, len(set.Tasks)), Priorities: make([]int, len(set.Tasks))}
		for k := range set.Tasks {
			t := &set.Tasks[k]
			plan.Variants[k], plan.Priorities[k] = slices.IndexFunc(t.Variants, func(v task.Variant) bool { return v.Name == largest }), k
			if plan.Variants[k] < 0 {
				return fmt.Errorf("the profile has no %s/%s", t.Name, largest)
			}
		}
		if run.Method == "full" {
			first, err := adaptive.First(ctx, set, planTime)
			if err != nil {
				return err
			}
			plan.Variants, plan.Priorities = first.Variants, first.Priorities
		}
		s, err := sim.New(set, sim.ConfigOf(set))
		if err != nil {
			return err
		}
		got, err := s.Run(plan, sim.Options{Jobs: predictedJobs})
		if err != nil {
			return err
		}
		for k := range set.Tasks {
			for j := range run.Tasks {
				if run.Tasks[j].Name == set.Tasks[k].Name {
					run.Tasks[j].Simulated = &got.Tasks[k].MissRate
				}
			}
		}
	}
	return nil
}

// at returns a profile at a rate, with a period for a deadline.
func at(profile *task.Set, rate float64) *task.Set {
	set := *profile
	set.Tasks = slices.Clone(profile.Tasks)
	set.Platform.AcceleratorSlots, set.Constraints.Late = 1, core.LateSkip
	for i := range set.Tasks {
		t := &set.Tasks[i]
		t.Period = time.Duration(float64(time.Second) / rate)
		t.Deadline, t.Offset, t.Jitter, t.Queue = t.Period, 0, 0, 1
	}
	return &set
}
