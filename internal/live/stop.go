package live

import (
	"time"

	"rtmdl/scheduler/core"
)

// stopTimeAtFirst is what a stop is thought to take before one was measured: more than was seen on any device so far
// (docs/live.md), so that nothing is stopped in vain.
const stopTimeAtFirst = time.Millisecond

// learning is the weight of a new measurement in the running mean.
const learning = 0.2

// learn brings a running mean nearer to a new measurement.
func learn(mean *time.Duration, took time.Duration) {
	*mean += time.Duration(learning * float64(took-*mean))
}

// runEnded takes note of the end of an inference: how long it took, and, if it was told to stop, how long that did. The
// caller holds mu.
func (s *Scheduler) runEnded(j *job, how core.EventKind, started, ended int64) {
	s.slots[j.timing.Slot-1].job = nil
	if how == core.StageComplete {
		took, usual := time.Duration(ended-started), &j.variant.usual
		if *usual == 0 {
			*usual = took
		}
		learn(usual, took)
	}
	if j.stop == nil {
		return
	}
	j.stop() // frees the context
	if j.stoppedAt != 0 {
		took := time.Duration(max(0, ended-j.stoppedAt))
		learn(&s.stopTime, took)
		s.core.SetStopTime(s.stopTime)
		s.stops++
	}
	j.stop, j.stoppedAt = nil, 0
}

// Stops returns how many inferences were told to stop so far, and what that takes lately, until the slot is free; before the
// first one that is a guess.
func (s *Scheduler) Stops() (n uint64, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stops, s.stopTime
}
