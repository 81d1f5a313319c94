package sim_test

import (
	"cmp"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"rtmdl/scheduler/core"
	"rtmdl/scheduler/sim"
	"rtmdl/scheduler/task"
)

var sets = flag.Int("sets", 1000, "number of random sets on which the simulator and the naive one are compared")

// randomCase is a set, a plan and how to run it. Times are small multiples of
// a unit, so that instants coincide often.
type randomCase struct {
	set  *task.Set
	plan *task.Plan
	cfg  sim.Config
	opt  sim.Options
}

func newCase(seed uint64) *randomCase {
	r := rand.New(rand.NewPCG(seed, 17))
	unit := []time.Duration{1, 3, 10, 1000}[r.IntN(4)]
	scale := func(n int) time.Duration { return time.Duration(n) * unit }
	s := task.NewSet()
	s.Platform = task.Platform{CPUWorkers: 1 + r.IntN(3), AcceleratorSlots: 1 + r.IntN(2)}
	s.Constraints.Late = core.LatePolicy(r.IntN(3))
	if r.IntN(2) == 0 {
		s.Constraints.PackingBound = task.Millionths(r.IntN(1_000_000))
		s.Constraints.PackingGuard = task.Millionths(r.IntN(3) * r.IntN(300_000))
	}
	longest := 1 + r.IntN(10)
	zeros := r.IntN(3) == 0
	length := func(most int) time.Duration {
		if zeros && r.IntN(2) == 0 {
			return 0
		}
		return scale(r.IntN(most + 1))
	}
	var refs []task.Ref
	for i := range 1 + r.IntN(6) {
		period := 2 + r.IntN(25)
		t := task.Task{
			Name: fmt.Sprint("t", i), Period: scale(period), Deadline: scale(1 + r.IntN(2*period+longest)), Offset: scale(r.IntN(8)),
			MaxMissRate: 0.1, Queue: r.IntN(2),
		}
		switch r.IntN(4) {
		case 0:
			t.Jitter = scale(r.IntN(period))
		case 1:
			t.Jitter = scale(r.IntN(3 * period)) // jobs may overtake each other
		}
		if r.IntN(3) == 0 {
			t.CV = r.Float64()
		}
		for k := range 1 + r.IntN(2) {
			t.Variants = append(t.Variants, task.Variant{Name: fmt.Sprint("v", k), Accuracy: task.Rate(r.Float64()),
				Pre: length(longest / 2), Infer: length(longest), Post: length(longest / 3)})
			refs = append(refs, task.Ref{Task: i, Variant: k})
		}
		s.Tasks = append(s.Tasks, t)
	}
	for i := range refs {
		for k := range i {
			if r.IntN(4) == 0 {
				continue
			}
			p := task.Pair{A: refs[i], B: refs[k]}
			for _, slow := range []*task.Millionths{&p.SlowA, &p.SlowB} {
				*slow = task.One + task.Millionths(r.IntN(2)*r.IntN(1_200_000))
				if r.IntN(3) == 0 {
					*slow = task.One + task.Millionths(r.IntN(11)*100_000)
				}
			}
			s.Packing = append(s.Packing, p)
		}
	}
	c := &randomCase{set: s, plan: &task.Plan{}, cfg: sim.ConfigOf(s), opt: sim.Options{Jobs: 1 + r.IntN(8), Seed: r.Uint64()}}
	for i := range s.Tasks {
		c.plan.Variants = append(c.plan.Variants, r.IntN(len(s.Tasks[i].Variants)))
		c.plan.Priorities = append(c.plan.Priorities, r.IntN(4))
	}
	if r.IntN(3) == 0 {
		c.plan.Pairs = make([]bool, len(s.Packing))
		for i := range c.plan.Pairs {
			c.plan.Pairs[i] = r.IntN(3) > 0
		}
	}
	c.cfg.Mode = core.Mode(r.IntN(5) / 4)
	c.cfg.Order = []core.Order{core.FixedPriority, core.FixedPriority, core.EDF, core.LLF}[r.IntN(4)]
	if r.IntN(4) == 0 {
		c.opt.Slowdowns = sim.Excess.Mispredict(s, 300_000, seed)
	}
	return c
}

