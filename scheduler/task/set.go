package task

import (
	"time"

	"rtmdl/scheduler/core"
)

// Set is a task set with its platform and constraints. NewSet has the
// defaults; Validate says what the fields may be.
type Set struct {
	Platform    Platform
	Constraints Constraints
	Tasks       []Task // in file order, at least one
	Packing     []Pair // who may share the accelerator; may be empty
}

// Platform is what the tasks run on.
type Platform struct {
	CPUWorkers       int // 1 to core.MaxCPUWorkers
	AcceleratorSlots int // 1 (no packing) or 2
}

// Constraints are the bounds that a plan has to keep, and how a run is judged.
type Constraints struct {
	// Storage bounds the storage of a plan; 0: unbounded.
	Storage Bytes
	Late    core.LatePolicy
	// PackingBound is by how much joiners may stretch a more urgent
	// inference, 0 to MaxFactor.
	PackingBound Millionths
	// PackingGuard is by how much the excess of a slowdown over 1 is enlarged
	// in predictions, 0 to MaxFactor.
	PackingGuard Millionths
}

// Task is one task. Its times are at most MaxTime.
type Task struct {
	Name     string        // printable, not empty, without "/"; unique
	Period   time.Duration // > 0
	Deadline time.Duration // relative, > 0; it may exceed the period
	Offset   time.Duration // release of job 0 without jitter, >= 0
	Jitter   time.Duration // a release is late by 0 to Jitter, >= 0
	// MaxMissRate is zeta, the share of jobs that may miss their deadlines.
	MaxMissRate Rate
	CV          float64 // coefficient of variation of the stage times, 0 to MaxCV
	Queue       int     // 0: keep all jobs; 1: keep the newest
	Variants    []Variant
}

// Variant is one size of a task's network.
type Variant struct {
	Name     string // as that of a task; unique in its task
	Accuracy Rate
	Storage  Bytes  // of what no other variant has
	Shared   []Part // of what others of the task may have too
	// The nominal stage times, >= 0. 0: the stage passes through its queue
	// all the same.
	Pre, Infer, Post time.Duration
}

// Part is storage that variants of one task share. Where they have a part of
// the same name it is of the same size.
type Part struct {
	Name string // unique in its variant
	Size Bytes
}

// Ref names a variant by its indices.
type Ref struct {
	Task    int // in Set.Tasks
	Variant int // in Task.Variants
}

// Pair is a row of the packing table. Rows between two variants of one task
// are accepted and never of use, since jobs of one task never share.
type Pair struct {
	A, B         Ref        // not the same
	SlowA, SlowB Millionths // of A beside B and of B beside A, One to MaxFactor
}

// Default values of a file's optional fields, beside those of Task: deadline
// the period, all others 0.
const (
	DefaultMaxMissRate  Rate       = 0.1
	DefaultPackingBound Millionths = 100_000
	DefaultPackingGuard Millionths = 200_000
)

// NewSet returns a set without tasks in which all else is as by default.
func NewSet() *Set {
	return &Set{
		Platform:    Platform{CPUWorkers: 1, AcceleratorSlots: 1},
		Constraints: Constraints{PackingBound: DefaultPackingBound, PackingGuard: DefaultPackingGuard},
	}
}

// Total returns the sum of the stage times.
func (v *Variant) Total() time.Duration { return v.Pre + v.Infer + v.Post }

// TotalStorage returns the storage of the variant with its shared parts: what
// a plan that chooses it needs for the task.
func (v *Variant) TotalStorage() Bytes {
	sum := v.Storage
	for _, p := range v.Shared {
		sum += p.Size
	}
	return sum
}

// FamilyStorage returns the storage of all variants, each shared part counted
// once.
func (t *Task) FamilyStorage() Bytes {
	var sum Bytes
	seen := map[string]bool{}
	for i := range t.Variants {
		sum += t.Variants[i].Storage
		for _, p := range t.Variants[i].Shared {
			if !seen[p.Name] {
				seen[p.Name] = true
				sum += p.Size
			}
		}
	}
	return sum
}

// MaxAccuracy returns the highest accuracy of the variants.
func (t *Task) MaxAccuracy() Rate {
	best := Rate(0)
	for i := range t.Variants {
		best = max(best, t.Variants[i].Accuracy)
	}
	return best
}

// Loss returns the accuracy loss ratio of a variant, (A_max - A)/A_max; 0 if
// A_max is 0.
func (t *Task) Loss(variant int) float64 {
	best := t.MaxAccuracy()
	if best == 0 {
		return 0
	}
	return float64((best - t.Variants[variant].Accuracy) / best)
}

// Largest returns the index of the variant of the highest accuracy, of equal
// ones the first.
func (t *Task) Largest() int {
	best := 0
	for i := range t.Variants {
		if t.Variants[i].Accuracy > t.Variants[best].Accuracy {
			best = i
		}
	}
	return best
}

// Smallest returns the index of the variant of the least inference time, of
// equal ones the first.
func (t *Task) Smallest() int {
	best := 0
	for i := range t.Variants {
		if t.Variants[i].Infer < t.Variants[best].Infer {
			best = i
		}
	}
	return best
}

// LongestPeriod returns the longest period of all tasks, by which horizons
// are counted.
func (s *Set) LongestPeriod() time.Duration {
	longest := time.Duration(0)
	for i := range s.Tasks {
		longest = max(longest, s.Tasks[i].Period)
	}
	return longest
}

// VariantName returns "task/variant", as files have it.
func (s *Set) VariantName(r Ref) string {
	t := &s.Tasks[r.Task]
	return t.Name + "/" + t.Variants[r.Variant].Name
}
