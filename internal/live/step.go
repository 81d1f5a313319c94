package live

import (
	"context"

	"go.uber.org/zap"

	"rtmdl/internal/monotonic"
	"rtmdl/internal/ros/msg"
	"rtmdl/scheduler/core"
)

// step gives events to the core and carries out its decisions. The caller holds mu; step lets go of it.
func (s *Scheduler) step(events ...core.Event) {
	decisions, err := s.core.Step(core.Time(monotonic.Now()), events, s.decisions[:0])
	s.decisions = decisions
	var ended []ending
	for _, d := range decisions {
		j := s.jobs[d.Job]
		if d.Kind == core.Stop {
			j.stoppedAt = monotonic.Now()
			j.stop()
			continue
		}
		if d.Kind == core.Start {
			j.timing.BlockedNs += d.Blocked.Nanoseconds()
			*j.unit(d.Stage) = uint32(d.Unit) + 1
			w, units := work{job: j, stage: d.Stage}, s.cpu
			if d.Resource == core.Accelerator {
				units = s.acc
				j.timing.Variant, j.timing.Device = j.variant.Name, s.options.Device.Name()
				if beside := s.jobs[d.Beside]; beside != nil {
					j.timing.PackedWith = beside.task.Name
					if beside.timing.PackedWith == "" {
						beside.timing.PackedWith = j.task.Name
					}
				}
				if s.options.Stop != core.StopNever {
					w.running, j.stop = context.WithCancel(context.Background())
				}
				w.tensors, s.slots[d.Unit] = j.tensors, slot{job: j}
			}
			units[d.Unit] <- w // never blocks: the unit is free
			continue
		}
		delete(s.jobs, d.Job)
		outcome, known := outcomes[d.Kind]
		if !known { // refuse: New takes no order that decides it
			outcome = msg.OutcomeFailed
		}
		switch {
		case d.Kind == core.Abort:
			j.reason = ReasonStopped
		case d.Kind == core.Failed && j.reason == "" && s.lost != nil:
			j.reason = ReasonDevice + ": " + s.lost.Error()
		}
		ended = append(ended, ending{j, outcome})
	}
	if err != nil { // a broken contract between shell and core: a bug, and nothing was changed
		s.options.Log.DPanic("the scheduler's core refused an event", zap.Error(err))
	}
	s.tell(ended...)
}

type ending struct {
	job     *job
	outcome msg.Outcome
}

var outcomes = map[core.DecisionKind]msg.Outcome{
	core.Replace:   msg.OutcomeReplaced,
	core.Expire:    msg.OutcomeExpired,
	core.Cancelled: msg.OutcomeCancelled,
	core.Failed:    msg.OutcomeFailed,
	core.Finish:    msg.OutcomePublished,
	core.Abort:     msg.OutcomeCancelled, // by core.StopDrop
}

// tell hands results to those who submitted the jobs. A finished job goes on: it has to be published. The caller
// holds mu; tell lets go of it.
func (s *Scheduler) tell(ended ...ending) {
	if len(ended) == 0 {
		s.mu.Unlock()
		return
	}
	s.telling += len(ended)
	s.mu.Unlock()
	for _, e := range ended {
		j := e.job
		j.variant.giveBack(j.tensors)
		j.tensors = nil
		j.variant.jobs.Done()
		reason := ""
		if e.outcome == msg.OutcomeFailed || e.outcome == msg.OutcomeRefused || j.reason == ReasonStopped {
			reason = j.reason // a stage may fail in a job that was cancelled while it ran
		}
		j.done(NewResult(e.outcome, reason, j.frame, j.value, func(outcome msg.Outcome, reason string, published int64) {
			s.end(j, outcome, reason, published)
		}))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.telling -= len(ended)
	if s.telling == 0 && len(s.jobs) == 0 {
		s.drained.Broadcast()
	}
}
