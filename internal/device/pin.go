package device

import (
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// ErrCores is returned for cores that this process may not use.
var ErrCores = errors.New("cores")

// Pin locks the calling goroutine to its thread and the thread to the given cores (none: no change of cores).
// The returned function undoes both; it must be called from the same goroutine.
func Pin(cores []int) (release func(), err error) {
	runtime.LockOSThread()
	if len(cores) == 0 {
		return runtime.UnlockOSThread, nil
	}
	var before, wanted unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		runtime.UnlockOSThread()
		return nil, fmt.Errorf("%w: %w", ErrCores, err)
	}
	for _, c := range cores {
		wanted.Set(c)
	}
	if err := unix.SchedSetaffinity(0, &wanted); err != nil {
		runtime.UnlockOSThread()
		return nil, fmt.Errorf("%w %v: %w", ErrCores, cores, err)
	}
	return func() {
		_ = unix.SchedSetaffinity(0, &before)
		runtime.UnlockOSThread()
	}, nil
}

func checkCores(cores []int) error {
	var allowed unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		return fmt.Errorf("%w: %w", ErrCores, err)
	}
	for _, c := range cores {
		if c < 0 || !allowed.IsSet(c) {
			return fmt.Errorf("%w: core %d is not among the %d that this process may use", ErrCores, c, allowed.Count())
		}
	}
	return nil
}

// Cores returns the cores that this process may use, in ascending order.
func Cores() []int {
	var allowed unix.CPUSet
	if unix.SchedGetaffinity(0, &allowed) != nil {
		return nil
	}
	var cores []int
	for c := 0; len(cores) < allowed.Count(); c++ {
		if allowed.IsSet(c) {
			cores = append(cores, c)
		}
	}
	return cores
}
