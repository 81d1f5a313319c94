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
	before, err := checkCores(cores)
	if err != nil {
		runtime.UnlockOSThread()
		return nil, err
	}
	var wanted unix.CPUSet
	for _, c := range cores {
		wanted.Set(c)
	}
	if err := unix.SchedSetaffinity(0, &wanted); err != nil {
		runtime.UnlockOSThread()
		return nil, fmt.Errorf("%w %v: %w", ErrCores, cores, err)
	}
	return func() {
		// A thread that stays on its cores stays locked too: Go ends it with its goroutine.
		if unix.SchedSetaffinity(0, &before) == nil {
			runtime.UnlockOSThread()
		}
	}, nil
}

// checkCores returns the cores that the calling thread may use, and an error if one of those given is not among
// them. (The kernel itself leaves such a core out without a word, unless it is the only one.)
func checkCores(cores []int) (allowed unix.CPUSet, err error) {
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		return allowed, fmt.Errorf("%w: %w", ErrCores, err)
	}
	for _, c := range cores {
		if c < 0 || !allowed.IsSet(c) {
			return allowed, fmt.Errorf("%w: core %d is not among the %d that this process may use", ErrCores, c, allowed.Count())
		}
	}
	return allowed, nil
}

// Cores returns the cores that this process may use, in ascending order.
func Cores() []int {
	allowed, err := checkCores(nil)
	if err != nil {
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
