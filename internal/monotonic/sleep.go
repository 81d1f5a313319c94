package monotonic

import (
	"context"
	"time"
)

// Sleep waits, and returns false when ctx ended first. A d of 0 or less is over at once.
func Sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
