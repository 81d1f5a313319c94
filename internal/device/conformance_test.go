package device

import (
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// conformance is what every device has to pass, given a network that it can run and whose outputs depend on its
// inputs.
func conformance(t *testing.T, d Device, network string) {
	load := func(t *testing.T) Model {
		t.Helper()
		m, err := d.Load(network)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := m.Close(); err != nil {
				t.Error(err)
			}
		})
		return m
	}
	t.Run("it has a name", func(t *testing.T) {
		if d.Name() == "" || d.Name() != strings.ToLower(d.Name()) {
			t.Errorf("name %q", d.Name())
		}
	})
	t.Run("a thread can be bound again and again", func(t *testing.T) {
		for range 3 {
			release, err := d.Bind()
			if err != nil {
				t.Fatal(err)
			}
			release()
		}
	})
	t.Run("tensors have the sizes of their specs and are zero", func(t *testing.T) {
		m := load(t)
		tensors := newTensors(t, m)
		for _, part := range []struct {
			specs []Spec
			data  [][]float32
		}{{m.Inputs(), tensors.In}, {m.Outputs(), tensors.Out}} {
			if len(part.specs) == 0 || len(part.specs) != len(part.data) {
				t.Fatalf("%d specs, %d slices", len(part.specs), len(part.data))
			}
			for i, s := range part.specs {
				if s.Name == "" || slices.Min(s.Shape) < 1 || int64(len(part.data[i])) != s.Size() {
					t.Errorf("%+v has %d values", s, len(part.data[i]))
				}
				if slices.ContainsFunc(part.data[i], func(v float32) bool { return v != 0 }) {
					t.Errorf("%s is not zero", s.Name)
				}
			}
		}
	})
	t.Run("the same inputs give the same outputs, other inputs others", func(t *testing.T) {
		m := load(t)
		a, b := newTensors(t, m), newTensors(t, m)
		first := run(t, m, a, 1)
		for range 3 {
			if again := run(t, m, a, 1); !slices.EqualFunc(first, again, slices.Equal) {
				t.Fatal("a second run on the same tensors differs")
			}
		}
		if other := run(t, m, b, 1); !slices.EqualFunc(first, other, slices.Equal) {
			t.Error("a run on other tensors differs")
		}
		if slices.EqualFunc(first, run(t, m, b, 2), slices.Equal) {
			t.Error("other inputs give the same outputs")
		}
		for _, out := range first {
			for _, v := range out {
				if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
					t.Fatalf("an output is %v", v)
				}
			}
		}
	})
	t.Run("runs on separate tensors may overlap", func(t *testing.T) {
		m := load(t)
		const users = 4
		var want [users][][]float32
		for i := range users {
			want[i] = run(t, m, newTensors(t, m), i)
		}
		var all sync.WaitGroup
		for i := range users {
			tensors := newTensors(t, m)
			fill(tensors, i)
			all.Go(func() {
				for range 3 {
					if err := m.Run(tensors); err != nil || !slices.EqualFunc(want[i], tensors.Out, slices.Equal) {
						t.Errorf("user %d: wrong outputs beside other runs, or error %v", i, err)
						return
					}
				}
			})
		}
		all.Wait()
	})
	t.Run("tensors that are closed or of another model are refused", func(t *testing.T) {
		m, other := load(t), load(t)
		foreign, closed := newTensors(t, other), newTensors(t, m)
		for range 2 {
			if err := closed.Close(); err != nil {
				t.Error(err)
			}
		}
		for name, tensors := range map[string]*Tensors{
			"another model's": foreign, "closed": closed, "nobody's": NewTensors(nil, nil, nil),
		} {
			if err := m.Run(tensors); !errors.Is(err, ErrTensors) {
				t.Errorf("tensors that are %s: error %v", name, err)
			}
		}
	})
	t.Run("Close waits for runs, may be called twice, and ends running", func(t *testing.T) {
		m, err := d.Load(network)
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for range 2 {
			tensors := newTensors(t, m)
			all.Go(func() {
				for {
					if err := m.Run(tensors); err != nil {
						if !errors.Is(err, ErrClosed) {
							t.Error(err)
						}
						return
					}
				}
			})
		}
		for range 2 {
			if err := m.Close(); err != nil {
				t.Error(err)
			}
		}
		all.Wait()
	})
	t.Run("a missing file is named", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "missing.onnx")
		if _, err := d.Load(path); !errors.Is(err, ErrModel) || !strings.Contains(err.Error(), path) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("it can be warmed up", func(t *testing.T) {
		if err := WarmUp(load(t)); err != nil {
			t.Error(err)
		}
	})
}

func newTensors(t testing.TB, m Model) *Tensors {
	t.Helper()
	tensors, err := m.NewTensors()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tensors.Close(); err != nil {
			t.Error(err)
		}
	})
	return tensors
}

// fill writes a pattern that depends on seed, from 0 to 1.
func fill(tensors *Tensors, seed int) {
	for _, in := range tensors.In {
		for i := range in {
			in[i] = float32((i*(seed+3))%251) / 250
		}
	}
}

// run runs on such a pattern and returns a copy of the outputs.
func run(t *testing.T, m Model, tensors *Tensors, seed int) [][]float32 {
	t.Helper()
	fill(tensors, seed)
	if err := m.Run(tensors); err != nil {
		t.Fatal(err)
	}
	out := make([][]float32, len(tensors.Out))
	for i, o := range tensors.Out {
		out[i] = slices.Clone(o)
	}
	return out
}
