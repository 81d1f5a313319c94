package sim

import (
	"rtmdl/scheduler/draw"
	"rtmdl/scheduler/task"
)

// Mispredict returns real slowdowns that differ from the set's table: the
// excess over 1 of each is larger or smaller by the share error, 0 to 1,
// rounded up to a millionth; the seed says which.
func Mispredict(s *task.Set, share task.Millionths, seed uint64) [][2]task.Millionths {
	real := make([][2]task.Millionths, len(s.Packing))
	for i, p := range s.Packing {
		d := draw.Of(seed, i)
		for side, slow := range [2]task.Millionths{p.SlowA, p.SlowB} {
			factor := task.One + share
			if d.Jitter(int64(side), 1) == 0 {
				factor = task.One - share
			}
			real[i][side] = task.One + task.Millionths(stretch(int64(slow-task.One), max(0, factor)))
		}
	}
	return real
}

// Scale returns the table's slowdowns with the excess over 1 of each
// multiplied by a factor.
func Scale(s *task.Set, factor task.Millionths) [][2]task.Millionths {
	real := make([][2]task.Millionths, len(s.Packing))
	for i, p := range s.Packing {
		real[i][0] = task.One + task.Millionths(stretch(int64(p.SlowA-task.One), factor))
		real[i][1] = task.One + task.Millionths(stretch(int64(p.SlowB-task.One), factor))
	}
	return real
}
