package planning

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rtmdl/scheduler/generate"
	"rtmdl/scheduler/plan"
	"rtmdl/scheduler/task"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRunStopsInTimeAndShowsProgress(t *testing.T) {
	s := generate.Set(1, generate.Options{Tasks: 12, Utilisation: 0.8})
	calls := 0
	start := time.Now()
	r, err := Run(t.Context(), s, Options{
		Options: plan.Options{Jobs: 100, Seed: 1}, Time: 200 * time.Millisecond,
		Progress: func(Progress) { calls++ },
	})
	if err != nil || r.Plan == nil || calls == 0 {
		t.Fatalf("%+v, %d calls, %v", r, calls, err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestAnInterruptedRunReturnsTheBest(t *testing.T) {
	s := generate.Set(3, generate.Options{Tasks: 8, Utilisation: 0.6})
	ctx, stop := context.WithCancel(t.Context())
	r, err := Run(ctx, s, Options{
		Options:  plan.Options{Jobs: 50},
		Progress: func(p Progress) { stop() },
	})
	if err != nil || !r.Interrupted || r.Plan == nil {
		t.Fatalf("%+v, %v", r, err)
	}
}

// TestWorkedExample keeps the figures of docs/scheduling.md.
func TestWorkedExample(t *testing.T) {
	s, err := task.ReadSet(filepath.Join("..", "..", "docs", "example", "tasks.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		without bool
		loss    float64
	}{{false, 0}, {true, 0.021052631}} {
		r, err := Run(t.Context(), s, Options{Options: plan.Options{NoPacking: c.without}})
		if err != nil {
			t.Fatal(err)
		}
		if !r.ProvenOptimal || r.Loss < c.loss-1e-6 || r.Loss > c.loss+1e-6 {
			t.Errorf("without packing %v: %+v", c.without, r.Result)
		}
	}
}
