package live

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"rtmdl/internal/device"
	"rtmdl/scheduler/core"
)

// ErrHung is what Options.Lost is told: inferences hang in all slots, and nothing can be inferred any more.
var ErrHung = errors.New("the device hangs")

const (
	hangFactor = 10                     // an inference that takes so many times as long as it usually does has hung
	hangFirst  = 10 * time.Second       // of a network that has not run yet, and of which no times are known
	watchEvery = 100 * time.Millisecond // of the slots
)

// slot is what the watchdog knows of an accelerator slot. The scheduler's mu guards it.
type slot struct {
	job    *job          // whose inference runs there; nil: none
	lasts  time.Duration // it has lasted so long, as far as this process was running
	closed bool
}

// watch closes slots in which an inference hangs, until Close.
func (s *Scheduler) watch() {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case <-s.closing:
			return
		case now := <-ticker.C:
			// A process that was stopped for a while, or did not get the processor, has not watched: that does not count.
			s.check(min(now.Sub(last), 2*watchEvery))
			last = now
		}
	}
}

// check adds a time to those of the inferences that run, and closes the slots of those that have hung.
func (s *Scheduler) check(passed time.Duration) {
	for unit := range s.slots {
		s.mu.Lock()
		slot := &s.slots[unit]
		if slot.job != nil {
			slot.lasts += passed
		}
		if slot.job == nil || slot.lasts < s.hangLimit(slot.job.variant) {
			s.mu.Unlock()
			continue
		}
		s.closeSlot(unit)
	}
}

// hangLimit is how long an inference of a variant may take. The caller holds mu.
func (s *Scheduler) hangLimit(v *variant) time.Duration {
	usual := v.usually()
	if usual == 0 {
		return max(s.options.Hang, hangFirst)
	}
	return max(s.options.Hang, hangFactor*usual)
}

// usually is what an inference takes, nominal or seen; 0: neither is known. The caller holds the scheduler's mu.
func (v *variant) usually() time.Duration { return max(v.Times.Infer, v.usual) }

// closeSlot ends the job that hangs in a slot, which is not used again. Its worker is given up, with the tensors that the
// inference may still write to. The caller holds mu; closeSlot lets go of it.
func (s *Scheduler) closeSlot(unit int) {
	slot := &s.slots[unit]
	j := slot.job
	err := fmt.Errorf("%w: an inference of %s/%s on %s has not ended in %v, which usually takes %v; slot %d is closed", ErrHung,
		j.task.Name, j.variant.Name, s.options.Device.Name(), slot.lasts.Round(time.Millisecond), j.variant.usually().Round(10*time.Microsecond), unit+1)
	slot.closed, slot.job, s.lost = true, nil, err
	s.hung = append(s.hung, j.variant.Model)
	j.hung, j.tensors, j.reason = true, nil, ReasonDevice+": "+err.Error()
	if j.stop != nil {
		j.stop()
	}
	s.workers.Done() // in the place of the worker, which may never come back
	left := s.open()
	s.options.Log.Error("the device hangs: a slot is closed", zap.Error(err), zap.Int("slots_left", left))
	s.step(core.Event{Kind: core.DeviceLost, Unit: unit})
	if left == 0 && s.options.Lost != nil {
		s.options.Lost(err)
	}
}

// cameBack takes note of the end of an inference whose slot was closed.
func (s *Scheduler) cameBack(w work) {
	s.options.Log.Warn("an inference that hung has ended; its slot stays closed", zap.String("task", w.job.task.Name))
	if err := w.tensors.Close(); err != nil {
		s.options.Log.Warn("its tensors", zap.Error(err))
	}
}

// open returns how many slots work. The caller holds mu.
func (s *Scheduler) open() (n int) {
	for i := range s.slots {
		if !s.slots[i].closed {
			n++
		}
	}
	return n
}

// Slots returns how many slots the device has and how many of them work, and why the last one was closed: nil: none was.
func (s *Scheduler) Slots() (all, open int, lost error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.slots), s.open(), s.lost
}

// Hung returns the models of which an inference hangs. To close one might wait for ever.
func (s *Scheduler) Hung() []device.Model {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.hung)
}
