package profile

import (
	"testing"
	"time"
)

func TestJudge(t *testing.T) {
	calm := milliseconds(1, 1, 1, 1, 1, 1, 1, 1, 1.05, 4) // one outlier of ten is below the 90th percentile
	torn := milliseconds(1, 1, 1, 1, 1, 1, 1, 1, 3, 3)
	for _, c := range []struct {
		name string
		n    Noise
		want string
	}{
		{"nothing measured", Noise{}, "quiet"},
		{
			"calm cores", Noise{Spins: map[string][]time.Duration{"cpu": calm, "accelerator": calm}, Involuntary: 99, Busy: 2 * time.Second},
			"quiet",
		},
		{
			"another process on the CPU stages' core", Noise{Spins: map[string][]time.Duration{"cpu": torn, "accelerator": calm}},
			"noisy: p90/median of a fixed piece of work on the core of cpu 3 over 1.1",
		},
		{
			"switches alone", Noise{Spins: map[string][]time.Duration{"cpu": calm}, Involuntary: 102, Busy: 2 * time.Second},
			"noisy: involuntary switches a second 51 over 50",
		},
		{
			"the worse of two is named", Noise{Spins: map[string][]time.Duration{"accelerator": torn}, Involuntary: 400, Busy: time.Second},
			"noisy: involuntary switches a second 400 over 50",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.n.Judge(); got.Text != c.want || got.Quiet != (c.want == "quiet") {
				t.Errorf("got %q, want %q", got.Text, c.want)
			}
		})
	}
}
