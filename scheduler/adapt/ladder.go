package adapt

import (
	"slices"
	"time"

	"rtmdl/scheduler/core"
	"rtmdl/scheduler/task"
)

// Rung is a plan that holds up to a load, relative to the set of the ladder's first rung.
type Rung struct {
	Load float64 // >= 1
	Plan core.Plan
}

// Headroom is the load that a plan, and each rung beyond its own load, has to hold: measured times are never still.
const Headroom = 1.1

// Loads are those that a ladder is made for, ascending.
func Loads() []float64 { return []float64{1, 1.2, 1.4, 1.7, 2, 2.5, 3} }

// Scaled returns a copy of a set with its stage times stretched by a load.
func Scaled(s *task.Set, load float64) *task.Set {
	out := clone(s)
	for i := range out.Tasks {
		for k := range out.Tasks[i].Variants {
			v := &out.Tasks[i].Variants[k]
			v.Pre, v.Infer, v.Post = stretch(v.Pre, load), stretch(v.Infer, load), stretch(v.Post, load)
		}
	}
	return out
}

func clone(s *task.Set) *task.Set {
	out := *s
	out.Tasks = slices.Clone(s.Tasks)
	for i := range out.Tasks {
		out.Tasks[i].Variants = slices.Clone(s.Tasks[i].Variants)
	}
	return &out
}

func stretch(d time.Duration, by float64) time.Duration { return time.Duration(float64(d) * by) }

// How a Stepper moves.
const (
	slack    = 0.2             // a rung is left upwards when the load exceeds its own by this share
	calm     = 0.1             // and downwards when the load is below that of the next lower one by this share
	calmTime = 3 * time.Second // for so long
)

// Stepper chooses the rung. Its zero value stands on the first one.
type Stepper struct {
	rung  int
	load  float64   // the last one
	since core.Time // when the load began to be low
	low   bool
}

// Step returns the rung for a load at an instant, and whether it is another one than before. rungs is not empty and
// ascends. One that is high once is not believed: it takes two in a row.
func (s *Stepper) Step(rungs []Rung, load float64, now core.Time) (rung int, moved bool) {
	before := min(s.rung, len(rungs)-1)
	s.rung = before
	for s.rung < len(rungs)-1 && min(load, s.load) > rungs[s.rung].Load*(1+slack) {
		s.rung++
	}
	s.load = load
	wasLow := s.low
	if s.low = s.rung > 0 && load < rungs[s.rung-1].Load*(1-calm); s.low && !wasLow {
		s.since = now
	}
	if s.low && now.Sub(s.since) >= calmTime {
		s.rung--
		s.low = false
	}
	return s.rung, s.rung != before
}

// Reset goes to the first rung, of a new ladder.
func (s *Stepper) Reset() { *s = Stepper{} }
