package core_test

import (
	"fmt"
	"time"

	"rtmdl/scheduler/core"
)

// Two tasks on one CPU worker and one accelerator slot. A caller with a clock
// of its own reports what has happened and carries out what is decided.
func Example() {
	tasks := []core.Task{
		{Name: "lane", Deadline: 40 * time.Millisecond},
		{Name: "sign", Deadline: 30 * time.Millisecond, Queue: 1},
	}
	core.DeadlineMonotonic(tasks)
	c, err := core.New(core.Config{Tasks: tasks, Late: core.LateSkip})
	if err != nil {
		fmt.Println(err)
		return
	}

	const lane, sign = core.TaskID(0), core.TaskID(1)
	ms := func(n int) core.Time { return core.Time(n) * core.Time(time.Millisecond) }
	var decisions []core.Decision
	step := func(now core.Time, events ...core.Event) {
		decisions, err = c.Step(now, events, decisions[:0])
		if err != nil {
			fmt.Println(err)
		}
		for _, d := range decisions {
			fmt.Printf("%v ms: %v job %d, %v", time.Duration(now).Milliseconds(), d.Kind, d.Job, d.Stage)
			if d.Kind == core.Start {
				fmt.Printf(" on %v %d after %v", d.Resource, d.Unit, d.Blocked)
			}
			fmt.Println()
		}
	}

	step(ms(0), core.Event{Kind: core.Release, Job: 1, Task: lane, Release: ms(0), Deadline: ms(40)})
	step(ms(2), core.Event{Kind: core.Release, Job: 2, Task: sign, Release: ms(2), Deadline: ms(32)})
	step(ms(3), core.Event{Kind: core.StageComplete, Job: 1, Stage: core.Pre})
	step(ms(4), core.Event{Kind: core.StageComplete, Job: 2, Stage: core.Pre})
	step(ms(9), core.Event{Kind: core.StageComplete, Job: 1, Stage: core.Infer})
	step(ms(10), core.Event{Kind: core.StageComplete, Job: 1, Stage: core.Post})
	step(ms(33), core.Event{Kind: core.StageComplete, Job: 2, Stage: core.Infer})

	// Output:
	// 0 ms: start job 1, pre on cpu 0 after 0s
	// 3 ms: start job 2, pre on cpu 0 after 1ms
	// 3 ms: start job 1, infer on accelerator 0 after 0s
	// 9 ms: start job 1, post on cpu 0 after 0s
	// 9 ms: start job 2, infer on accelerator 0 after 5ms
	// 10 ms: finish job 1, post
	// 33 ms: expire job 2, post
}
