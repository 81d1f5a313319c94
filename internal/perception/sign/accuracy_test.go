package sign_test

import (
	"testing"

	"rtmdl/internal/evaluate"
)

// TestAccuracyOnTheSample holds the network, with all that is around it, to floors on frames and crops that come with
// the project and that no network was trained on.
func TestAccuracyOnTheSample(t *testing.T) {
	got, err := evaluate.Sign(t.Context(), evaluate.Options{Data: "testdata", Models: "../../../models", Split: "all"})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		floor float64
		count int
	}{
		{0.9, 20},  // micro F1; measured: 0.969
		{0.83, 20}, // AP, mean of the groups; measured: 0.889, mandatory signs being three
		{0.9, 20},  // prohibitory; measured: 1
		{0.9, 20},  // danger; measured: 1
		{0.6, 20},  // mandatory; measured: 0.667
		{0.85, 20}, // AP whatever the class; measured: 0.939
		{0, 20},    // calibration error: the lower the better
		{0.97, 43}, // top-1 of crops; measured: 1
	} {
		t.Log(got[i])
		if got[i].Count != want.count || !(got[i].Value >= want.floor) {
			t.Errorf("%v: must be at least %v on %d pictures", got[i], want.floor, want.count)
		}
	}
}
