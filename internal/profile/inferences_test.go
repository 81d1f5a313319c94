package profile

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rtmdl/internal/device"
)

// open returns levels lane/a, lane/b and sign/c of a virtual device, each of which takes a millisecond.
func open(t *testing.T) *Inferences {
	t.Helper()
	one := []device.Spec{{Name: "x", Shape: []int64{1, 4}}}
	networks := map[string]device.VirtualNetwork{}
	for _, path := range []string{"a", "b", "c"} {
		networks[path] = device.VirtualNetwork{Inputs: one, Outputs: one, Time: time.Millisecond}
	}
	d := device.NewVirtual(networks, nil)
	x, err := NewInferences(d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, l := range [][2]string{{"lane", "a"}, {"lane", "b"}, {"sign", "c"}} {
		m, err := d.Load(l[1])
		if err != nil {
			t.Fatal(err)
		}
		if err := x.Add(Level{Task: l[0], Name: l[1]}, m); err != nil {
			t.Fatal(err)
		}
	}
	return x
}

func TestInferencesAreABenchOfInferencesAlone(t *testing.T) {
	x := open(t)
	if diff := cmp.Diff([][2]int{{0, 2}, {1, 2}}, x.Pairs()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([][2]int{{0, 1}}, x.SameTask()); diff != "" {
		t.Error(diff)
	}
	start := time.Now()
	s, err := Measure(t.Context(), x, Plan{
		Levels: 3, Pairs: x.Pairs(), Precision: 1e-9, Now: func() time.Duration { return time.Since(start) },
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, level := range s.Levels {
		if len(level[Pre]) != 0 || len(level[Post]) != 0 || len(level[Infer]) != 1 || level[Infer][0] < time.Millisecond {
			t.Errorf("level %d: %v", i, level)
		}
	}
	for i, pair := range s.Pairs {
		for _, side := range pair {
			if len(side) < leastOfPair || side[0] < time.Millisecond {
				t.Errorf("pair %d: %v", i, side)
			}
		}
	}
	if len(x.Noise.Spins["accelerator"]) != leastSpins {
		t.Errorf("%d spins", len(x.Noise.Spins["accelerator"]))
	}
	r := &Report{Precision: 1e-9}
	r.Fill(x.All, x.Pairs(), s)
	for _, l := range r.Levels {
		if _, ok := l.Stages["infer"]; !ok || len(l.Stages) != 1 {
			t.Errorf("%s/%s has stages %v", l.Task, l.Name, l.Stages)
		}
	}
	if wide := r.Wide(); len(wide) != 5 || wide[0] != "lane/a infer" { // one sample each is no interval
		t.Errorf("not narrow: %v", wide)
	}
}

func TestAnInferenceThatFailsIsNamed(t *testing.T) {
	x := open(t)
	if err := x.All[2].Model.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := x.Job(2); !errors.Is(err, device.ErrClosed) || !strings.Contains(err.Error(), "sign/c, infer") {
		t.Errorf("alone: error %v", err)
	}
	if _, _, err := x.Pair(0, 2); !errors.Is(err, device.ErrClosed) || !strings.Contains(err.Error(), "sign/c beside") {
		t.Errorf("in a pair: error %v", err)
	}
	if _, _, err := x.Stop(0, 0); err == nil || !strings.Contains(err.Error(), "lane/a") {
		t.Errorf("a stop of what can't be stopped: error %v", err)
	}
}

// endless is a model whose runs end when they are stopped.
type endless struct{ device.Model }

func (endless) RunContext(ctx context.Context, _ *device.Tensors) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestStopTellsWhetherItStopped(t *testing.T) {
	x := open(t)
	x.All[1].Model = endless{x.All[1].Model}
	if took, stopped, err := x.Stop(1, time.Millisecond); err != nil || !stopped || took < 0 {
		t.Error(took, stopped, err)
	}
}

func TestTheGainOfAPair(t *testing.T) {
	x := open(t)
	level := [stages][]time.Duration{Infer: milliseconds(2)}
	s := &Samples{Levels: [][stages][]time.Duration{level, level, level}, Pairs: [][2][]time.Duration{
		{milliseconds(2), milliseconds(2)}, {milliseconds(4), milliseconds(4)},
	}}
	r := &Report{}
	r.Fill(x.All, x.Pairs(), s)
	if r.Pairs[0].Gain != 2 || r.Pairs[1].Gain != 1 {
		t.Errorf("side by side without slowdown %v, want 2; as one after the other %v, want 1", r.Pairs[0].Gain, r.Pairs[1].Gain)
	}
}
