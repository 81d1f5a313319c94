package core

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"rtmdl/scheduler/pack"
)

// newHall is a core with 64 ready inferences, each of which is asked at each
// step whether it may join the one that runs, and may not. The step ends a pre
// and releases another job of the same task.
func newHall(tb testing.TB) (step func()) {
	cfg := Config{CPUWorkers: 1, AcceleratorSlots: 2, Late: LateSkip, Rule: pack.Rule{Bound: 100_000, Guard: 200_000}}
	const n = 64
	for i := range n + 2 {
		cfg.Tasks = append(cfg.Tasks, Task{
			Name: fmt.Sprint(i), Priority: i * 37 % n, Deadline: time.Hour,
			Variants: []Times{{Infer: time.Millisecond}, {Infer: time.Second}},
		})
		for k := range i {
			cfg.Packing = append(cfg.Packing, Pair{A: Ref{TaskID(i), 0}, B: Ref{TaskID(k), 0}, SlowA: 1_600_000, SlowB: 1_600_000})
		}
	}
	c, err := New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	var now Time
	var decisions []Decision
	var events []Event
	do := func() {
		if decisions, err = c.Step(now, events, decisions[:0]); err != nil {
			tb.Fatal(err)
		}
		now++
	}
	release := func(job JobID, task TaskID) Event {
		return Event{Kind: Release, Job: job, Task: task, Release: now, Deadline: now.Add(time.Hour)}
	}
	for i := range TaskID(n + 1) {
		events = append(events[:0], release(JobID(i+1), i))
		do()
		events = append(events[:0], Event{Kind: StageComplete, Job: JobID(i + 1)})
		do()
	}
	job := JobID(n + 2)
	events = append(events[:0], release(job, n+1))
	do()
	if c.Ready(Accelerator) != n || c.Busy(Accelerator) != 1 {
		tb.Fatalf("%d ready, %d run", c.Ready(Accelerator), c.Busy(Accelerator))
	}
	return func() {
		events = append(events[:0], Event{Kind: StageFailed, Job: job}, release(job+1, n+1))
		do()
		job++
	}
}

// BenchmarkDecisionPacked is one decision with 64 ready inferences, all passed
// over.
func BenchmarkDecisionPacked(b *testing.B) {
	step := newHall(b)
	took := make([]time.Duration, 0, 1<<20)
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		step()
		if len(took) < cap(took) {
			took = append(took, time.Since(start))
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds()), "p99-ns")
}

func TestPassingOverAllocatesNothing(t *testing.T) {
	step := newHall(t)
	for range 100 {
		step()
	}
	if n := testing.AllocsPerRun(1000, step); n != 0 {
		t.Errorf("%v allocations a step", n)
	}
}
