package live

import "time"

// stopTimeAtFirst is what a stop is thought to take before one was measured: more than was seen on any device so far
// (docs/live.md), so that nothing is stopped in vain.
const stopTimeAtFirst = time.Millisecond

// learning is the weight of a new measurement in the running mean.
const learning = 0.2

// runEnded takes note of the end of an inference that could be stopped, and of how long that took if it was. The caller
// holds mu.
func (s *Scheduler) runEnded(j *job, ended int64) {
	j.stop() // frees the context
	if j.stoppedAt != 0 {
		took := time.Duration(max(0, ended-j.stoppedAt))
		s.stopTime += time.Duration(learning * float64(took-s.stopTime))
		s.core.SetStopTime(s.stopTime)
		s.stops++
	}
	j.running, j.stop, j.stoppedAt = nil, nil, 0
}

// Stops returns how many inferences were told to stop so far, and what that takes lately, until the slot is free; before the
// first one that is a guess.
func (s *Scheduler) Stops() (n uint64, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stops, s.stopTime
}
