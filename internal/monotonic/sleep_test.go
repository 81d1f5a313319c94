package monotonic

import (
	"context"
	"testing"
	"time"
)

func TestSleepEndsWithItsContext(t *testing.T) {
	ended, end := context.WithCancel(t.Context())
	end()
	for _, d := range []time.Duration{-1, 0, time.Hour} {
		if Sleep(ended, d) {
			t.Errorf("%v: the context was not seen", d)
		}
	}
	for _, d := range []time.Duration{-1, 0, 1} {
		if !Sleep(t.Context(), d) {
			t.Errorf("%v: it ended early", d)
		}
	}
}
