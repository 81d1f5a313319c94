package monotonic

import (
	"testing"

	"golang.org/x/sys/unix"
)

func TestNowNeverDecreases(t *testing.T) {
	last := Now()
	if last <= 0 {
		t.Fatalf("now is %d", last)
	}
	for range 10_000 {
		now := Now()
		if now < last {
			t.Fatalf("%d after %d", now, last)
		}
		last = now
	}
}

func TestNowIsTheKernelsMonotonicClock(t *testing.T) {
	before := Now()
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		t.Fatal(err)
	}
	if kernel := ts.Sec*1e9 + ts.Nsec; kernel < before || kernel > Now() {
		t.Errorf("the kernel's clock says %d between %d and %d", kernel, before, Now())
	}
}

func BenchmarkNow(b *testing.B) {
	for b.Loop() {
		Now()
	}
}
