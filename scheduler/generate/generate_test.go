package generate

import (
	"math"
	"slices"
	"testing"

	"rtmdl/scheduler/task"
)

func TestSetsAreValidHaveTheirUtilisationAndRepeat(t *testing.T) {
	for seed := range uint64(200) {
		o := Options{
			Tasks: 1 + int(seed%12), Levels: 1 + int(seed%9), Utilisation: 0.5 + float64(seed%11)/10,
			Slots: 2, Slow: [2]task.Millionths{1_050_000, 1_600_000},
		}
		s := Set(seed, o)
		if err := s.Validate(); err != nil {
			t.Fatal(err)
		}
		u := 0.0
		for i := range s.Tasks {
			largest := s.Tasks[i].Variants[s.Tasks[i].Largest()]
			u += float64(largest.Infer) / float64(s.Tasks[i].Period)
		}
		if math.Abs(u-o.Utilisation) > 1e-6 {
			t.Errorf("seed %d: utilisation %v, want %v", seed, u, o.Utilisation)
		}
		if !slices.Equal(s.Marshal(), Set(seed, o).Marshal()) {
			t.Errorf("seed %d: two different sets", seed)
		}
	}
}

func TestPermutationsAreFair(t *testing.T) {
	counts := map[[3]int]int{}
	r := NewSource(1)
	for range 6000 {
		counts[[3]int(r.Permutation(3))]++
	}
	for p, n := range counts {
		if len(counts) != 6 || n < 850 || n > 1150 {
			t.Errorf("%v: %d of 6000", p, n)
		}
	}
}
