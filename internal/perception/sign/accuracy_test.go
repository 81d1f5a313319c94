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
		{0.8, 20},  // micro F1; measured:
		{0.8, 20},  // AP, mean of the groups; measured:
		{0, 20},    // of each group
		{0, 20},    //
		{0, 20},    //
		{0.8, 20},  // AP whatever the class; measured:
		{0.95, 43}, // crops; measured:
	} {
		t.Log(got[i])
		if got[i].Count != want.count || !(got[i].Value >= want.floor) {
			t.Errorf("%v: must be at least %v on %d pictures", got[i], want.floor, want.count)
		}
	}
}
