package handoff

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"rtmdl/internal/live"
	"rtmdl/internal/ros/msg"
)

type jobKey struct{ client, sequence uint64 }

// unacked is a result of which the node has not told what became of it.
type unacked struct {
	result   *live.Result
	received int64
	due      int64
}

// await makes a note of a result that the node will tell of.
func (s *Server) await(a answer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unacked[a.job] != nil {
		return fmt.Errorf("the node gave two jobs the number %d", a.job.sequence)
	}
	if len(s.unacked) >= maxUnacked {
		return fmt.Errorf("%d results wait for their nodes' word", maxUnacked)
	}
	s.unacked[a.job] = &unacked{result: a.result, received: a.since, due: s.now() + ackWait.Nanoseconds()}
	return nil
}

// take returns the result that is waited for; the caller ends it.
func (s *Server) take(key jobKey) *unacked {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.unacked[key]
	delete(s.unacked, key)
	if len(s.unacked) == 0 {
		s.acked.Broadcast()
	}
	return u
}

// told takes a node's word on a result.
func (s *Server) told(j *msg.Job) {
	if j.Scheduler != s.id {
		return
	}
	u := s.take(jobKey{j.Client, j.Sequence})
	switch {
	case u == nil: // too late, or another's
	case j.Kind == msg.JobDropped:
		u.result.Failed(j.Reason)
	case j.PublishedNs < u.received || j.PublishedNs > s.now():
		u.result.Failed(live.ReasonPublish + ": published at an impossible time")
	default:
		u.result.Published(j.PublishedNs)
	}
}

// expiredLocked removes the results of which nothing was told until now, and returns them in their order.
func (s *Server) expiredLocked(now int64) []*unacked {
	var expired []*unacked
	for key, u := range s.unacked {
		if u.due <= now {
			expired = append(expired, u)
			delete(s.unacked, key)
		}
	}
	if len(s.unacked) == 0 {
		s.acked.Broadcast()
	}
	slices.SortFunc(expired, func(a, b *unacked) int { return cmp.Compare(a.due, b.due) })
	return expired
}

// awaitLast gives the nodes a moment to tell of the last results.
func (s *Server) awaitLast() {
	over := false // guarded by mu
	timer := time.AfterFunc(lastAckWait, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		over = true
		s.acked.Broadcast()
	})
	defer timer.Stop()
	s.mu.Lock()
	for len(s.unacked) > 0 && !over {
		s.acked.Wait()
	}
	rest := s.expiredLocked(1<<63 - 1)
	s.mu.Unlock()
	for _, u := range rest {
		u.result.Failed(ReasonNoAck + ": the scheduler ended before the node said that it published")
	}
}
