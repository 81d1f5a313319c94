package sim_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"rtmdl/scheduler/core"
	"rtmdl/scheduler/generate"
	"rtmdl/scheduler/priority"
	"rtmdl/scheduler/sim"
	"rtmdl/scheduler/task"
)

// newUrgent has a long inference and, two milliseconds later, a short one with a deadline that can't wait for it.
func newUrgent() (*task.Set, *task.Plan) {
	const ms = time.Millisecond
	s := task.NewSet()
	s.Tasks = []task.Task{
		{Name: "long", Period: 100 * ms, Deadline: 100 * ms, Variants: []task.Variant{{Name: "w", Infer: 20 * ms}}},
		{Name: "short", Period: 100 * ms, Deadline: 10 * ms, Offset: 2 * ms, Variants: []task.Variant{{Name: "w", Infer: 5 * ms}}},
	}
	p := task.NewPlan([]int{0, 0})
	priority.DeadlineMonotonic(s, p)
	return s, p
}

func TestALongInferenceIsStoppedForAnUrgentOne(t *testing.T) {
	for _, test := range []struct {
		stop    core.StopPolicy
		time    time.Duration
		want    string // inferences by task, from and to in ms
		missed  [2]int
		aborted bool
	}{
		{core.StopNever, time.Millisecond, "long 0-20, short 20-25", [2]int{0, 1}, false},
		{core.StopRestart, time.Millisecond, "long 0-3!, short 3-8, long 8-28", [2]int{0, 0}, false},
		{core.StopDrop, time.Millisecond, "long 0-3!, short 3-8", [2]int{1, 0}, true},
		{core.StopRestart, 5 * time.Millisecond, "long 0-7!, short 7-12, long 12-32", [2]int{0, 0}, false},
		{core.StopRestart, 6 * time.Millisecond, "long 0-20, short 20-25", [2]int{0, 1}, false}, // too late, stopped or not
	} {
		t.Run(fmt.Sprint(test.stop, " ", test.time), func(t *testing.T) {
			set, plan := newUrgent()
			cfg := sim.ConfigOf(set)
			cfg.Late, cfg.Stop, cfg.StopTime = core.LateRun, test.stop, test.time
			s, err := sim.New(set, cfg)
			if err != nil {
				t.Fatal(err)
			}
			trace := &sim.Trace{}
			r, err := s.Run(plan, sim.Options{Jobs: 1, Trace: trace})
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, run := range trace.Runs {
				if run.Stage == core.Infer {
					mark := map[bool]string{true: "!"}[run.Aborted]
					got += fmt.Sprintf("%s %d-%d%s, ", set.Tasks[run.Task].Name, run.From.Milliseconds(), run.To.Milliseconds(), mark)
				}
			}
			if got != test.want+", " {
				t.Errorf("got %s, want %s", got, test.want)
			}
			for i, want := range test.missed {
				if r.Tasks[i].Missed != want || r.Tasks[i].Released != 1 {
					t.Errorf("%s: %+v", set.Tasks[i].Name, r.Tasks[i])
				}
			}
			if aborted := r.Tasks[0].Outcomes[core.Abort] == 1; aborted != test.aborted {
				t.Errorf("outcomes %v", r.Tasks[0].Outcomes)
			}
		})
	}
}

// TestStopsKeepTheModel: whatever is stopped, a slot runs one inference at a time, each job ends once, is stopped once at
// most, and only for a more urgent one that begins no later than the next step after it.
func TestStopsKeepTheModel(t *testing.T) {
	stops, policies := 0, []core.StopPolicy{core.StopRestart, core.StopDrop}
	for seed := range uint64(min(*sets, 2000)) {
		c := newCase(seed + 3_000_000)
		if c.cfg.Mode != core.Split {
			continue
		}
		c.cfg.Stop, c.cfg.StopTime = policies[seed%2], time.Duration(seed%5)*c.set.LongestPeriod()/50
		c.opt.Trace = &sim.Trace{}
		_, r := c.run(t)
		stops += r.Stops
		if err := checkStops(c, r); err != nil {
			t.Fatalf("seed %d: %v\n%+v\n%+v\n%s", seed, err, c.cfg, *c.plan, c.set.Marshal())
		}
	}
	if stops == 0 {
		t.Error("nothing was ever stopped")
	}
	t.Logf("%d stops", stops)
}

