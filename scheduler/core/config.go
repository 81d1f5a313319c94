package core

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// MaxCPUWorkers is the largest accepted number of CPU workers.
const MaxCPUWorkers = 1024

// TaskID is a task's index in Config.Tasks, that is its place in the file.
type TaskID int

// Task is what the core knows of a task. Stage times are not part of it: the
// core learns of them when a stage completes.
type Task struct {
	// Name is for people; it is required and unique.
	Name string
	// Priority orders ready jobs: the smaller number is the more urgent.
	// Any value; those of different tasks may be equal.
	Priority int
	// Deadline is the relative deadline, > 0. DeadlineMonotonic reads it;
	// Step goes by the absolute deadline of the release event alone.
	Deadline time.Duration
	// Queue is 0 to keep all jobs of the task, or 1 to keep the newest: a
	// release then removes the job of the same task that has not yet started
	// its first stage.
	Queue int
}

// Config is what a Core is made from.
type Config struct {
	// Tasks are the tasks in the order of the file, at least one.
	Tasks []Task
	// CPUWorkers is the number of CPU workers, up to MaxCPUWorkers; 0 means 1.
	CPUWorkers int
	// AcceleratorSlots is the number of inferences that the accelerator may
	// run at a time; 0 means 1. There is no packing yet: only 1 is accepted.
	AcceleratorSlots int
	// Late is the late policy; the zero value is LateSkip.
	Late LatePolicy
}

// Validate returns all that is wrong with c, joined, each problem with its
// field and value; nil if nothing is.
func (c Config) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.CPUWorkers < 0 || c.CPUWorkers > MaxCPUWorkers {
		bad("CPUWorkers: %d: want 0 to %d", c.CPUWorkers, MaxCPUWorkers)
	}
	switch {
	case c.AcceleratorSlots == 2:
		bad("AcceleratorSlots: 2: packing is not available yet, want 1")
	case c.AcceleratorSlots < 0 || c.AcceleratorSlots > 2:
		bad("AcceleratorSlots: %d: want 1", c.AcceleratorSlots)
	}
	if c.Late > LateAbort {
		bad("Late: %d: want LateSkip, LateRun or LateAbort", c.Late)
	}
	if len(c.Tasks) == 0 || len(c.Tasks) > math.MaxInt32 {
		bad("Tasks: %d tasks: want at least one", len(c.Tasks))
	}
	first := make(map[string]int, len(c.Tasks))
	for i, t := range c.Tasks {
		if t.Name == "" {
			bad("Tasks[%d].Name: %q: want a name", i, t.Name)
		} else if j, ok := first[t.Name]; ok {
			bad("Tasks[%d].Name: %q: Tasks[%d] has the same name", i, t.Name, j)
		} else {
			first[t.Name] = i
		}
		if t.Deadline <= 0 {
			bad("Tasks[%d].Deadline: %v: want more than 0", i, t.Deadline)
		}
		if t.Queue != 0 && t.Queue != 1 {
			bad("Tasks[%d].Queue: %d: want 0 or 1", i, t.Queue)
		}
	}
	return errors.Join(errs...)
}

// DeadlineMonotonic sets the priorities of tasks to 0 to n-1 by relative
// deadline, the shortest first, equal deadlines in the order given. It
// changes Priority alone, in place.
func DeadlineMonotonic(tasks []Task) {
	order := make([]int, len(tasks))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(tasks[a].Deadline, tasks[b].Deadline) })
	for priority, i := range order {
		tasks[i].Priority = priority
	}
}
