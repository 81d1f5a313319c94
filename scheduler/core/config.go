package core

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"rtmdl/scheduler/pack"
)

// MaxCPUWorkers is the largest accepted number of CPU workers.
const MaxCPUWorkers = 1024

// TaskID is a task's index in Config.Tasks, that is its place in the file.
type TaskID int

// MaxTime is the longest accepted nominal time of a stage.
const MaxTime = 1e9 * time.Millisecond

// Task is what the core knows of a task. How long a stage really takes the
// core learns when it completes.
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
	// Variants are the nominal stage times of the task's variants, from which
	// packing, LLF and EDFAdmission predict. None: one variant of 0 ns.
	Variants []Times
	// Variant is the index of the one that jobs are of, until a PlanChanged.
	Variant int
}

// Config is what a Core is made from.
type Config struct {
	// Tasks are the tasks in the order of the file, at least one.
	Tasks []Task
	// CPUWorkers is the number of CPU workers, up to MaxCPUWorkers; 0 means 1.
	CPUWorkers int
	// AcceleratorSlots is the number of inferences that the accelerator may
	// run at a time, 1 or 2 (packing); 0 means 1.
	AcceleratorSlots int
	// Late is the late policy; the zero value is LateSkip.
	Late LatePolicy
	// KeepInferred makes LateSkip spare a post: a job whose inference is done
	// runs to its end, however late. False is the rule of the simulator's
	// model, true that of the live nodes, which publish what has been paid for.
	KeepInferred bool
	// Mode is what a job holds; the zero value is Split.
	Mode Mode
	// Order is that of ready jobs; the zero value is FixedPriority.
	Order Order
	// Packing are the pairs that may share the accelerator, each at most once.
	Packing []Pair
	// Rule is the bound and the guard of packing.
	Rule pack.Rule
	// Stop is whether a running inference may be stopped for a more urgent one; in mode Split alone.
	Stop StopPolicy
	// StopTime is how long a slot takes to be free after the decision to stop, >= 0; Core.SetStopTime changes it.
	StopTime time.Duration
}

// Validate returns all that is wrong with c, joined, each problem with its
// field and value; nil if nothing is.
func (c Config) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.CPUWorkers < 0 || c.CPUWorkers > MaxCPUWorkers {
		bad("CPUWorkers: %d: want 0 to %d", c.CPUWorkers, MaxCPUWorkers)
	}
	if c.AcceleratorSlots < 0 || c.AcceleratorSlots > 2 {
		bad("AcceleratorSlots: %d: want 0 to 2", c.AcceleratorSlots)
	}
	if c.Late > LateAbort {
		bad("Late: %d: want LateSkip, LateRun or LateAbort", c.Late)
	}
	if c.Mode > BlackBox {
		bad("Mode: %d: want Split or BlackBox", c.Mode)
	}
	if c.Order > EDFAdmission {
		bad("Order: %d: want FixedPriority, EDF, LLF or EDFAdmission", c.Order)
	}
	if c.Stop > StopDrop || c.Stop != StopNever && c.Mode != Split {
		bad("Stop: %d: want StopNever, or StopRestart or StopDrop in mode Split", c.Stop)
	}
	if c.StopTime < 0 || c.StopTime > MaxTime {
		bad("StopTime: %v: want 0 to %v", c.StopTime, MaxTime)
	}
	if c.Rule.Bound < 0 || c.Rule.Bound > pack.MaxFactor {
		bad("Rule.Bound: %d: want 0 to %d", c.Rule.Bound, pack.MaxFactor)
	}
	if c.Rule.Guard < 0 || c.Rule.Guard > pack.MaxFactor {
		bad("Rule.Guard: %d: want 0 to %d", c.Rule.Guard, pack.MaxFactor)
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
		for k, v := range t.Variants {
			if min(v.Pre, v.Infer, v.Post) < 0 || max(v.Pre, v.Infer, v.Post) > MaxTime {
				bad("Tasks[%d].Variants[%d]: %v: want 0 to %v each", i, k, v, MaxTime)
			}
		}
		if t.Variant < 0 || t.Variant >= max(1, len(t.Variants)) {
			bad("Tasks[%d].Variant: %d: want one of %d", i, t.Variant, max(1, len(t.Variants)))
		}
	}
	return errors.Join(append(errs, c.validatePairs()...)...)
}

func (c Config) validatePairs() (errs []error) {
	known := func(r Ref) bool {
		return r.Task >= 0 && int(r.Task) < len(c.Tasks) &&
			r.Variant >= 0 && r.Variant < max(1, len(c.Tasks[r.Task].Variants))
	}
	rows := make(map[[2]Ref]int, len(c.Packing))
	for i, p := range c.Packing {
		switch {
		case !known(p.A) || !known(p.B) || p.A == p.B:
			errs = append(errs, pairError(i, "%v, %v: want two variants of the tasks", p.A, p.B))
		case min(p.SlowA, p.SlowB) < pack.One || max(p.SlowA, p.SlowB) > pack.MaxFactor:
			errs = append(errs, pairError(i, "%d, %d: want slowdowns of %d to %d", p.SlowA, p.SlowB, pack.One, pack.MaxFactor))
		}
		if first, ok := rows[[2]Ref{p.A, p.B}]; ok {
			errs = append(errs, pairError(i, "%v, %v: Packing[%d] has the same pair", p.A, p.B, first))
		}
		rows[[2]Ref{p.A, p.B}], rows[[2]Ref{p.B, p.A}] = i, i
	}
	return errs
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

func pairError(row int, format string, args ...any) error {
	return fmt.Errorf("Packing[%d]: "+format, append([]any{row}, args...)...)
}
