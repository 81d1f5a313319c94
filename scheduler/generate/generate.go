// Package generate makes random task sets for tests and benchmarks, each from
// its seed alone.
package generate

import (
	"fmt"
	"math"
	"time"

	"rtmdl/scheduler/task"
)

// Options are those of Set. The zero value of a field is the default named.
type Options struct {
	Tasks       int     // 3
	Levels      int     // variants a task: 9
	Utilisation float64 // of the accelerator by the largest variants: 1
	Queue       int
	CV          float64
	Jitter      time.Duration
	Workers     int // 1
	Slots       int // 1
	// Slow are the slowdowns of every pair of variants of different tasks:
	// that of the one with the shorter deadline and of the other one; 0: no table.
	Slow [2]task.Millionths
}

// Set returns a random set. The utilisation is split by UUniFast (Bini and
// Buttazzo, "Measuring the performance of schedulability tests", Real-Time
// Systems 30, 2005); periods are log-uniform in 30 to 500 ms (Emberson,
// Stafford and Davis, WATERS 2010), D/T is 0.6, 0.8 or 1, the CPU has 0.1 to
// 0.5 of a job's time at the largest level, in halves of random size. From the
// largest level to the smallest inference gets 1.5 to 2 times as fast at a
// loss of 3 to 8 %, the loss growing faster than the gain, as in the families
// of RT-mDL.
func Set(seed uint64, o Options) *task.Set {
	o.fill()
	r := NewSource(seed)
	s := task.NewSet()
	s.Platform = task.Platform{CPUWorkers: o.Workers, AcceleratorSlots: o.Slots}
	left := o.Utilisation
	for i := range o.Tasks {
		u := left
		if rest := o.Tasks - 1 - i; rest > 0 {
			next := left * math.Pow(r.Float(), 1/float64(rest))
			u, left = left-next, next
		}
		s.Tasks = append(s.Tasks, randomTask(r, fmt.Sprintf("t%d", i+1), u, o))
	}
	if o.Slow[0] > 0 {
		s.Packing = Table(s, o.Slow[0], o.Slow[1])
	}
	return s
}

func (o *Options) fill() {
	if o.Tasks == 0 {
		o.Tasks = 3
	}
	if o.Levels == 0 {
		o.Levels = 9
	}
	if o.Utilisation == 0 {
		o.Utilisation = 1
	}
	o.Workers = max(1, o.Workers)
	o.Slots = max(1, o.Slots)
}

func randomTask(r *Source, name string, u float64, o Options) task.Task {
	ms := math.Exp(r.Between(math.Log(30), math.Log(500)))
	t := task.Task{
		Name: name, Period: task.FromMilliseconds(ms), MaxMissRate: task.DefaultMaxMissRate,
		Queue: o.Queue, CV: o.CV, Jitter: o.Jitter,
	}
	t.Deadline = task.FromMilliseconds(ms * []float64{0.6, 0.8, 1}[r.Intn(3)])
	infer := ms * u
	share := r.Between(0.1, 0.5)
	cpu := infer * share / (1 - share)
	pre := cpu * r.Between(0.2, 0.8)
	best, worst := r.Between(0.7, 0.99), r.Between(0.03, 0.08)
	speed, bend := r.Between(1.5, 2), r.Between(1.2, 2.5)
	storage := r.Between(1e6, 5e7)
	for l := range o.Levels {
		size := 1.0
		if o.Levels > 1 {
			size = float64(l) / float64(o.Levels-1)
		}
		factor := 1/speed + (1-1/speed)*size
		t.Variants = append(t.Variants, task.Variant{
			Name:     fmt.Sprintf("l%d", l+1),
			Accuracy: task.Rate(math.Round(1e6*best*(1-worst*math.Pow(1-size, bend))) / 1e6),
			Storage:  task.Bytes(storage * (0.3 + 0.7*size)),
			Pre:      task.FromMilliseconds(pre),
			Infer:    task.FromMilliseconds(infer * factor),
			Post:     task.FromMilliseconds(cpu - pre),
		})
	}
	return t
}

// Table returns a packing table of all pairs of variants of different tasks:
// the task with the shorter deadline (ties: the first in the file) is slowed
// down by short, the other one by long.
func Table(s *task.Set, short, long task.Millionths) (rows []task.Pair) {
	for i := range s.Tasks {
		for j := i + 1; j < len(s.Tasks); j++ {
			a, b := short, long
			if s.Tasks[j].Deadline < s.Tasks[i].Deadline {
				a, b = long, short
			}
			for v := range s.Tasks[i].Variants {
				for w := range s.Tasks[j].Variants {
					rows = append(rows, task.Pair{
						A: task.Ref{Task: i, Variant: v}, B: task.Ref{Task: j, Variant: w}, SlowA: a, SlowB: b,
					})
				}
			}
		}
	}
	return rows
}
