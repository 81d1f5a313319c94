package profile

import (
	"testing"
	"time"
)

func TestJudge(t *testing.T) {
	calm := milliseconds(100, 100, 100, 100, 100, 100, 100, 100, 105, 195) // of ten one outlier is above the 90th percentile
	torn := milliseconds(80, 80, 80, 80, 80, 80, 80, 80, 180, 180)
	ms := time.Millisecond
	for _, c := range []struct {
		name  string
		spins map[string][]time.Duration // each list is 1.1 or 1 s
		n     Noise
		want  string
	}{
		{"nothing measured", nil, Noise{}, "quiet"},
		{"calm cores", map[string][]time.Duration{"cpu": calm, "accelerator": calm}, Noise{CPU: 2150 * ms, Involuntary: 60}, "quiet"},
		{
			"this process's own threads", map[string][]time.Duration{"cpu": calm},
			Noise{CPU: 1090 * ms, Involuntary: 1000, Own: 990}, "quiet",
		},
		{
			"another process on the CPU stages' core now and then", map[string][]time.Duration{"cpu": torn, "accelerator": calm},
			Noise{CPU: 2 * time.Second}, "noisy: p90/median of a fixed piece of work on the core of cpu 2.25 over 1.1",
		},
		{
			"another process all the time", map[string][]time.Duration{"cpu": calm},
			Noise{CPU: 550 * ms, Involuntary: 100}, "noisy: share of the time taken by others 0.5 over 0.05",
		},
		{
			"switches alone", map[string][]time.Duration{"cpu": calm},
			Noise{CPU: 1100 * ms, Involuntary: 144, Own: 100}, "noisy: involuntary switches a second 40 over 30",
		},
		{
			"the worst of several is named", map[string][]time.Duration{"accelerator": torn},
			Noise{CPU: 900 * ms, Involuntary: 400}, "noisy: involuntary switches a second 400 over 30",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.n.Spins = c.spins
			if got := c.n.Judge(); got.Text != c.want || got.Quiet != (c.want == "quiet") {
				t.Errorf("got %q, want %q", got.Text, c.want)
			}
		})
	}
}
