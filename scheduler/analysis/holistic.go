package analysis

import (
	"slices"

	"rtmdl/scheduler/task"
)

// chain is one task under analysis.
type chain struct {
	stages   [3]stream // pre, infer, post; under blackbox the whole job is infer
	jitter   int64     // of the release
	deadline int64
	response int64 // from the release of a job
}

// holistic is the analysis of a set with a variant chosen for each task.
type holistic struct {
	chains  []chain
	workers int64
	whole   bool // blackbox: one stage, on the accelerator
	limit   int64
	more    []stream // reused
}

func newHolistic(s *task.Set, variants []int, blackbox bool) *holistic {
	h := &holistic{chains: make([]chain, len(s.Tasks)), workers: int64(s.Platform.CPUWorkers), whole: blackbox}
	longest := int64(0)
	for i := range s.Tasks {
		t := &s.Tasks[i]
		v := &t.Variants[variants[i]]
		work := [3]int64{int64(v.Pre), int64(v.Infer), int64(v.Post)}
		if blackbox {
			work = [3]int64{0, int64(v.Total()), 0}
		}
		c := &h.chains[i]
		c.jitter, c.deadline = int64(t.Jitter), int64(t.Deadline)
		for k := range c.stages {
			c.stages[k] = stream{c: work[k], t: int64(t.Period), j: c.jitter}
		}
		longest = max(longest, int64(t.Period+t.Deadline+t.Jitter))
	}
	h.limit = 100 * min(longest, 1e16)
	return h
}

// analyse bounds the stages of task i one after the other, with the jitters
// that the others have now, and sets those of i. moreUrgent includes i itself.
func (h *holistic) analyse(i int, moreUrgent func(int) bool) bool {
	c := &h.chains[i]
	overtake := c.jitter >= c.stages[0].t
	nominal, sum, least := c.jitter, int64(0), int64(0)
	for k := range c.stages {
		s := &c.stages[k]
		if h.whole && k != 1 {
			continue
		}
		// Tindell and Clark: the jitter of a stage is how much later than at
		// the earliest the one before may end.
		if s.j = max(s.j, nominal-least); s.j > h.limit {
			return false
		}
		w := h.window(i, k, moreUrgent)
		fromNominal, fromArrival, ok := w.response(*s, overtake)
		if !ok || fromNominal > h.limit {
			return false
		}
		nominal = fromNominal + least // the stage's own zero is its earliest arrival
		sum += fromArrival
		least += s.c
	}
	c.response = min(nominal, sum)
	return true
}

// window is what stage k of task i may have to wait for. The other CPU stage
// of the task counts as more urgent: that of an earlier job is, and that of a
// later one may be running.
func (h *holistic) window(i, k int, moreUrgent func(int) bool) *window {
	w := &window{m: 1, limit: h.limit, more: h.more[:0]}
	cpu := k != 1
	if cpu {
		w.m = h.workers
	}
	longest := int64(0)
	for o := range h.chains {
		for l := range h.chains[o].stages {
			if (l != 1) != cpu {
				continue
			}
			s := h.chains[o].stages[l]
			urgent := moreUrgent(o)
			if urgent && !(o == i && l == k) {
				w.more = append(w.more, s)
			}
			if w.m > 1 || !urgent {
				longest = max(longest, s.c)
			}
		}
	}
	w.blocked = w.m * longest
	h.more = w.more
	return w
}

// sortBy sorts by ascending key and keeps the order of equal ones.
func sortBy(order []int, key func(int) int64) {
	slices.SortStableFunc(order, func(a, b int) int {
		switch ka, kb := key(a), key(b); {
		case ka < kb:
			return -1
		case ka > kb:
			return 1
		}
		return 0
	})
}
