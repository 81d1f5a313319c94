package profile

import (
	"testing"
	"time"
)

func TestJudge(t *testing.T) {
	calm := milliseconds(100, 100, 100, 100, 100, 100, 100, 100, 105, 400) // of ten one outlier is above the 90th percentile
	torn := milliseconds(100, 100, 100, 100, 100, 100, 100, 100, 300, 300)
	for _, c := range []struct {
		name string
		n    Noise
		want string
	}{
		{"nothing measured", Noise{}, "quiet"},
		{
			"calm cores", Noise{Spins: map[string][]time.Duration{"cpu": calm, "accelerator": calm}, Involuntary: 78},
			"quiet",
		},
		{
			"another process on the CPU stages' core", Noise{Spins: map[string][]time.Duration{"cpu": torn, "accelerator": calm}},
			"noisy: p90/median of a fixed piece of work on the core of cpu 3 over 1.1",
		},
		{
			"switches alone", Noise{Spins: map[string][]time.Duration{"cpu": calm}, Involuntary: 52},
			"noisy: involuntary switches a second 39.8 over 30",
		},
		{
			"the worse of two is named", Noise{Spins: map[string][]time.Duration{"accelerator": torn}, Involuntary: 1400},
			"noisy: involuntary switches a second 1e+03 over 30",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.n.Judge(); got.Text != c.want || got.Quiet != (c.want == "quiet") {
				t.Errorf("got %q, want %q", got.Text, c.want)
			}
		})
	}
}
