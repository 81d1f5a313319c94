package sim_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"rtmdl/scheduler/core"
	"rtmdl/scheduler/sim"
	"rtmdl/scheduler/task"
)

// TestTracesKeepTheModel looks at whole schedules from outside: capacity, the
// order of stages, one outcome a job, work conservation.
func TestTracesKeepTheModel(t *testing.T) {
	for seed := range uint64(min(*sets, 2000)) {
		c := newCase(seed + 1_000_000)
		c.opt.Trace = &sim.Trace{}
		c.run(t)
		if err := checkTrace(c); err != nil {
			t.Fatalf("seed %d: %v\n%+v\n%+v\n%s", seed, err, c.cfg, *c.plan, c.set.Marshal())
		}
	}
}

func checkTrace(c *randomCase) error {
	capacity := map[core.Resource]int{core.CPU: c.cfg.CPUWorkers, core.Accelerator: c.cfg.Slots}
	if c.cfg.Mode == core.BlackBox {
		capacity[core.CPU] = 1 // as many as the accelerator lets run
	}
	runs := slices.Clone(c.opt.Trace.Runs)
	slices.SortStableFunc(runs, func(a, b sim.StageRun) int { return cmp.Compare(a.From, b.From) })
	type id struct {
		task int
		job  int64
	}
	last := map[id]sim.StageRun{}
	units := map[string]time.Duration{}
	for i, r := range runs {
		if unit := fmt.Sprint(r.Resource, r.Unit); units[unit] > r.From || r.Unit >= capacity[r.Resource] {
			return fmt.Errorf("%+v: its unit is taken", r)
		} else {
			units[unit] = r.To
		}
		at := id{r.Task, r.Job}
		if before, ok := last[at]; ok && (before.Stage+1 != r.Stage || before.To > r.From || before.Aborted) {
			return fmt.Errorf("%+v follows %+v", r, before)
		} else if !ok && r.Stage != core.Pre && r.Stage != core.Whole {
			return fmt.Errorf("%+v is the first stage", r)
		}
		last[at] = r
		runs[i] = r
	}
	ended := map[id]bool{}
	for _, j := range c.opt.Trace.Jobs {
		at := id{j.Task, j.Job}
		if ended[at] {
			return fmt.Errorf("%+v ended twice", j)
		}
		ended[at] = true
		if r, ok := last[at]; ok && j.Outcome == core.Finish != (!r.Aborted && r.Stage >= core.Post) {
			return fmt.Errorf("%+v after %+v", j, r)
		}
		if err := checkWaits(c, j, runs, capacity); err != nil {
			return err
		}
	}
	return nil
}

// checkWaits checks that whenever a stage of the job was ready and waited, no
// CPU worker was free, or the accelerator was not idle.
func checkWaits(c *randomCase, j sim.JobEnd, runs []sim.StageRun, capacity map[core.Resource]int) error {
	ready, resource := j.Release, core.CPU
	check := func(until time.Duration) error {
		want := capacity[resource]
		if resource == core.Accelerator {
			want = 1 // the rule may pass over an inference, but not beside nobody
		}
		for at := ready; at < until; {
			busy, next := 0, until
			for _, r := range runs {
				if r.Resource == resource && r.From <= at && at < r.To {
					busy++
					next = min(next, r.To)
				} else if r.From > at {
					next = min(next, r.From)
				}
			}
			if busy < want {
				return fmt.Errorf("%+v waits for %v at %d, where %d stages run", j, resource, at, busy)
			}
			at = next
		}
		return nil
	}
	for _, r := range runs {
		if r.Task == j.Task && r.Job == j.Job {
			if err := check(r.From); err != nil {
				return err
			}
			ready, resource = r.To, core.CPU
			if r.Stage == core.Pre {
				resource = core.Accelerator
			}
			if r.Aborted || r.Stage >= core.Post {
				return nil
			}
		}
	}
	return check(j.End)
}

// TestGuaranteesHoldWhenPredictionsDo: without noise and with the table's
// slowdowns no guarantee is ever broken. With slowdowns that are wrong by no
// more than the guard few are: the first joiner never breaks one, but the core
// can't see that more work is left than it thinks when a second one asks.
func TestGuaranteesHoldWhenPredictionsDo(t *testing.T) {
	given, wrongGiven, wrongBroken, broken := 0, 0, 0, 0
	for seed := range uint64(min(*sets, 2000)) {
		c := newCase(seed + 2_000_000)
		c.cfg.Mode, c.cfg.Slots = core.Split, 2
		for i := range c.set.Tasks {
			c.set.Tasks[i].CV = 0
		}
		s, err := sim.New(c.set, c.cfg)
		if err != nil {
			t.Fatal(err)
		}
		c.opt.Jobs = 30
		for _, real := range [][][2]task.Millionths{nil, sim.Excess.Mispredict(c.set, c.set.Constraints.PackingGuard, seed)} {
			c.opt.Slowdowns = real
			r, err := s.Run(c.plan, c.opt)
			if err != nil {
				t.Fatal(err)
			}
			given += r.Guaranteed
			if real == nil && r.Broken > 0 {
				t.Fatalf("seed %d: %d of %d broken", seed, r.Broken, r.Guaranteed)
			}
			broken += r.Broken
		}
		c.opt.Slowdowns = sim.Excess.Scale(c.set, 4*task.One)
		r, err := s.Run(c.plan, c.opt)
		if err != nil {
			t.Fatal(err)
		}
		wrongGiven += r.Guaranteed
		wrongBroken += r.Broken
	}
	t.Logf("%d given, %d broken within the guard; %d of %d with four times the excess", given, broken, wrongBroken, wrongGiven)
	if 100*broken > given {
		t.Error("too many are broken with slowdowns that the guard covers")
	}
	if given == 0 || wrongBroken == 0 {
		t.Error("too little was packed to tell")
	}
}

