package plan_test

import (
	"math"
	"testing"
	"time"

	"rtmdl/scheduler/baseline"
	"rtmdl/scheduler/core"
	"rtmdl/scheduler/generate"
	"rtmdl/scheduler/plan"
	"rtmdl/scheduler/sim"
	"rtmdl/scheduler/task"
)

// search runs a planner to its end, or for some steps.
func search(t *testing.T, s *task.Set, o plan.Options, steps int) (*plan.Result, *plan.Planner) {
	t.Helper()
	judge, err := plan.NewJudge(s, o)
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(s, judge, o)
	if err != nil {
		t.Fatal(err)
	}
	for range steps {
		done, err := p.Step()
		if err != nil {
			t.Fatal(err)
		}
		if done {
			break
		}
	}
	r, err := p.Result(judge)
	if err != nil {
		t.Fatal(err)
	}
	return r, p
}

// requireFeasible simulates the plan anew, as an outsider would.
func requireFeasible(t *testing.T, s *task.Set, p *task.Plan, jobs int, seed uint64) {
	t.Helper()
	simulator, err := sim.New(s, sim.ConfigOf(s))
	if err != nil {
		t.Fatal(err)
	}
	r, err := simulator.Run(p, sim.Options{Jobs: jobs, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	if r.WithinBound < 1 || s.Constraints.Storage > 0 && p.Storage(s) > s.Constraints.Storage {
		t.Fatalf("not feasible: %+v\n%s\n%s", r.Tasks, s.Marshal(), p.Marshal(s))
	}
}

func TestPlannerAgreesWithExhaustiveSearch(t *testing.T) {
	sets, feasible, lossy := 150, 0, 0
	if testing.Short() {
		sets = 30
	}
	for seed := range uint64(sets) {
		n := 1 + int(seed%3)
		s := generate.Set(seed, generate.Options{Tasks: n, Levels: 4, Utilisation: 0.6 + float64(seed%7)/10, Queue: int(seed/3) % 2})
		s.Constraints.Late = core.LatePolicy(seed % 3)
		if seed%5 == 0 {
			s.Constraints.Storage = task.Bytes(generate.NewSource(seed).Between(2e7, 8e7))
		}
		o := plan.Options{Jobs: 40, Seed: seed, NoLocal: seed%2 == 0}
		judge, err := plan.NewJudge(s, o)
		if err != nil {
			t.Fatal(err)
		}
		want, err := baseline.Exhaustive(s, judge)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := search(t, s, o, 1_000_000)
		if got.Feasible != (want != nil) || got.ProvenOptimal != (want != nil) || got.ProvenInfeasible != (want == nil) {
			t.Fatalf("seed %d: want %+v, got %+v\n%s", seed, want, got, s.Marshal())
		}
		if want == nil {
			if got.Plan.Infeasible != "proven" || len(got.Plan.Broken) == 0 {
				t.Fatalf("seed %d: %+v", seed, got.Plan)
			}
			continue
		}
		feasible++
		if math.Abs(got.Loss-want.Loss()) > 1e-9 || got.LowerBound > got.Loss+1e-9 {
			t.Fatalf("seed %d: loss %v, bound %v, want %v", seed, got.Loss, got.LowerBound, want.Loss())
		}
		if want.Loss() > 0 {
			lossy++
		}
		requireFeasible(t, s, got.Plan, 40, 1)
	}
	if feasible < sets/4 || lossy < sets/10 {
		t.Errorf("of %d sets %d are feasible, %d at a loss: too few to mean anything", sets, feasible, lossy)
	}
}

func TestNothingBeatsTheLowerBound(t *testing.T) {
	for seed := range uint64(20) {
		s := generate.Set(seed, generate.Options{
			Tasks: 3, Levels: 4, Utilisation: 1.2, Slots: 2, Slow: [2]task.Millionths{1_050_000, 1_600_000},
		})
		o := plan.Options{Jobs: 40, Seed: seed}
		got, p := search(t, s, o, 200)
		if got.Feasible && got.Loss < p.LowerBound()-1e-9 {
			t.Errorf("seed %d: loss %v, bound %v", seed, got.Loss, p.LowerBound())
		}
		if got.Feasible {
			requireFeasible(t, s, got.Plan, 40, 1)
		}
	}
}

func TestPackingIsUsedWhereItSavesLoss(t *testing.T) {
	better := 0
	for seed := range uint64(30) {
		o := generate.Options{Tasks: 3, Levels: 4, Utilisation: 1.1}
		alone := generate.Set(seed, o)
		o.Slots, o.Slow = 2, [2]task.Millionths{1_050_000, 1_300_000}
		both := generate.Set(seed, o)
		options := plan.Options{Jobs: 40, Seed: seed}
		a, _ := search(t, alone, options, 3000)
		b, _ := search(t, both, options, 3000)
		if a.ProvenOptimal && b.ProvenOptimal && b.Loss > a.Loss+1e-9 {
			t.Errorf("seed %d: loss %v with packing, %v without", seed, b.Loss, a.Loss)
		}
		if a.Feasible && b.Feasible && b.Loss < a.Loss-1e-9 || b.Feasible && !a.Feasible {
			better++
		}
	}
	if better == 0 {
		t.Error("packing never helps")
	}
}

func TestNoisySetsAreConfirmedOnFreshSeedsAndNeverProven(t *testing.T) {
	held, runs := 0, 0
	for seed := range uint64(20) {
		s := generate.Set(seed, generate.Options{Tasks: 3, Levels: 4, Utilisation: 0.9, CV: 0.1, Jitter: 2 * time.Millisecond})
		o := plan.Options{Jobs: 100, Seed: seed}
		got, _ := search(t, s, o, 100)
		if got.ProvenOptimal || got.ProvenInfeasible {
			t.Errorf("seed %d: proven under noise", seed)
		}
		if !got.Feasible {
			continue
		}
		for k := range uint64(3) {
			requireFeasible(t, s, got.Plan, 100, seed+k)
		}
		simulator, err := sim.New(s, sim.ConfigOf(s))
		if err != nil {
			t.Fatal(err)
		}
		for k := range uint64(10) {
			r, err := simulator.Run(got.Plan, sim.Options{Jobs: 100, Seed: 777 + k})
			if err != nil {
				t.Fatal(err)
			}
			runs++
			if r.WithinBound == 1 {
				held++
			}
		}
	}
	if runs == 0 || float64(held) < 0.7*float64(runs) {
		t.Errorf("on seeds never seen %d of %d runs keep the bounds", held, runs)
	}
	t.Logf("on seeds never seen %d of %d runs keep the bounds", held, runs)
}

func TestTheSameStepsFindTheSamePlan(t *testing.T) {
	s := generate.Set(4, generate.Options{Tasks: 6, Utilisation: 1})
	a, _ := search(t, s, plan.Options{Jobs: 50, Seed: 3}, 60)
	b, _ := search(t, s, plan.Options{Jobs: 50, Seed: 3}, 60)
	if string(a.Plan.Marshal(s)) != string(b.Plan.Marshal(s)) {
		t.Errorf("first\n%s\nthen\n%s", a.Plan.Marshal(s), b.Plan.Marshal(s))
	}
}

func TestBaselinesReturnWhatIsFeasible(t *testing.T) {
	found := 0
	for seed := range uint64(12) {
		s := generate.Set(seed, generate.Options{Tasks: 4, Levels: 5, Utilisation: 0.9})
		o := plan.Options{Jobs: 40}
		judge, err := plan.NewJudge(s, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range baseline.Searches() {
			c, err := m.Run(s, judge, 150, seed)
			if err != nil {
				t.Fatal(err)
			}
			if c != nil {
				found++
				requireFeasible(t, s, c.Plan(s), 40, 0)
			}
		}
		for _, m := range baseline.Policies() {
			if err := m.Plan(s).Validate(s); err != nil {
				t.Errorf("%s: %v", m.Name, err)
			}
		}
	}
	if found < 6 {
		t.Errorf("the searches found %d plans", found)
	}
}
