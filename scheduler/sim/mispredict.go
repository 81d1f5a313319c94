package sim

import (
	"rtmdl/scheduler/draw"
	"rtmdl/scheduler/task"
)

// Reading is what of a slowdown is wrong when a table is.
type Reading uint8

// The readings.
const (
	// Excess: what a slowdown exceeds 1 by. A table's 1 is never wrong, and a
	// guard of the same size covers it.
	Excess Reading = iota
	// Whole: the slowdown itself, which does not get below 1. No guard on the
	// excess covers it.
	Whole
)

// Scale returns the table's slowdowns with that of each multiplied by a factor,
// rounded up to a millionth.
func (r Reading) Scale(s *task.Set, factor task.Millionths) [][2]task.Millionths {
	real := make([][2]task.Millionths, len(s.Packing))
	for i, p := range s.Packing {
		real[i] = [2]task.Millionths{r.times(p.SlowA, factor), r.times(p.SlowB, factor)}
	}
	return real
}

// Mispredict returns real slowdowns that differ from the set's table: each is
// larger or smaller by the share error, 0 to 1; the seed says which.
func (r Reading) Mispredict(s *task.Set, share task.Millionths, seed uint64) [][2]task.Millionths {
	real := make([][2]task.Millionths, len(s.Packing))
	for i, p := range s.Packing {
		d := draw.Of(seed, i)
		for side, slow := range [2]task.Millionths{p.SlowA, p.SlowB} {
			factor := task.One + share
			if d.Jitter(int64(side), 1) == 0 {
				factor = task.One - share
			}
			real[i][side] = r.times(slow, max(0, factor))
		}
	}
	return real
}

func (r Reading) times(slow, factor task.Millionths) task.Millionths {
	if r == Whole {
		return max(task.One, task.Millionths(stretch(int64(slow), factor)))
	}
	return task.One + task.Millionths(stretch(int64(slow-task.One), factor))
}