// run simulates the case for the first time.
func (c *randomCase) run(t *testing.T) (*sim.Simulator, *sim.Result) {
	t.Helper()
	s, err := sim.New(c.set, c.cfg)
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Run(c.plan, c.opt)
	if err != nil {
		t.Fatal(err)
	}
	return s, r
}

func (c *randomCase) naive() naiveResult {
	n := naiveSim{set: c.set, plan: c.plan, mode: c.cfg.Mode, order: c.cfg.Order, late: c.cfg.Late,
		workers: c.cfg.CPUWorkers, slots: c.cfg.Slots, real: c.opt.Slowdowns}
	return n.run(c.opt.Jobs, c.opt.Seed)
}

func TestSimulatorAgreesWithNaiveImplementationJobByJob(t *testing.T) {
	counts := map[string]int{}
	packed, packedSets, misses, total := 0, 0, 0, 0
	for seed := range uint64(*sets) {
		c := newCase(seed)
		if err := c.set.Validate(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		s, err := sim.New(c.set, c.cfg)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		c.opt.Trace = &sim.Trace{}
		got, err := s.Run(c.plan, c.opt)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		want := c.naive()
		compare(t, seed, c, got, want)
		if t.Failed() {
			t.Logf("%+v\n%+v\n%s", c.cfg, *c.plan, c.set.Marshal())
			return
		}
		for _, j := range want.jobs {
			counts[fmt.Sprint(c.cfg.Mode, " ", c.cfg.Late, " ", j.outcome)]++
			total++
		}
		for i := range want.missed {
			misses += want.missed[i]
		}
		packed += want.packed
		if want.packed > 0 {
			packedSets++
		}
	}
	t.Logf("%d sets, %d jobs, %d missed, %d packed in %d sets", *sets, total, misses, packed, packedSets)
	// The sets are of use only if everything that can happen happens often.
	for _, what := range []string{
		"split run finish", "split run replace", "split skip finish", "split skip expire", "split skip replace",
		"split abort finish", "split abort abort", "split abort replace", "blackbox skip expire", "blackbox abort abort",
		"blackbox run replace",
	} {
		if counts[what] < *sets/20 {
			t.Errorf("only %d times %s", counts[what], what)
		}
	}
	if packedSets < *sets/10 {
		t.Errorf("only %d sets packed", packedSets)
	}
}

func compare(t *testing.T, seed uint64, c *randomCase, got *sim.Result, want naiveResult) {
	t.Helper()
	ends := c.opt.Trace.Jobs
	slices.SortFunc(ends, func(a, b sim.JobEnd) int {
		return cmp.Or(cmp.Compare(a.Task, b.Task), cmp.Compare(a.Job, b.Job))
	})
	if len(ends) != len(want.jobs) || got.Jobs != len(want.jobs) {
		t.Errorf("seed %d: %d jobs ended, %d released, want %d", seed, len(ends), got.Jobs, len(want.jobs))
		return
	}
	for i, w := range want.jobs { // by task and number
		g := ends[i]
		if g.Task != w.task || g.Job != w.number || int64(g.Release) != w.release || int64(g.Deadline) != w.deadline ||
			g.Outcome.String() != w.outcome || int64(g.End) != w.at || g.Counted != w.counted {
			t.Errorf("seed %d: task %d, job %d (release %d, deadline %d): got %+v, want %s at %d",
				seed, w.task, w.number, w.release, w.deadline, g, w.outcome, w.at)
			return
		}
	}
	for i := range got.Tasks {
		if got.Tasks[i].Released != want.released[i] || got.Tasks[i].Missed != want.missed[i] {
			t.Errorf("seed %d: task %d: %d of %d missed, want %d of %d", seed, i,
				got.Tasks[i].Missed, got.Tasks[i].Released, want.missed[i], want.released[i])
		}
	}
	if got.Packed != want.packed {
		t.Errorf("seed %d: %d packed, want %d", seed, got.Packed, want.packed)
	}
}
