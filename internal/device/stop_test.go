package device

import (
	"context"
	"errors"
	"slices"
	"testing"
)

func TestARunCanBeStopped(t *testing.T) {
	m, err := newCPU(t).Load(network)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close() //nolint:errcheck // looked at elsewhere
	tensors := newTensors(t, m)
	want := run(t, m, tensors, 1)
	stopper := m.(Stopper) //nolint:errcheck // a test that fails
	ended, end := context.WithCancel(t.Context())
	end()
	// A run whose context ends while it is under way is stopped or done before; of one that has ended, some are stopped.
	stopped := 0
	for range 20 {
		if err := stopper.RunContext(ended, tensors); errors.Is(err, context.Canceled) {
			stopped++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if stopped == 0 {
		t.Error("no run was stopped")
	}
	clear(tensors.Out[0])
	if err := stopper.RunContext(t.Context(), tensors); err != nil || !slices.EqualFunc(want, tensors.Out, slices.Equal) {
		t.Errorf("a run after those that were stopped: wrong outputs, or error %v", err)
	}
	if err := stopper.RunContext(t.Context(), NewTensors(nil, nil, nil)); !errors.Is(err, ErrTensors) {
		t.Errorf("tensors of nobody: error %v", err)
	}
}
