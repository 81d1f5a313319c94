package profile

import (
	"errors"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"rtmdl/internal/monotonic"
)

// worker is a thread that runs one thing after another, as one of the scheduler's does.
type worker struct {
	queue chan func()
	ended sync.WaitGroup

	// Of the last call of timed, for whoever waited for it.
	took time.Duration
	err  error
}

// newWorker starts a thread that bind binds to its cores.
func newWorker(bind func() (release func(), err error)) (*worker, error) {
	w := &worker{queue: make(chan func())}
	bound := make(chan error)
	w.ended.Go(func() {
		release, err := bind()
		bound <- err
		if err != nil {
			return
		}
		defer release()
		for f := range w.queue {
			f()
		}
	})
	return w, <-bound
}

// timed runs f on the thread and waits for it.
func (w *worker) timed(f func() error) (time.Duration, error) {
	done := make(chan struct{})
	w.queue <- func() {
		defer close(done)
		started := monotonic.Now()
		w.err = f()
		w.took = time.Duration(monotonic.Now() - started)
	}
	<-done
	return w.took, w.err
}

// close ends the thread.
func (w *worker) close() {
	close(w.queue)
	w.ended.Wait()
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
