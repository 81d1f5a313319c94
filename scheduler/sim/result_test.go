package sim_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rtmdl/scheduler/core"
	"rtmdl/scheduler/sim"
	"rtmdl/scheduler/task"
)

const ms = time.Millisecond

// run simulates a set and fails the test if that is refused.
func run(t *testing.T, s *task.Set, p *task.Plan, cfg sim.Config, o sim.Options) *sim.Result {
	t.Helper()
	simulator, err := sim.New(s, cfg)
	if err != nil {
		t.Fatal(err)
	}
	r, err := simulator.Run(p, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestFigures is a schedule by hand. The accelerator alone takes time: a needs
// 4 of its 10 ms, b 8 of its 20 with a deadline of 9. At 0 a runs to 4 and b to
// 12, late; a's job of 10 waits until 12 and is done at 16. At 20 all of this
// begins again.
func TestFigures(t *testing.T) {
	s := task.NewSet()
	s.Constraints.Late = core.LateRun
	s.Tasks = []task.Task{
		{Name: "a", Period: 10 * ms, Deadline: 10 * ms, MaxMissRate: 0, Variants: []task.Variant{
			{Name: "large", Accuracy: 0.8, Infer: 9 * ms}, {Name: "small", Accuracy: 0.6, Infer: 4 * ms}}},
		{Name: "b", Period: 20 * ms, Deadline: 9 * ms, MaxMissRate: 0.5, Variants: []task.Variant{
			{Name: "only", Accuracy: 0.5, Infer: 8 * ms}}},
	}
	p := &task.Plan{Variants: []int{1, 0}, Priorities: []int{0, 3}}
	got := run(t, s, p, sim.ConfigOf(s), sim.Options{Jobs: 5, Percentiles: true})
	a := sim.TaskResult{Variant: 1, Priority: 0, Released: 10, Completed: 10, Accuracy: 0.6, Loss: 0.25, P50: 4 * ms, P99: 6 * ms, Max: 6 * ms}
	a.Outcomes[core.Finish] = 10
	b := sim.TaskResult{Variant: 0, Priority: 3, Released: 5, Missed: 5, Completed: 5, MissRate: 1, Accuracy: 0.5,
		P50: 12 * ms, P99: 12 * ms, Max: 12 * ms}
	b.Outcomes[core.Finish] = 5
	want := &sim.Result{
		Tasks:         []sim.TaskResult{a, b},
		MacroMissRate: 0.5, MicroMissRate: 5. / 15, MaxMissRate: 1, WithinBound: 0.5,
		MeanLoss: 0.125, SumLoss: 0.25, OnTimeAccuracy: 0.3, Jobs: 15,
	}
	near := cmp.Comparer(func(x, y float64) bool { return math.Abs(x-y) < 1e-12 })
	hidden := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".max" }, cmp.Ignore())
	if diff := cmp.Diff(want, got, near, hidden, cmp.AllowUnexported(sim.TaskResult{})); diff != "" {
		t.Errorf("figures differ (-want +got):\n%s", diff)
	}
}

// TestJobsPastTheHorizonTakePartUncounted: with an offset and a deadline past
// the period the last jobs are not counted, but hold up others.
func TestJobsPastTheHorizonTakePartUncounted(t *testing.T) {
	s := task.NewSet()
	s.Tasks = []task.Task{
		{Name: "a", Period: 10, Deadline: 25, Offset: 5, Variants: []task.Variant{{Name: "v", Infer: 1}}},
		{Name: "never", Period: 10, Deadline: 10, Offset: 100, Variants: []task.Variant{{Name: "v", Infer: 1}}},
	}
	r := run(t, s, task.NewPlan([]int{0, 0}), sim.ConfigOf(s), sim.Options{Jobs: 10})
	// Horizon 100: jobs at 5, 15, ..., 95 exist; those up to 75 are counted.
	if r.Jobs != 10 || r.Tasks[0].Released != 8 || r.Tasks[1].Released != 0 || r.Tasks[1].MissRate != 0 {
		t.Errorf("%+v", r)
	}
}

