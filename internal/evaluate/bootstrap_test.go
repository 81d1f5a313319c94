package evaluate

import (
	"math"
	"slices"
	"testing"
)

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

func TestTheIntervalIsOverGroups(t *testing.T) {
	// 400 samples, half of them 1: alone, 0.5 +- 0.049; in 4 groups that are all alike within, far wider.
	var single, alike [][]float64
	for i := range 400 {
		single = append(single, []float64{float64(i % 2)})
	}
	for i := range 4 {
		alike = append(alike, slices.Repeat([]float64{float64(i % 2)}, 100))
	}
	for _, test := range []struct {
		name   string
		groups [][]float64
		half   float64 // of the interval, about
	}{{"each of its own", single, 0.049}, {"four groups", alike, 0.5}} {
		f := figure("x", test.groups, mean)
		if f.Value != 0.5 || f.Count != 400 || math.Abs((f.High-f.Low)/2-test.half) > 0.15*test.half {
			t.Errorf("%s: %v", test.name, f)
		}
		if again := figure("x", test.groups, mean); again != f {
			t.Errorf("%s: %v, then %v", test.name, f, again)
		}
	}
	if f := figure("x", nil, mean); !math.IsNaN(f.Value) || !math.IsNaN(f.Low) {
		t.Errorf("of nothing: %v", f)
	}
}

func TestGroupsKeepTheirOrder(t *testing.T) {
	got := grouped([]string{"b1", "a1", "b2", "c1", "a2"}, func(s string) string { return s[:1] })
	want := [][]string{{"b1", "b2"}, {"a1", "a2"}, {"c1"}}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("%v", got)
	}
}
