package core

import (
	"slices"
	"testing"
	"time"
)

// crowd is a core with n jobs ready on the CPU besides the one that runs, and
// a loop that keeps it so: each step completes a pre, cancels no one, starts
// the next and releases one more. What is past pre is cancelled, so that the
// accelerator stays out of it.
type crowd struct {
	c         *Core
	events    []Event
	decisions []Decision
	now       Time
	next      JobID
	running   JobID
}

func newCrowd(tb testing.TB, n int, late LatePolicy) *crowd {
	cfg := Config{CPUWorkers: 1, Late: late}
	for i := range 64 {
		cfg.Tasks = append(cfg.Tasks, Task{Name: string(rune('A' + i)), Priority: (i * 37) % 64, Deadline: time.Second})
	}
	c, err := New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	w := &crowd{c: c, next: 1}
	for range n + 1 {
		w.events = append(w.events, w.release())
	}
	w.step(tb)
	return w
}

func (w *crowd) release() Event {
	e := Event{
		Kind: Release, Job: w.next, Task: TaskID(w.next * 29 % 64),
		Release: w.now, Deadline: w.now.Add(time.Hour),
	}
	w.next++
	return e
}

// step is one decision: a stage fails, a job is released, the most urgent of
// those that wait is started.
func (w *crowd) step(tb testing.TB) {
	var err error
	if w.decisions, err = w.c.Step(w.now, w.events, w.decisions[:0]); err != nil {
		tb.Fatal(err)
	}
	for _, d := range w.decisions {
		if d.Kind == Start {
			w.running = d.Job
		}
	}
	w.now++
	w.events = append(w.events[:0], Event{Kind: StageFailed, Job: w.running, Stage: Pre}, w.release())
}

// BenchmarkDecision is one decision with 64 ready jobs.
func BenchmarkDecision(b *testing.B) {
	for late := LateSkip; late <= LateAbort; late++ {
		b.Run(late.String(), func(b *testing.B) {
			w := newCrowd(b, 64, late)
			took := make([]time.Duration, 0, 1<<20)
			b.ReportAllocs()
			for b.Loop() {
				start := time.Now()
				w.step(b)
				if len(took) < cap(took) {
					took = append(took, time.Since(start))
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds()), "p99-ns")
		})
	}
}

// flow drives n periodic tasks on exact instants, with as little beside the
// core as it can.
type flow struct {
	c         *Core
	n         int
	ends      [3]Time // by unit: two workers and a slot; never where it is free
	running   [3]Event
	events    []Event
	decisions []Decision
	release   Time
	next      JobID
	ended     int
}

const never = Time(1) << 62

func newFlow(tb testing.TB, n int, late LatePolicy) *flow {
	cfg := Config{CPUWorkers: 2, Late: late}
	for i := range n {
		cfg.Tasks = append(cfg.Tasks, Task{Name: string(rune(i + 1)), Priority: i, Deadline: time.Second, Queue: i % 2})
	}
	c, err := New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return &flow{c: c, n: n, ends: [3]Time{never, never, never}, next: 1}
}

// step goes to the next instant.
func (f *flow) step(tb testing.TB) {
	now := min(f.release, f.ends[0], f.ends[1], f.ends[2])
	if at, ok := f.c.NextWake(); ok {
		now = min(now, at)
	}
	f.events = f.events[:0]
	for u := range f.ends {
		if f.ends[u] == now {
			f.ends[u] = never
			f.events = append(f.events, f.running[u])
		}
	}
	if f.release == now {
		f.events = append(f.events, Event{
			Kind: Release, Job: f.next, Task: TaskID(int(f.next) % f.n), Release: now, Deadline: now + 600,
		})
		f.next++
		f.release += 105 // the accelerator is used to 95 %
	}
	var err error
	if f.decisions, err = f.c.Step(now, f.events, f.decisions[:0]); err != nil {
		tb.Fatal(err)
	}
	for _, d := range f.decisions {
		u := d.Unit
		if d.Resource == Accelerator && u >= 0 {
			u = 2
		}
		switch {
		case d.Kind == Start:
			length := [3]Time{30, 80, 20}[d.Stage] + Time(d.Job*7%41)
			f.ends[u] = now + length
			f.running[u] = Event{Kind: StageComplete, Job: d.Job, Stage: d.Stage}
		default:
			f.ended++
			if u >= 0 && f.running[u].Job == d.Job {
				f.ends[u] = never // aborted
			}
		}
	}
}

// BenchmarkThroughput is whole jobs a second, the driver included.
func BenchmarkThroughput(b *testing.B) {
	for late := LateSkip; late <= LateAbort; late++ {
		b.Run(late.String(), func(b *testing.B) {
			f := newFlow(b, 8, late)
			b.ReportAllocs()
			for b.Loop() {
				for target := f.ended + 1000; f.ended < target; {
					f.step(b)
				}
			}
			b.ReportMetric(float64(f.ended)/b.Elapsed().Seconds(), "jobs/s")
		})
	}
}

// BenchmarkManyTasks releases 10,000 tasks at one instant and runs all jobs to
// their ends.
func BenchmarkManyTasks(b *testing.B) {
	const n = 10_000
	cfg := Config{CPUWorkers: 1, Late: LateRun}
	for i := range n {
		cfg.Tasks = append(cfg.Tasks, Task{Name: string(rune(0x10000 + i)), Priority: i * 7919 % n, Deadline: time.Second})
	}
	c, err := New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	var now Time
	var events []Event
	var decisions []Decision
	b.ReportAllocs()
	for b.Loop() {
		events = events[:0]
		for i := range n {
			events = append(events, Event{
				Kind: Release, Job: JobID(i + 1), Task: TaskID(i), Release: now, Deadline: now + 1,
			})
		}
		for len(events) > 0 {
			if decisions, err = c.Step(now, events, decisions[:0]); err != nil {
				b.Fatal(err)
			}
			now++
			events = events[:0]
			for _, d := range decisions {
				if d.Kind == Start {
					events = append(events, Event{Kind: StageComplete, Job: d.Job, Stage: d.Stage})
				}
			}
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
}

func TestStepAllocatesNothingInSteadyState(t *testing.T) {
	for late := LateSkip; late <= LateAbort; late++ {
		w := newCrowd(t, 64, late)
		f := newFlow(t, 8, late)
		for range 2000 { // until every slice has grown
			w.step(t)
			f.step(t)
		}
		if n := testing.AllocsPerRun(2000, func() { w.step(t); f.step(t) }); n != 0 {
			t.Errorf("%v: %v allocations a step", late, n)
		}
	}
}
