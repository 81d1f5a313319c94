package analysis

import (
	"math"
	"math/bits"
	"time"

	"rtmdl/scheduler/task"
)

// LossUnit is the whole-number unit of losses: 10^-12 of a loss ratio. Losses
// are rounded down to it, so that sums of them are exact and a lower bound
// stays one.
const LossUnit = 1e-12

// UnitLoss returns the loss of a variant in LossUnit.
func UnitLoss(t *task.Task, variant int) int64 { return int64(t.Loss(variant) / LossUnit) }

// The dimensions of a floor.
const (
	OnAccelerator = iota
	OnCPU
	InStorage
	dimensions
)

// Floors are the necessary conditions of a plan that is feasible over a run of
// some length: work that has to be done within it against the time that there
// is, and storage.
//
// Over jobs -> infinity they are those of utilisation, sum (1 - zeta) infer/T
// <= the best packing speed-up (1 without packing), and the same for the CPU
// workers; over fewer the ends of the run are allowed for: a counted job is
// released and due within the horizon, and all but floor(zeta * counted) of
// them are done in time.
type Floors struct {
	// Valid is false where stage times vary: the floors are then those of
	// mean times, an estimate and no bound.
	Valid bool
	// Must is by task the least number of jobs that have to be met.
	Must []int64
	// Capacity by dimension: ns, worker-ns, bytes (Unlimited for none).
	Capacity [dimensions]int64
	// Weight is what a variant of a task takes of each, by task and variant;
	// more than the capacity where the variant can't meet its deadline at all
	// and has to.
	Weight [][][dimensions]int64
}

// Unlimited is the capacity of a dimension without a bound.
const Unlimited = math.MaxInt64 / 4

// NewFloors returns the floors of a set over a run of jobs of its slowest
// task, without packing if not packing.
func NewFloors(s *task.Set, jobs int, packing bool) *Floors {
	horizon := times(int64(jobs), int64(s.LongestPeriod()))
	f := &Floors{Valid: true, Must: make([]int64, len(s.Tasks)), Weight: make([][][dimensions]int64, len(s.Tasks))}
	f.Capacity[OnAccelerator] = speedUp(s, horizon, packing)
	f.Capacity[OnCPU] = times(horizon, int64(s.Platform.CPUWorkers))
	f.Capacity[InStorage] = Unlimited
	if s.Constraints.Storage > 0 {
		f.Capacity[InStorage] = int64(s.Constraints.Storage)
	}
	for i := range s.Tasks {
		t := &s.Tasks[i]
		f.Valid = f.Valid && t.CV == 0
		f.Must[i] = must(t, horizon)
		f.Weight[i] = make([][dimensions]int64, len(t.Variants))
		for v := range t.Variants {
			f.Weight[i][v] = f.weight(t, &t.Variants[v], f.Must[i])
		}
	}
	return f
}

func (f *Floors) weight(t *task.Task, v *task.Variant, must int64) (w [dimensions]int64) {
	w[OnAccelerator] = times(must, int64(v.Infer))
	w[OnCPU] = times(must, int64(v.Pre+v.Post))
	w[InStorage] = int64(v.TotalStorage())
	if must > 0 && v.Total() > t.Deadline {
		w[OnAccelerator] = Unlimited
	}
	return w
}

// must returns how many jobs of t have to be met. Those that are due within
// the horizon at their largest jitter count for sure; if more count, more have
// to be met.
func must(t *task.Task, horizon int64) int64 {
	room := horizon - int64(t.Offset) - int64(t.Jitter) - int64(t.Deadline)
	if room < 0 {
		return 0
	}
	sure := room/int64(t.Period) + 1
	return sure - Allowed(t.MaxMissRate, sure)
}

// Allowed returns how many of n jobs may be missed: the largest m with
// m/n <= zeta, as it is computed for a report.
func Allowed(zeta task.Rate, n int64) int64 {
	if n == 0 {
		return 0
	}
	m := int64(float64(zeta) * float64(n))
	for m < n && float64(m+1)/float64(n) <= float64(zeta) {
		m++
	}
	for m > 0 && float64(m)/float64(n) > float64(zeta) {
		m--
	}
	return m
}

// speedUp returns the most nominal accelerator work that is done in time t:
// 1/alpha(a|b) + 1/alpha(b|a) of it with the best pair, rounded up.
func speedUp(s *task.Set, t int64, packing bool) int64 {
	best := t
	if !packing || s.Platform.AcceleratorSlots < 2 {
		return best
	}
	for _, row := range s.Packing {
		if row.A.Task == row.B.Task {
			continue
		}
		a, b := uint64(row.SlowA), uint64(row.SlowB)
		hi, lo := bits.Mul64(uint64(t), (a+b)*uint64(task.One))
		if hi >= a*b {
			return Unlimited
		}
		quotient, _ := bits.Div64(hi, lo, a*b)
		best = max(best, int64(min(quotient+1, Unlimited)))
	}
	return best
}

// times multiplies numbers >= 0, and stops at Unlimited.
func times(a, b int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	if hi > 0 || lo > Unlimited {
		return Unlimited
	}
	return int64(lo)
}

// Excess returns by how much a choice of variants exceeds the floors, each
// dimension as a share of its capacity; 0 for none.
func (f *Floors) Excess(variants []int) (excess [dimensions]float64) {
	for d := range excess {
		sum := int64(0)
		for i, v := range variants {
			sum = min(sum+min(f.Weight[i][v][d], Unlimited), Unlimited)
		}
		if sum > f.Capacity[d] {
			excess[d] = float64(sum-f.Capacity[d]) / float64(max(1, f.Capacity[d]))
		}
	}
	return excess
}

// Admits reports whether a choice of variants keeps all floors.
func (f *Floors) Admits(variants []int) bool { return f.Excess(variants) == [dimensions]float64{} }

// Knapsack returns the problem of the least loss under the floors.
func (f *Floors) Knapsack(s *task.Set) *Knapsack {
	k := &Knapsack{Capacity: f.Capacity, Items: make([][]Choice, len(s.Tasks))}
	for i := range s.Tasks {
		for v := range s.Tasks[i].Variants {
			k.Items[i] = append(k.Items[i], Choice{UnitLoss(&s.Tasks[i], v), f.Weight[i][v]})
		}
	}
	return k
}

// Horizon returns the length of a run over jobs of the slowest task.
func Horizon(s *task.Set, jobs int) time.Duration {
	return time.Duration(times(int64(jobs), int64(s.LongestPeriod())))
}
