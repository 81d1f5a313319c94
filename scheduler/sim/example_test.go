package sim_test

import (
	"fmt"
	"time"

	"rtmdl/scheduler/priority"
	"rtmdl/scheduler/sim"
	"rtmdl/scheduler/task"
)

// Two tasks on one CPU worker and one accelerator slot, with deadline-monotonic
// priorities: with their large networks they need more than there is.
func Example() {
	set := task.NewSet()
	for _, t := range []struct {
		name     string
		deadline time.Duration
	}{{"sign", 33 * time.Millisecond}, {"lane", 20 * time.Millisecond}} {
		set.Tasks = append(set.Tasks, task.Task{
			Name: t.name, Period: t.deadline, Deadline: t.deadline, MaxMissRate: task.DefaultMaxMissRate,
			Variants: []task.Variant{
				{Name: "w100", Accuracy: 0.95, Pre: time.Millisecond, Infer: 12 * time.Millisecond, Post: time.Millisecond},
				{Name: "w50", Accuracy: 0.93, Pre: time.Millisecond, Infer: 8 * time.Millisecond, Post: time.Millisecond},
			},
		})
	}
	simulator, err := sim.New(set, sim.ConfigOf(set))
	if err != nil {
		fmt.Println(err)
		return
	}
	for variant := range 2 {
		plan := task.NewPlan([]int{variant, variant})
		priority.DeadlineMonotonic(set, plan)
		r, err := simulator.Run(plan, sim.Options{Jobs: 1000})
		if err != nil {
			fmt.Println(err)
			return
		}
		for i, t := range r.Tasks {
			fmt.Printf("%s: %d of %d late\n", set.VariantName(task.Ref{Task: i, Variant: variant}), t.Missed, t.Released)
		}
	}

	// Output:
	// sign/w100: 0 of 1000 late
	// lane/w100: 450 of 1650 late
	// sign/w50: 0 of 1000 late
	// lane/w50: 0 of 1650 late
}