func TestNearestRank(t *testing.T) {
	s := task.NewSet()
	s.Constraints.Late = core.LateRun
	s.Tasks = []task.Task{{Name: "a", Period: 1000, Deadline: 1000, CV: 0.3, Variants: []task.Variant{{Name: "v", Infer: 100}}}}
	for _, jobs := range []int{1, 2, 3, 99, 100, 101, 200, 201} {
		trace := &sim.Trace{}
		r := run(t, s, task.NewPlan([]int{0}), sim.ConfigOf(s), sim.Options{Jobs: jobs, Percentiles: true, Trace: trace})
		below := func(x time.Duration) (n int) {
			for _, j := range trace.Jobs {
				if j.End-j.Release <= x {
					n++
				}
			}
			return n
		}
		// The smallest response that at least p % do not exceed.
		for p, x := range map[int]time.Duration{50: r.Tasks[0].P50, 99: r.Tasks[0].P99, 100: r.Tasks[0].Max} {
			if 100*below(x) < p*jobs || 100*below(x-1) >= p*jobs {
				t.Errorf("%d jobs: p%d is %v, %d of them do not exceed it, %d are less", jobs, p, x, below(x), below(x-1))
			}
		}
	}
}

func TestWhatRunRefuses(t *testing.T) {
	s := loadedSet(2, 2)
	simulator, err := sim.New(s, sim.ConfigOf(s))
	if err != nil {
		t.Fatal(err)
	}
	good := distinct(s)
	for name, tc := range map[string]struct {
		plan *task.Plan
		opt  sim.Options
		want error
	}{
		"jobs":           {good, sim.Options{Jobs: -1}, sim.ErrJobs},
		"horizon":        {good, sim.Options{Jobs: math.MaxInt}, sim.ErrHorizon},
		"slowdowns":      {good, sim.Options{Slowdowns: make([][2]task.Millionths, 1)}, sim.ErrSlowdowns},
		"slowdown count": {good, sim.Options{Slowdowns: make([][2]task.Millionths, 2)}, sim.ErrSlowdowns},
	} {
		if _, err := simulator.Run(tc.plan, tc.opt); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var problems task.Problems
	if _, err := simulator.Run(task.NewPlan([]int{0, 1}), sim.Options{}); !errors.As(err, &problems) {
		t.Errorf("plan: %v", err)
	}
	if _, err := sim.New(task.NewSet(), sim.Config{}); !errors.As(err, &problems) {
		t.Errorf("set: %v", err)
	}
	if _, err := sim.New(s, sim.Config{CPUWorkers: 1, Slots: 3}); err == nil {
		t.Error("three slots")
	}
	if _, err := simulator.Run(good, sim.Options{Jobs: 5}); err != nil {
		t.Errorf("after all of this: %v", err)
	}
}

// TestLongTimesDoNotOverflow runs the longest times and the largest slowdowns
// that a file can have.
func TestLongTimesDoNotOverflow(t *testing.T) {
	s := task.NewSet()
	s.Platform.AcceleratorSlots = 2
	s.Constraints = task.Constraints{Late: core.LateRun, PackingBound: task.MaxFactor, PackingGuard: task.MaxFactor}
	v := []task.Variant{{Name: "v", Pre: task.MaxTime, Infer: task.MaxTime, Post: task.MaxTime}}
	for _, name := range []string{"a", "b", "c"} {
		s.Tasks = append(s.Tasks, task.Task{Name: name, Period: task.MaxTime, Deadline: task.MaxTime, Offset: task.MaxTime,
			Jitter: task.MaxTime, CV: task.MaxCV, Variants: v})
	}
	s.Packing = []task.Pair{{A: task.Ref{Task: 0}, B: task.Ref{Task: 1}, SlowA: task.One, SlowB: task.MaxFactor},
		{A: task.Ref{Task: 2}, B: task.Ref{Task: 1}, SlowA: task.MaxFactor, SlowB: task.One}}
	for _, mode := range []core.Mode{core.Split, core.BlackBox} {
		cfg := sim.ConfigOf(s)
		cfg.Mode = mode
		simulator, err := sim.New(s, cfg)
		if err != nil {
			t.Fatal(err)
		}
		for _, jobs := range []int{1, 20, 1000, 100_000} {
			r, err := simulator.Run(distinct(s), sim.Options{Jobs: jobs})
			if err != nil && !errors.Is(err, sim.ErrHorizon) {
				t.Fatal(err)
			}
			if err == nil && jobs > 1 && r.MicroMissRate < 0.5 {
				t.Errorf("%d jobs: %v", jobs, r.MicroMissRate)
			}
		}
	}
}

func TestChanges(t *testing.T) {
	s := task.NewSet()
	s.Tasks = []task.Task{
		{Name: "steady", Period: 10 * ms, Deadline: 10 * ms, Variants: []task.Variant{{Name: "v", Infer: 2 * ms}}},
		{Name: "other", Period: 10 * ms, Deadline: 10 * ms, Variants: []task.Variant{{Name: "v", Infer: 2 * ms}}},
	}
	releases := func(c sim.TaskChange, o sim.Options) (times []time.Duration, r *sim.Result) {
		o.Jobs, o.Trace = 100, &sim.Trace{}
		o.Changes = &sim.Changes{Tasks: []sim.TaskChange{{}, c}, Throttles: []sim.Throttle{{From: 500 * ms, To: 600 * ms, Factor: 3 * task.One}}}
		r = run(t, s, task.NewPlan([]int{0, 0}), sim.ConfigOf(s), o)
		for _, j := range o.Trace.Jobs {
			if j.Task == 1 {
				times = append(times, j.Release)
			}
		}
		return times, r
	}
	if got, r := releases(sim.TaskChange{From: 95 * ms, To: 200 * ms}, sim.Options{}); len(got) != 10 || got[0] != 100*ms || got[9] != 190*ms ||
		r.Tasks[0].Missed+r.Tasks[1].Missed != 0 {
		t.Errorf("arrives and leaves: %v", got)
	}
	if got, _ := releases(sim.TaskChange{FasterAt: 500 * ms, Period: 5 * ms}, sim.Options{}); len(got) != 150 {
		t.Errorf("twice the rate from the middle on: %d", len(got))
	}
	if got, r := releases(sim.TaskChange{}, sim.Options{}); len(got) != 100 || r.Tasks[0].Missed+r.Tasks[1].Missed == 0 {
		t.Errorf("throttled: %d, %+v", len(got), r)
	}
	if got, _ := releases(sim.TaskChange{Poisson: true}, sim.Options{Seed: 4}); len(got) < 70 || len(got) > 130 {
		t.Errorf("Poisson: %d", len(got))
	}
}

// TestTenThousandTasksAreSimulated at little load.
func TestTenThousandTasksAreSimulated(t *testing.T) {
	s := task.NewSet()
	for i := range 10_000 {
		s.Tasks = append(s.Tasks, task.Task{Name: "t" + time.Duration(i).String(), Period: time.Duration(100+i%7) * ms, Deadline: 100 * ms,
			Variants: []task.Variant{{Name: "v", Accuracy: 1, Pre: 1000, Infer: 2000, Post: 1000}}})
	}
	read, err := task.ParseSet("f", s.Marshal())
	if err != nil {
		t.Fatal(err)
	}
	r := run(t, read, distinct(read), sim.ConfigOf(read), sim.Options{Jobs: 3})
	if r.Jobs < 30_000 || r.MicroMissRate != 0 {
		t.Errorf("%d jobs, miss rate %v", r.Jobs, r.MicroMissRate)
	}
}
