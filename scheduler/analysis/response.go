package analysis

import (
	"errors"
	"math"
	"time"

	"rtmdl/scheduler/task"
)

// Unbounded stands for a response time that the analysis can't bound.
const Unbounded = time.Duration(math.MaxInt64)

var (
	// ErrNoise is returned for a set in which stage times vary.
	ErrNoise = errors.New("no bound: the stage times vary (cv above 0)")
	// ErrPacking is returned where the plan lets inferences share the accelerator.
	ErrPacking = errors.New("no bound: inferences may share the accelerator")
)

// Responses bounds the response time of each task, from the release of a job
// to the end of its post, under a plan. blackbox says that a job holds CPU and
// accelerator together. Unbounded is an answer for a task, too; the errors are
// ErrNoise and ErrPacking.
//
// With m CPU workers the work that may run at the beginning of a wait is taken
// as m times the longest CPU stage: sound, and coarse. With one it is the
// longest stage that is less urgent.
func Responses(s *task.Set, p *task.Plan, blackbox bool) ([]time.Duration, error) {
	for i := range s.Tasks {
		if s.Tasks[i].CV > 0 {
			return nil, ErrNoise
		}
	}
	if packs(s, p) && !blackbox {
		return nil, ErrPacking
	}
	h := newHolistic(s, p.Variants, blackbox)
	out := make([]time.Duration, len(s.Tasks))
	for i := range out {
		out[i] = Unbounded
	}
	// A class of equal priorities depends on those before it and on itself.
	for _, class := range classes(p.Priorities) {
		if !h.settle(class, p.Priorities) {
			break // what is less urgent can't be bounded either
		}
		for _, i := range class {
			out[i] = time.Duration(h.chains[i].response)
		}
	}
	return out, nil
}

// packs reports whether two inferences may run at once.
func packs(s *task.Set, p *task.Plan) bool {
	if s.Platform.AcceleratorSlots < 2 {
		return false
	}
	for r := range s.Packing {
		row := &s.Packing[r]
		if (p.Pairs == nil || p.Pairs[r]) && row.A.Task != row.B.Task &&
			p.Variants[row.A.Task] == row.A.Variant && p.Variants[row.B.Task] == row.B.Variant {
			return true
		}
	}
	return false
}

// classes returns the tasks by ascending priority, equal ones together.
func classes(priorities []int) [][]int {
	order := make([]int, len(priorities))
	for i := range order {
		order[i] = i
	}
	sortBy(order, func(i int) int64 { return int64(priorities[i]) })
	var out [][]int
	for k, i := range order {
		if k == 0 || priorities[i] != priorities[order[k-1]] {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], i)
	}
	return out
}

// settle repeats the analysis of a class until no jitter grows.
func (h *holistic) settle(class, priorities []int) bool {
	for changed := true; changed; {
		changed = false
		for _, i := range class {
			before := h.chains[i]
			ok := h.analyse(i, func(o int) bool { return priorities[o] <= priorities[i] })
			if !ok {
				return false
			}
			changed = changed || h.chains[i].stages != before.stages
		}
	}
	return true
}
