// Package monotonic reads the host's monotonic clock as a number that other processes on the host share, and waits by it.
package monotonic

import "golang.org/x/sys/unix"

// Now returns CLOCK_MONOTONIC in nanoseconds: > 0, never decreasing, the same axis for every process on the
// host. It is what deadlines and durations are measured on; ROS time is for the age of data.
func Now() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic("monotonic clock: " + err.Error()) // the kernel has had it since 2.6
	}
	return ts.Nano()
}