// TestBrokenGuaranteesAreThoseOfTheTrace counts them a second time for runs in
// which no more urgent inference ever joins: what took too long is broken.
func TestBrokenGuaranteesAreThoseOfTheTrace(t *testing.T) {
	set := loadedSet(2, 2)
	set.Constraints.Late = core.LateRun
	set.Tasks[0].Deadline, set.Tasks[1].Deadline = time.Second, time.Second
	set.Packing[0].SlowA, set.Packing[0].SlowB = 1_000_000, 1_050_000
	simulator, err := sim.New(set, sim.ConfigOf(set))
	if err != nil {
		t.Fatal(err)
	}
	for _, factor := range []task.Millionths{0, task.One, 2 * task.One, 8 * task.One, 40 * task.One} {
		trace := &sim.Trace{}
		p := task.NewPlan([]int{0, 0})
		p.Priorities = []int{0, 1} // the second yields, and stretches nobody who joins it
		r, err := simulator.Run(p, sim.Options{Jobs: 400, Slowdowns: sim.Excess.Scale(set, factor), Trace: trace})
		if err != nil {
			t.Fatal(err)
		}
		want := 0
		alone := set.Tasks[0].Variants[0].Infer
		for _, run := range trace.Runs {
			if run.Task == 0 && run.Stage == core.Infer && run.To-run.From > alone+alone/10 {
				want++
			}
		}
		if r.Guaranteed == 0 || r.Broken > r.Guaranteed || factor <= task.One && r.Broken != 0 || r.Broken > want {
			t.Errorf("excess times %v: %d of %d broken, %d too long", factor, r.Broken, r.Guaranteed, want)
		}
		if factor >= 8*task.One && r.Broken == 0 {
			t.Errorf("excess times %v: none broken of %d", factor, r.Guaranteed)
		}
	}
}

// TestRunsAreTheSameAgain: a used simulator and a new one give the same.
func TestRunsAreTheSameAgain(t *testing.T) {
	for seed := range uint64(200) {
		c := newCase(seed + 3_000_000)
		s, err := sim.New(c.set, c.cfg)
		if err != nil {
			t.Fatal(err)
		}
		var traces [3]sim.Trace
		for i := range traces {
			if i == 2 {
				if s, err = sim.New(c.set, c.cfg); err != nil {
					t.Fatal(err)
				}
			}
			c.opt.Trace = &traces[i]
			if _, err := s.Run(c.plan, c.opt); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(traces[i].Runs, traces[0].Runs) || !slices.Equal(traces[i].Jobs, traces[0].Jobs) {
				t.Fatalf("seed %d: run %d differs", seed, i)
			}
			if i == 0 { // and something else in between
				other := c.opt
				other.Seed, other.Jobs, other.StopWhenBroken, other.Trace = 99, 50, true, nil
				if _, err := s.Run(c.plan, other); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// TestStoppingEarlyIsRight: a run is stopped exactly if its miss rates, run to
// the end, break a bound, as far as jobs without jitter go.
func TestStoppingEarlyIsRight(t *testing.T) {
	stopped := 0
	for seed := range uint64(500) {
		c := newCase(seed + 4_000_000)
		for i := range c.set.Tasks {
			c.set.Tasks[i].Jitter = 0
			c.set.Tasks[i].MaxMissRate = task.Rate(seed%11) / 10
		}
		s, r := c.run(t)
		within := r.WithinBound == 1
		c.opt.StopWhenBroken = true
		r, err := s.Run(c.plan, c.opt)
		if err != nil {
			t.Fatal(err)
		}
		if r.Stopped == within {
			t.Fatalf("seed %d: stopped %v, within bounds %v", seed, r.Stopped, within)
		}
		if r.Stopped {
			stopped++
		}
	}
	if stopped < 50 || stopped > 450 {
		t.Errorf("%d of 500 stopped", stopped)
	}
}

// TestPaceOnlyStopsWhoIsBehind: a run with a pace either is that without, or it
// ended where some task had missed more than its rate allowed so far.
func TestPaceOnlyStopsWhoIsBehind(t *testing.T) {
	stopped := 0
	for seed := range uint64(300) {
		c := newCase(seed + 5_000_000)
		for i := range c.set.Tasks {
			c.set.Tasks[i].MaxMissRate = task.Rate(seed%11) / 10
		}
		s, r := c.run(t)
		want := fmt.Sprint(*r)
		c.opt.Pace = 1
		r, err := s.Run(c.plan, c.opt)
		if err != nil {
			t.Fatal(err)
		}
		if !r.Stopped {
			if got := fmt.Sprint(*r); got != want {
				t.Fatalf("seed %d: %s, want %s", seed, got, want)
			}
			continue
		}
		stopped++
		behind := false
		for i := range r.Tasks {
			allowed := float64(c.set.Tasks[i].MaxMissRate) * float64(r.Tasks[i].Released)
			behind = behind || float64(r.Tasks[i].Missed) > allowed+2
		}
		if !behind {
			t.Fatalf("seed %d: stopped for nothing", seed)
		}
	}
	if stopped < 20 || stopped > 280 {
		t.Errorf("%d of 300 stopped", stopped)
	}
}
