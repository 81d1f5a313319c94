package analysis_test

import (
	"errors"
	"testing"
	"time"

	"rtmdl/scheduler/analysis"
	"rtmdl/scheduler/core"
	"rtmdl/scheduler/generate"
	"rtmdl/scheduler/sim"
	"rtmdl/scheduler/task"
)

// hardSet is a small random set with coarse times, so that arrivals and ends
// coincide, some stages of 0 ns, long blocking, and deadlines and jitters
// around the period.
func hardSet(r *generate.Source) (*task.Set, *task.Plan) {
	s := task.NewSet()
	s.Constraints.Late = core.LateRun
	s.Platform.CPUWorkers = 1 + r.Intn(2)*r.Intn(3)
	n := 1 + r.Intn(4)
	plan := task.NewPlan(make([]int, n))
	for i := range n {
		period := time.Duration(4 + r.Intn(40))
		scale := 1 + r.Intn(int(period)*2/(n+1)+1)
		t := task.Task{
			Name: string(rune('a' + i)), Period: period, Deadline: 1 + time.Duration(r.Intn(60)),
			Offset: time.Duration(r.Intn(int(period))), MaxMissRate: 1,
			Variants: []task.Variant{{
				Name: "v", Pre: time.Duration(r.Intn(scale)), Infer: time.Duration(r.Intn(scale)), Post: time.Duration(r.Intn(scale)),
			}},
		}
		if r.Intn(2) == 0 {
			t.Jitter = time.Duration(r.Intn(int(period) * 5 / 4))
		}
		s.Tasks = append(s.Tasks, t)
		plan.Priorities[i] = r.Intn(n)
	}
	return s, plan
}

func TestNoSimulatedResponseExceedsItsBound(t *testing.T) {
	r := generate.NewSource(11)
	sets, bounded, tight := 4000, 0, 0
	if testing.Short() {
		sets = 500
	}
	for k := range sets {
		s, plan := hardSet(r)
		mode := core.Mode(k % 2)
		bounds, err := analysis.Responses(s, plan, mode == core.BlackBox)
		if err != nil {
			t.Fatal(err)
		}
		cfg := sim.ConfigOf(s)
		cfg.Mode = mode
		simulator, err := sim.New(s, cfg)
		if err != nil {
			t.Fatal(err)
		}
		for seed := range uint64(3) {
			got, err := simulator.Run(plan, sim.Options{Jobs: 60, Seed: seed})
			if err != nil {
				t.Fatal(err)
			}
			for i := range got.Tasks {
				if bounds[i] == analysis.Unbounded {
					continue
				}
				bounded++
				if got.Tasks[i].Max > bounds[i] {
					t.Fatalf("set %d, %v, seed %d: task %s took %d, bound %d\n%s\n%s", k, mode, seed,
						s.Tasks[i].Name, got.Tasks[i].Max, bounds[i], s.Marshal(), plan.Marshal(s))
				}
				if got.Tasks[i].Max == bounds[i] {
					tight++
				}
			}
		}
	}
	if bounded < sets*3 || tight < bounded/50 {
		t.Errorf("of %d bounds %d were reached: too few to mean anything", bounded, tight)
	}
	t.Logf("%d bounds, %d of them reached", bounded, tight)
}

func TestAudsleysOrderKeepsItsDeadlines(t *testing.T) {
	r := generate.NewSource(12)
	proven := 0
	for range 3000 {
		s, plan := hardSet(r)
		var ok bool
		plan.Priorities, ok = analysis.Audsley(s, plan.Variants)
		if seen := make([]bool, len(s.Tasks)); true {
			for _, p := range plan.Priorities {
				if seen[p] {
					t.Fatalf("priority %d twice", p)
				}
				seen[p] = true
			}
		}
		if !ok {
			continue
		}
		proven++
		simulator, err := sim.New(s, sim.ConfigOf(s))
		if err != nil {
			t.Fatal(err)
		}
		got, err := simulator.Run(plan, sim.Options{Jobs: 60})
		if err != nil {
			t.Fatal(err)
		}
		if got.MaxMissRate > 0 {
			t.Fatalf("%v misses under\n%s\n%s", got.Tasks, s.Marshal(), plan.Marshal(s))
		}
	}
	if proven < 200 {
		t.Errorf("only %d sets were proven", proven)
	}
	t.Logf("%d of 3000 proven", proven)
}

func TestAudsleyFindsAnOrderWhereDeadlineMonotonicFails(t *testing.T) {
	// Non-preemptive: the longer deadline may have to come first (George et al. 1996).
	r := generate.NewSource(13)
	better := 0
	for range 3000 {
		s, plan := hardSet(r)
		variants := plan.Variants
		if _, ok := analysis.Audsley(s, variants); !ok {
			continue
		}
		dm := task.NewPlan(variants)
		for i := range s.Tasks {
			for o := range s.Tasks {
				if d := s.Tasks[o].Deadline - s.Tasks[i].Deadline; d < 0 || d == 0 && o < i {
					dm.Priorities[i]++
				}
			}
		}
		bounds, err := analysis.Responses(s, dm, false)
		if err != nil {
			t.Fatal(err)
		}
		for i := range bounds {
			if bounds[i] > s.Tasks[i].Deadline {
				better++
				break
			}
		}
	}
	if better == 0 {
		t.Error("no set tells Audsley's order from the deadline-monotonic one")
	}
}

func TestResponsesRefuseWhatTheyDoNotBound(t *testing.T) {
	s, plan := hardSet(generate.NewSource(1))
	s.Tasks[0].CV = 0.1
	if _, err := analysis.Responses(s, plan, false); !errors.Is(err, analysis.ErrNoise) {
		t.Errorf("noise: %v", err)
	}
	s = generate.Set(1, generate.Options{Slots: 2, Slow: [2]task.Millionths{1_100_000, 1_100_000}})
	if _, err := analysis.Responses(s, task.NewPlan(make([]int, 3)), false); !errors.Is(err, analysis.ErrPacking) {
		t.Errorf("packing: %v", err)
	}
}