func checkStops(c *randomCase, r *sim.Result) error {
	type id struct {
		task int
		job  int64
	}
	stopped, ended, free := map[id]int{}, map[id]core.DecisionKind{}, map[string]time.Duration{}
	for _, j := range c.opt.Trace.Jobs {
		at := id{j.Task, j.Job}
		if ended[at] != 0 {
			return fmt.Errorf("%+v ended twice", j)
		}
		ended[at] = j.Outcome
	}
	runs := slices.Clone(c.opt.Trace.Runs)
	slices.SortStableFunc(runs, func(a, b sim.StageRun) int { return int(a.From - b.From) })
	for _, run := range runs {
		unit := fmt.Sprint(run.Resource, run.Unit)
		if run.From < free[unit] {
			return fmt.Errorf("%+v: its unit is taken until %v", run, free[unit])
		}
		free[unit] = run.To
		if at := (id{run.Task, run.Job}); run.Aborted && run.Stage == core.Infer {
			stopped[at]++
			if ended[at] == core.Abort && c.cfg.Stop == core.StopRestart && c.cfg.Late != core.LateAbort {
				return fmt.Errorf("%+v was dropped", run)
			}
		}
	}
	for at, n := range stopped {
		if n > 2 || n == 2 && ended[at] != core.Abort { // under abort a job that was stopped once may reach its deadline in the second run
			return fmt.Errorf("%+v was stopped %d times", at, n)
		}
	}
	for i := range r.Tasks {
		sum := 0
		for _, n := range r.Tasks[i].Outcomes {
			sum += n
		}
		if sum != r.Tasks[i].Released {
			return fmt.Errorf("task %d: %+v", i, r.Tasks[i])
		}
	}
	return nil
}

// BenchmarkStopping is what stopping is worth: the mean of the macro miss rates of random sets at their largest variants
// under deadline-monotonic priorities, by policy and time to stop.
//
//	go test -run '^$' -bench Stopping -benchtime 1x ./scheduler/sim
func BenchmarkStopping(b *testing.B) {
	for _, u := range []float64{0.5, 0.7, 0.9} {
		for _, policy := range []core.StopPolicy{core.StopNever, core.StopRestart, core.StopDrop} {
			for _, stop := range []time.Duration{0, 300 * time.Microsecond, 800 * time.Microsecond, 3 * time.Millisecond} {
				if policy == core.StopNever && stop > 0 {
					continue
				}
				b.Run(fmt.Sprintf("U=%.1f/%v/%v", u, policy, stop), func(b *testing.B) {
					for b.Loop() {
						missed, highest, stops, jobs := 0.0, 0.0, 0, 0
						const sets = 200
						for seed := range uint64(sets) {
							set := generate.Set(seed, generate.Options{Tasks: 4, Utilisation: u, Queue: 1, CV: 0.1})
							plan := task.NewPlan(make([]int, len(set.Tasks)))
							priority.DeadlineMonotonic(set, plan)
							cfg := sim.ConfigOf(set)
							cfg.Stop, cfg.StopTime = policy, stop
							s, err := sim.New(set, cfg)
							if err != nil {
								b.Fatal(err)
							}
							r, err := s.Run(plan, sim.Options{Jobs: 200})
							if err != nil {
								b.Fatal(err)
							}
							missed += r.MacroMissRate / sets
							for i, p := range plan.Priorities {
								if p == 0 {
									highest += r.Tasks[i].MissRate / sets
								}
							}
							stops += r.Stops
							jobs += r.Jobs
						}
						b.ReportMetric(100*missed, "missed-%")
						b.ReportMetric(100*highest, "most-urgent-missed-%")
						b.ReportMetric(100*float64(stops)/float64(jobs), "stopped-%")
					}
				})
			}
		}
	}
}
