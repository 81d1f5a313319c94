package planning

import (
	"testing"
	"time"
)

func TestNearIsWhenALossWithinOnePercentWasReached(t *testing.T) {
	for _, c := range []struct {
		name  string
		gains []gain
		want  time.Duration
	}{
		{"no feasible plan", nil, 0},
		{"the first is the last", []gain{{3, 0.5}}, 3},
		{"the last alone is near", []gain{{1, 1}, {2, 0.52}, {9, 0.5}}, 9},
		{"within 1 %", []gain{{1, 1}, {2, 0.505}, {9, 0.5}}, 2},
		{"no loss", []gain{{1, 0.001}, {2, 0}}, 2},
	} {
		if got := near(c.gains); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}
