package core

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"rtmdl/scheduler/pack"
)

// drawScenario draws whatever the core accepts: jobs of no period, failures,
// cancellations, lags, and stage times and deadlines that coincide.
func drawScenario(t *rapid.T) *scenario {
	small := rapid.IntRange(0, 8)
	sc := &scenario{
		cfg: Config{
			CPUWorkers: rapid.IntRange(1, 3).Draw(t, "workers"),
			Late:       LatePolicy(rapid.IntRange(0, 2).Draw(t, "late")),
		},
		reportAborted: rapid.Bool().Draw(t, "report aborted"),
	}
	for i := range rapid.IntRange(1, 4).Draw(t, "tasks") {
		sc.cfg.Tasks = append(sc.cfg.Tasks, Task{
			Name: string(rune('a' + i)), Deadline: time.Nanosecond,
			Priority: rapid.IntRange(-1, 1).Draw(t, "priority"), Queue: rapid.IntRange(0, 1).Draw(t, "queue"),
		})
	}
	if rapid.Bool().Draw(t, "live") {
		for range rapid.IntRange(1, 4).Draw(t, "lags") {
			sc.lag = append(sc.lag, Time(small.Draw(t, "lag")))
		}
	}
	trouble := rapid.Bool().Draw(t, "trouble")
	for range rapid.IntRange(1, 25).Draw(t, "jobs") {
		release := Time(rapid.IntRange(0, 40).Draw(t, "release"))
		j := scenarioJob{
			task:     TaskID(rapid.IntRange(0, len(sc.cfg.Tasks)-1).Draw(t, "task")),
			release:  release,
			deadline: release + Time(rapid.IntRange(1, 30).Draw(t, "deadline")),
		}
		for s := range j.times {
			j.times[s] = Time(small.Draw(t, "time"))
		}
		if trouble {
			j.fails, j.failStage = small.Draw(t, "fails") == 0, Stage(rapid.IntRange(0, 2).Draw(t, "stage"))
			j.cancelled, j.cancelAt = small.Draw(t, "cancelled") == 0, Time(rapid.IntRange(0, 60).Draw(t, "at"))
		}
		sc.jobs = append(sc.jobs, j)
	}
	return sc
}

// drawAny is drawScenario with the other modes, orders and two slots. The
// nominal times of the variants are no promise: what runs takes other times.
func drawAny(t *rapid.T) *scenario {
	sc := drawScenario(t)
	cfg := &sc.cfg
	cfg.AcceleratorSlots = rapid.IntRange(1, 2).Draw(t, "slots")
	cfg.Mode = Mode(rapid.IntRange(0, 3).Draw(t, "mode") / 3)
	cfg.Order = Order(rapid.IntRange(0, 3).Draw(t, "order"))
	cfg.Rule.Bound = pack.Factor(rapid.IntRange(0, 9).Draw(t, "bound") * 100_000)
	cfg.Rule.Guard = pack.Factor(rapid.IntRange(0, 3).Draw(t, "guard") * 100_000)
	nominal := rapid.IntRange(0, 9)
	for i := range cfg.Tasks {
		for range rapid.IntRange(1, 2).Draw(t, "variants") {
			cfg.Tasks[i].Variants = append(cfg.Tasks[i].Variants, Times{
				Pre: time.Duration(nominal.Draw(t, "pre")), Infer: time.Duration(nominal.Draw(t, "infer")),
				Post: time.Duration(nominal.Draw(t, "post")),
			})
		}
		for k := range i {
			slow := func() pack.Factor { return pack.One + pack.Factor(rapid.IntRange(0, 9).Draw(t, "slow")*100_000) }
			if rapid.Bool().Draw(t, "pair") {
				cfg.Packing = append(cfg.Packing, Pair{A: Ref{TaskID(i), 0}, B: Ref{TaskID(k), 0}, SlowA: slow(), SlowB: slow()})
			}
		}
	}
	return sc
}

