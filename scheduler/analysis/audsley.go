package analysis

import (
	"time"

	"rtmdl/scheduler/task"
)

// Audsley assigns distinct priorities, 0 to n-1, from the lowest up: on each
// level stands a task that keeps its deadline there whatever the order of
// those above it. proven is false where the test lets no task stand on some
// level (or does not apply: noise); the lowest level then goes to the task
// that exceeds its deadline least, bounded before unbounded, ties to the
// longer deadline, and the order is a heuristic. Packing is not looked at.
func Audsley(s *task.Set, variants []int) (priorities []int, proven bool) {
	n := len(s.Tasks)
	h := newHolistic(s, variants, false)
	proven = true
	for i := range h.chains {
		c := &h.chains[i]
		slack := c.deadline
		for _, st := range c.stages {
			slack -= st.c
		}
		if slack < 0 {
			proven = false
		}
		// Whoever keeps its deadline starts infer and post at most this late.
		c.stages[1].j = c.jitter + max(0, slack)
		c.stages[2].j = c.jitter + max(0, slack)
		proven = proven && s.Tasks[i].CV == 0
	}
	left := make([]int, n)
	for i := range left {
		left[i] = n - 1 - i // of equal deadlines the last in the file stands lowest
	}
	sortBy(left, func(i int) int64 { return -h.chains[i].deadline })
	priorities = make([]int, n)
	for level := n - 1; level >= 0; level-- {
		at, least := 0, int64(Unbounded)
		for k, i := range left {
			excess := h.excess(i, left)
			if excess < least {
				at, least = k, excess
			}
			if excess <= 0 {
				break
			}
		}
		proven = proven && least <= 0
		priorities[left[at]] = level
		left = append(left[:at], left[at+1:]...)
	}
	return priorities, proven
}

// excess is by how much the response of i exceeds its deadline with all of
// left above it.
func (h *holistic) excess(i int, left []int) int64 {
	among := make([]bool, len(h.chains))
	for _, o := range left {
		among[o] = true
	}
	saved := h.chains[i]
	// Its own jitters are those of its own responses, as in settle.
	c := &h.chains[i]
	c.stages[1].j, c.stages[2].j = 0, 0
	ok := true
	for changed := true; ok && changed; {
		before := c.stages
		ok = h.analyse(i, func(o int) bool { return among[o] })
		changed = c.stages != before
	}
	response := h.chains[i].response
	h.chains[i] = saved
	if !ok {
		return int64(Unbounded) - int64(min(time.Duration(saved.deadline), task.MaxTime)) - 1
	}
	return response - saved.deadline
}
