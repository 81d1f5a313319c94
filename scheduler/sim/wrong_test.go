package sim_test

import (
	"testing"

	"rtmdl/scheduler/draw"
	"rtmdl/scheduler/sim"
	"rtmdl/scheduler/task"
)

// brokenOf counts guarantees and the broken ones among them on random sets
// with the default bound and guard, with real slowdowns that wrong makes.
func brokenOf(t *testing.T, careful bool, wrong func(s *task.Set, seed uint64) [][2]task.Millionths) (given, broken int) {
	t.Helper()
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
		cfg := sim.ConfigOf(s)
		cfg.Careful = careful
		simulator, err := sim.New(s, cfg)
		if err != nil {
			t.Fatal(err)
		}
		r, err := simulator.Run(distinct(s), sim.Options{Jobs: 500, Seed: seed, Slowdowns: wrong(s, seed)})
		if err != nil {
			t.Fatal(err)
		}
		given, broken = given+r.Guaranteed, broken+r.Broken
	}
	return given, broken
}

// TestGuaranteesWithATableThatIsWrong counts broken guarantees when every
// slowdown's excess is wrong by 20 %, either way. The guard covers that for an
// inference that has run alone before. Some that have shared the accelerator
// already exceed the bound, since the core believes that they have got on
// faster than they have; booked at the guarded slowdowns, none does. An error
// of the whole slowdown is not what the guard is for.
func TestGuaranteesWithATableThatIsWrong(t *testing.T) {
	either := func(r sim.Reading) func(*task.Set, uint64) [][2]task.Millionths {
		return func(s *task.Set, seed uint64) [][2]task.Millionths { return r.Mispredict(s, 200_000, seed) }
	}
	worst := func(s *task.Set, _ uint64) [][2]task.Millionths { return sim.Excess.Scale(s, 1_200_000) }
	for _, c := range []struct {
		name    string
		careful bool
		wrong   func(*task.Set, uint64) [][2]task.Millionths
		atMost  float64
		some    bool
	}{
		{"plain, excess either way", false, either(sim.Excess), 0.02, true},
		{"plain, excess too low", false, worst, 0.05, true},
		{"careful, excess either way", true, either(sim.Excess), 0, false},
		{"careful, excess too low", true, worst, 0, false},
		{"careful, whole either way", true, either(sim.Whole), 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			given, broken := brokenOf(t, c.careful, c.wrong)
			t.Logf("%d guarantees, %d broken", given, broken)
			if given < 1000 || float64(broken) > c.atMost*float64(given) || c.some != (broken > 0) {
				t.Errorf("%d of %d guarantees broken", broken, given)
			}
		})
	}
}

func TestReadings(t *testing.T) {
	s := loadedSet(3, 2)
	s.Packing[0].SlowA, s.Packing[0].SlowB = 1_000_000, 1_500_000
	for _, c := range []struct {
		reading sim.Reading
		factor  task.Millionths
		want    [2]task.Millionths
	}{
		{sim.Excess, 1_200_000, [2]task.Millionths{1_000_000, 1_600_000}},
		{sim.Excess, 800_000, [2]task.Millionths{1_000_000, 1_400_000}},
		{sim.Whole, 1_200_000, [2]task.Millionths{1_200_000, 1_800_000}},
		{sim.Whole, 800_000, [2]task.Millionths{1_000_000, 1_200_000}},
	} {
		if got := c.reading.Scale(s, c.factor)[0]; got != c.want {
			t.Errorf("%v by %d: %v, want %v", c.reading, c.factor, got, c.want)
		}
	}
}
