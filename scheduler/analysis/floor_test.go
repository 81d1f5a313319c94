package analysis_test

import (
	"testing"
	"time"

	"rtmdl/scheduler/analysis"
	"rtmdl/scheduler/core"
	"rtmdl/scheduler/generate"
	"rtmdl/scheduler/sim"
	"rtmdl/scheduler/task"
)

// TestFeasiblePlansKeepTheFloors: what a simulation finds feasible, however
// short the run and whatever is packed, no floor may forbid.
func TestFeasiblePlansKeepTheFloors(t *testing.T) {
	r := generate.NewSource(21)
	feasible, tight := 0, 0.0
	for range 6000 {
		s, plan := hardSet(r)
		s.Constraints.Late = core.LatePolicy(r.Intn(3))
		s.Platform.AcceleratorSlots = 1 + r.Intn(2)
		for i := range s.Tasks {
			s.Tasks[i].MaxMissRate = task.Rate(r.Intn(6)) / 10
			s.Tasks[i].Queue = r.Intn(2)
		}
		slow := task.One + task.Millionths(r.Intn(900_000))
		s.Packing = generate.Table(s, task.One, slow)
		jobs := 1 + r.Intn(30)
		simulator, err := sim.New(s, sim.ConfigOf(s))
		if err != nil {
			t.Fatal(err)
		}
		got, err := simulator.Run(plan, sim.Options{Jobs: jobs, Seed: r.Uint64()})
		if err != nil {
			t.Fatal(err)
		}
		if got.WithinBound < 1 {
			continue
		}
		feasible++
		floors := analysis.NewFloors(s, jobs, s.Platform.AcceleratorSlots == 2)
		if !floors.Admits(plan.Variants) {
			t.Fatalf("%d jobs are feasible, and the floors forbid them by %v\n%s", jobs, floors.Excess(plan.Variants), s.Marshal())
		}
		if b := analysis.NewBlocking(s, jobs); s.Platform.AcceleratorSlots == 1 && (!b.Admits(plan.Variants) || b.Forbids()) {
			t.Fatalf("%d jobs are feasible, and blocking forbids them\n%s", jobs, s.Marshal())
		}
		work := 0.0
		for i := range s.Tasks {
			work += float64(floors.Weight[i][0][analysis.OnAccelerator])
		}
		tight = max(tight, work/float64(floors.Capacity[analysis.OnAccelerator]))
	}
	if feasible < 500 || tight < 0.6 {
		t.Errorf("%d feasible, at most %.2f of a floor used: too loose to mean anything", feasible, tight)
	}
}

func TestFloorsOfALongRunAreThoseOfUtilisation(t *testing.T) {
	s := task.NewSet()
	s.Platform = task.Platform{CPUWorkers: 2, AcceleratorSlots: 2}
	for _, name := range []string{"a", "b"} {
		s.Tasks = append(s.Tasks, task.Task{
			Name: name, Period: 100, Deadline: 100, MaxMissRate: 0.1,
			Variants: []task.Variant{{Name: "v", Pre: 10, Infer: 50, Post: 20}},
		})
	}
	s.Packing = generate.Table(s, 1_250_000, 2_000_000)
	f := analysis.NewFloors(s, 1_000_000, true)
	horizon := float64(analysis.Horizon(s, 1_000_000))
	near := func(what string, got, want float64) {
		t.Helper()
		if got < want*0.99999 || got > want*1.00001 {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	near("work of the accelerator", float64(f.Weight[0][0][analysis.OnAccelerator])/horizon, 0.9*0.5)
	near("work of the CPU", float64(f.Weight[1][0][analysis.OnCPU])/horizon, 0.9*0.3)
	near("accelerator", float64(f.Capacity[analysis.OnAccelerator])/horizon, 1/1.25+1/2.0)
	near("CPU", float64(f.Capacity[analysis.OnCPU])/horizon, 2)
	s.Tasks[0].Deadline = 79 * time.Nanosecond
	if analysis.NewFloors(s, 10, true).Admits([]int{0, 0}) {
		t.Error("a variant longer than the deadline is admitted")
	}
}