// TestEveryModeAndOrderEndsEveryJobOnce, never above capacity.
func TestEveryModeAndOrderEndsEveryJobOnce(t *testing.T) {
	packed := 0
	rapid.Check(t, func(t *rapid.T) {
		sc := drawAny(t)
		outcomes, err := drive(sc, func(c *Core, s step) error {
			slots := max(1, sc.cfg.AcceleratorSlots)
			if c.Busy(CPU) > sc.cfg.CPUWorkers || c.Busy(Accelerator) > slots {
				return fmt.Errorf("%d workers and %d slots are busy", c.Busy(CPU), c.Busy(Accelerator))
			}
			idle := c.Busy(Accelerator) == 0
			if idle && (c.Ready(Accelerator) > 0 || sc.cfg.Mode == BlackBox && c.Ready(CPU) > 0) {
				return errors.New("the accelerator is idle, and somebody waits for it")
			}
			if sc.cfg.Mode == Split && c.Busy(CPU) < sc.cfg.CPUWorkers && c.Ready(CPU) > 0 {
				return errors.New("a worker is idle, and somebody waits")
			}
			for _, d := range s.decisions {
				if d.Beside != 0 {
					packed++
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, o := range outcomes {
			if !o.kind.Terminal() || o.kind == Refuse && sc.cfg.Order != EDFAdmission {
				t.Fatalf("job %d: %v", i+1, o)
			}
		}
	})
	if packed == 0 {
		t.Error("nothing was packed")
	}
}

// TestResetMakesANewCore: what a used core decides after Reset is what a new
// one does.
func TestResetMakesANewCore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sc := drawAny(t)
		var steps []step
		if _, err := drive(sc, func(_ *Core, s step) error { steps = append(steps, s); return nil }); err != nil {
			t.Fatal(err)
		}
		c, err := New(sc.cfg)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			until := rapid.IntRange(0, len(steps)).Draw(t, "until")
			for i, s := range steps[:until] {
				got, err := c.Step(s.now, s.events, nil)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(s.decisions, got, cmpopts.EquateEmpty()); diff != "" {
					t.Fatalf("step %d differs (-want +got):\n%s", i, diff)
				}
			}
			if err := c.Reset(nil); err != nil {
				t.Fatal(err)
			}
			if c.Ready(CPU)+c.Ready(Accelerator)+c.Busy(CPU)+c.Busy(Accelerator) != 0 {
				t.Fatal("jobs are left")
			}
		}
	})
}

// TestModelHolds: never above capacity; work-conserving; a start takes the
// most urgent ready stage; late policies; one outcome a job.
func TestModelHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sc := drawScenario(t)
		a := newAuditor(sc.cfg)
		outcomes, err := drive(sc, a.observe)
		if err == nil {
			err = a.done(outcomes)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
}

// TestSameEventsSameDecisions: run twice, and once more with the events of
// each step listed in another order.
func TestSameEventsSameDecisions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sc := drawAny(t)
		var first, second []step
		record := func(to *[]step) func(*Core, step) error {
			return func(_ *Core, s step) error { *to = append(*to, s); return nil }
		}
		if _, err := drive(sc, record(&first)); err != nil {
			t.Fatal(err)
		}
		if _, err := drive(sc, record(&second)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first, second, cmp.AllowUnexported(step{})); diff != "" {
			t.Fatalf("second run differs (-first +second):\n%s", diff)
		}
		c, err := New(sc.cfg)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range first {
			events := shuffle(t, s.events)
			got, err := c.Step(s.now, events, nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(s.decisions, got); diff != "" {
				t.Fatalf("at %d: events %v, listed as %v (-want +got):\n%s", s.now, s.events, events, diff)
			}
		}
	})
}

// shuffle lists events in another order, that of one task's releases kept,
// with some ticks among them.
func shuffle(t *rapid.T, events []Event) []Event {
	shuffled := rapid.Permutation(events).Draw(t, "order")
	for i, e := range shuffled {
		if e.Kind != Release {
			continue
		}
		// The n-th place of a release of this task gets the n-th such release.
		n := 0
		for _, o := range shuffled[:i] {
			if o.Kind == Release && o.Task == e.Task {
				n++
			}
		}
		for _, o := range events {
			if o.Kind == Release && o.Task == e.Task {
				if n == 0 {
					shuffled[i] = o
					break
				}
				n--
			}
		}
	}
	return slices.Insert(shuffled, rapid.IntRange(0, len(shuffled)).Draw(t, "tick at"), Event{Kind: Tick})
}

// TestEndsOfAbortedStagesChangeNothing: a caller that can't stop a run and one
// that can get the same decisions.
func TestEndsOfAbortedStagesChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sc := drawScenario(t)
		sc.cfg.Late, sc.lag = LateAbort, nil
		owed := uint64(0)
		var ignored Ignored
		var got [2][]outcome
		for i := range got {
			sc.reportAborted = i == 1
			var err error
			got[i], err = drive(sc, func(c *Core, s step) error {
				ignored = c.Ignored()
				for _, d := range s.decisions {
					if sc.reportAborted && d.Kind == Abort && d.Unit != NoUnit {
						owed++
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(got[0], got[1], cmp.AllowUnexported(outcome{})); diff != "" {
			t.Fatalf("outcomes differ (-stopped +run on):\n%s", diff)
		}
		if ignored.Completions != owed {
			t.Fatalf("%d ends passed over, %d stages aborted", ignored.Completions, owed)
		}
	})
}
