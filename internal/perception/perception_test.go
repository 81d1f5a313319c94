package perception

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"rtmdl/internal/device"
)

func TestExpect(t *testing.T) {
	want := []device.Spec{{Name: "a", Shape: []int64{1, 2}}, {Name: "b", Shape: []int64{3}}}
	for name, got := range map[string][]device.Spec{
		"fewer": want[:1], "another order": {want[1], want[0]}, "none": nil,
		"another name":  {{Name: "A", Shape: []int64{1, 2}}, want[1]},
		"another shape": {{Name: "a", Shape: []int64{2, 1}}, want[1]},
	} {
		if err := Expect("inputs", got, want); !errors.Is(err, ErrContract) || !strings.Contains(err.Error(), "inputs") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if err := Expect("inputs", slices.Clone(want), want); err != nil {
		t.Error(err)
	}
}

func TestIoU(t *testing.T) {
	a := Detection{X: 10, Y: 10, Width: 10, Height: 10}
	for _, test := range []struct {
		name string
		b    Detection
		want float64
	}{
		{"the same", a, 1},
		{"beside it", Detection{X: 20, Y: 10, Width: 10, Height: 10}, 0},
		{"far away", Detection{X: 100, Y: 100, Width: 10, Height: 10}, 0},
		{"half of it", Detection{X: 10, Y: 10, Width: 5, Height: 10}, 0.5},
		{"around it", Detection{X: 5, Y: 5, Width: 20, Height: 20}, 0.25},
		{"a corner", Detection{X: 15, Y: 15, Width: 10, Height: 10}, 25.0 / 175},
		{"nothing", Detection{X: 12, Y: 12}, 0},
	} {
		if got := a.IoU(test.b); math.Abs(got-test.want) > 1e-12 || got != test.b.IoU(a) {
			t.Errorf("%s: %v, and must be %v", test.name, got, test.want)
		}
	}
}
