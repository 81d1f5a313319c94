package profile

import (
	"errors"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"rtmdl/internal/monotonic"
)

// Thread is a thread that runs one thing after another, as one of the scheduler's does.
type Thread struct {
	queue chan func()
	ended sync.WaitGroup

	// Of the last call of Timed, for whoever waited for it.
	took time.Duration
	err  error
}

// NewThread starts a thread that bind binds to its cores.
func NewThread(bind func() (release func(), err error)) (*Thread, error) {
	t := &Thread{queue: make(chan func())}
	bound := make(chan error)
	t.ended.Go(func() {
		release, err := bind()
		bound <- err
		if err != nil {
			return
		}
		defer release()
		for f := range t.queue {
			f()
		}
	})
	return t, <-bound
}

// Timed runs f on the thread and waits for it.
func (t *Thread) Timed(f func() error) (time.Duration, error) {
	done := make(chan struct{})
	t.queue <- func() {
		defer close(done)
		started := monotonic.Now()
		t.err = f()
		t.took = time.Duration(monotonic.Now() - started)
	}
	<-done
	return t.took, t.err
}

// Close ends the thread.
func (t *Thread) Close() {
	close(t.queue)
	t.ended.Wait()
}

// usage is what the system has counted so far.
type usage struct {
	cpu         time.Duration // of the calling thread
	involuntary int64         // how often it was taken off its core while it had work
	own         int64         // how often the process's other threads have slept, and so woken up
}

// readUsage reads the calling thread's usage.
func readUsage() (usage, error) {
	var cpu unix.Timespec
	var thread, process unix.Rusage
	err := errors.Join(unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &cpu),
		unix.Getrusage(unix.RUSAGE_THREAD, &thread), unix.Getrusage(unix.RUSAGE_SELF, &process))
	return usage{time.Duration(cpu.Nano()), thread.Nivcsw, process.Nvcsw - thread.Nvcsw}, err
}

// spinSteps make a spin of some 10 ms: several of the slices that processes get by turns on a busy core.
const spinSteps = 6_000_000

// spin does a known amount of integer work, each step of which waits for the one before. It returns what it came to, so
// that no compiler leaves it out.
func spin() uint64 {
	x := uint64(88172645463325252)
	for range spinSteps {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}
