package sim

import (
	"math"
	"slices"
	"time"

	"rtmdl/scheduler/draw"
	"rtmdl/scheduler/task"
)

// never is later than everything.
const never = math.MaxInt64

// source makes the releases of one task, one after the other by release and,
// of equal ones, by job.
type source struct {
	seed           draw.Seed
	period, jitter int64
	base           int64 // the next job's release without jitter
	job            int64 // and its number
	horizon        int64
	next           int64 // the release that comes next, or never
	nextJob        int64
	pending        []pending // jobs drawn ahead, where jitter exceeds the period
	change         TaskChange
	changes, ahead bool
}

type pending struct{ at, job int64 }

func (s *source) reset(seed draw.Seed, t *task.Task, horizon int64, change *TaskChange) {
	*s = source{
		seed: seed, period: int64(t.Period), jitter: int64(t.Jitter), base: int64(t.Offset), horizon: horizon,
		pending: s.pending[:0],
	}
	if change != nil && *change != (TaskChange{}) {
		s.change, s.changes = *change, true
		s.skip()
	}
	s.ahead = s.jitter > s.period || s.changes
	s.advance()
}

// advance finds the release that comes next.
func (s *source) advance() {
	if !s.ahead {
		if s.base >= s.horizon {
			s.next = never
			return
		}
		s.next, s.nextJob = s.base+s.seed.Jitter(s.job, s.jitter), s.job
		s.step()
		return
	}
	// A job that is not drawn yet is released at its base or later.
	for s.base < s.horizon && (len(s.pending) == 0 || s.base <= s.pending[0].at) {
		p := pending{s.base + s.seed.Jitter(s.job, s.jitter), s.job}
		i := len(s.pending)
		for i > 0 && s.pending[i-1].at > p.at {
			i--
		}
		s.pending = slices.Insert(s.pending, i, p)
		s.step()
	}
	if len(s.pending) == 0 {
		s.next = never
		return
	}
	s.next, s.nextJob = s.pending[0].at, s.pending[0].job
	s.pending = slices.Delete(s.pending, 0, 1)
}

// step goes to the next job.
func (s *source) step() {
	if !s.changes {
		s.base += s.period
	} else {
		s.base += s.gap()
		s.skip()
	}
	s.job++
}

func (s *source) gap() int64 {
	period := s.period
	if at := s.change.FasterAt; at != 0 && s.base >= int64(at) {
		period = int64(s.change.Period)
	}
	if s.change.Poisson {
		return s.seed.Gap(s.job, period)
	}
	return max(1, period)
}

// skip passes over the jobs outside of the task's bounds.
func (s *source) skip() {
	for s.base < int64(s.change.From) {
		s.base += s.gap()
		s.job++
	}
	if to := s.change.To; to != 0 && s.base >= int64(to) {
		s.base = s.horizon
	}
}

// queue has the sources of all tasks by their next release, then by task.
type queue struct {
	heap []head
}

type head struct {
	at   int64
	task int32
}

func (h head) before(o head) bool { return h.at < o.at || h.at == o.at && h.task < o.task }

func (q *queue) reset(sources []source) {
	q.heap = q.heap[:0]
	for i := range sources {
		q.heap = append(q.heap, head{sources[i].next, int32(i)})
	}
	for i := len(q.heap)/2 - 1; i >= 0; i-- {
		q.down(i)
	}
}

func (q *queue) first() head { return q.heap[0] }

// replace gives the first task its next release.
func (q *queue) replace(at int64) {
	q.heap[0].at = at
	q.down(0)
}

func (q *queue) down(i int) {
	e := q.heap[i]
	for {
		child := 2*i + 1
		if child >= len(q.heap) {
			break
		}
		if child+1 < len(q.heap) && q.heap[child+1].before(q.heap[child]) {
			child++
		}
		if !q.heap[child].before(e) {
			break
		}
		q.heap[i] = q.heap[child]
		i = child
	}
	q.heap[i] = e
}

// counted returns how many jobs of a periodic task may be counted at most:
// those with a deadline within the horizon if they have no jitter.
func counted(t *task.Task, horizon int64) int64 {
	room := horizon - int64(t.Deadline) - int64(t.Offset)
	if room < 0 {
		return 0
	}
	jobs := room/int64(t.Period) + 1
	last := int64(t.Offset) + (jobs-1)*int64(t.Period)
	if last >= horizon { // not with deadlines above 0
		jobs--
	}
	return jobs
}

// throttled returns how long a stage lasts that starts at now.
func (c *Changes) throttled(now, length int64) int64 {
	for _, t := range c.Throttles {
		if time.Duration(now) >= t.From && time.Duration(now) < t.To {
			length = stretch(length, t.Factor)
		}
	}
	return length
}
