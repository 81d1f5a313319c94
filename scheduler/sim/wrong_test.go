package sim_test

import (
	"testing"

	"rtmdl/scheduler/draw"
	"rtmdl/scheduler/sim"
	"rtmdl/scheduler/task"
)

// TestGuaranteesWithATableThatIsWrong counts broken guarantees at the default
// bound and guard when every slowdown's excess is wrong by 20 %, either way.
// The guard covers that for an inference that has run alone before. Some that
// have shared the accelerator already exceed the bound, since the core believes
// that they have got on faster than they have.
func TestGuaranteesWithATableThatIsWrong(t *testing.T) {
	given, broken, packed, jobs := 0, 0, 0, 0
	for seed := range uint64(100) {
		n := 3 + int(seed%5)
		s := loadedSet(n, 2)
		d := draw.Of(seed, 0)
		for i := range s.Packing {
			alphas := []task.Millionths{1_000_000, 1_100_000, 1_300_000, 1_600_000}
			s.Packing[i].SlowA = alphas[d.Jitter(int64(2*i), 3)]
			s.Packing[i].SlowB = alphas[d.Jitter(int64(2*i+1), 3)]
		}
		for i := range s.Tasks {
			s.Tasks[i].Jitter = s.Tasks[i].Period / 20
		}
		simulator, err := sim.New(s, sim.ConfigOf(s))
		if err != nil {
			t.Fatal(err)
		}
		r, err := simulator.Run(distinct(s), sim.Options{Jobs: 500, Seed: seed, Slowdowns: sim.Mispredict(s, 200_000, seed)})
		if err != nil {
			t.Fatal(err)
		}
		given, broken, packed, jobs = given+r.Guaranteed, broken+r.Broken, packed+r.Packed, jobs+r.Jobs
	}
	t.Logf("%d jobs, %d packed, %d guarantees, %d broken", jobs, packed, given, broken)
	if given < 1000 || 50*broken > given {
		t.Errorf("%d of %d guarantees broken", broken, given)
	}
}
