package node

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.uber.org/zap"

	"rtmdl/internal/live"
	"rtmdl/internal/ros"
	"rtmdl/internal/ros/msg"
)

// Scheduler is the ROS side of the scheduler: it publishes scheduler/status once a second and
// scheduler/job_timing for every job.
type Scheduler struct {
	log            *zap.Logger
	status, timing *ros.Publisher
	timings        chan *msg.JobTiming
	running        sync.WaitGroup
	closing        sync.Once
	stop           context.CancelFunc
	limit          rateLimit
}

// maxTimings bounds the timings that wait to be published: more than a second's worth of several cameras.
const maxTimings = 1024

// NewScheduler makes the publishers. Observe goes to live.Options; Start begins publishing.
func NewScheduler(node *ros.Node) (*Scheduler, error) {
	status, err1 := node.Publish("scheduler/status", msg.TypeSchedulerStatus, ros.Results())
	timing, err2 := node.Publish("scheduler/job_timing", msg.TypeJobTiming, ros.QoS{Depth: 100, Reliable: true})
	return &Scheduler{
		log: node.Log(), status: status, timing: timing, timings: make(chan *msg.JobTiming, maxTimings),
	}, errors.Join(err1, err2)
}

// Observe takes the timing of a job that has ended. It does not block.
func (n *Scheduler) Observe(t *msg.JobTiming) {
	select {
	case n.timings <- t:
	default:
		if skipped, ok := n.limit.allow("timings"); ok {
			n.log.Warn("job timings are lost, since the middleware does not take them fast enough", zap.Uint64("lost", skipped+1))
		}
	}
}

// Start publishes until Close.
func (n *Scheduler) Start(s *live.Scheduler) {
	ctx, stop := context.WithCancel(context.Background())
	n.stop = stop
	n.running.Go(func() {
		for t := range n.timings {
			if err := n.timing.Send(t); err != nil {
				n.log.Error("a job timing was not published", zap.Error(err))
			}
		}
	})
	n.running.Go(func() {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				n.publishStatus(s) // the last word: the counts of the whole run
				return
			case <-ticker.C:
				n.publishStatus(s)
			}
		}
	})
}

func (n *Scheduler) publishStatus(s *live.Scheduler) {
	status := s.Status()
	if err := n.status.Send(&status); err != nil {
		n.log.Error("the status was not published", zap.Error(err))
	}
}

// Close publishes the last timings and status and returns. Nothing may be observed any more. It may be called
// twice.
func (n *Scheduler) Close() {
	n.closing.Do(func() {
		if n.stop != nil {
			n.stop()
		}
		close(n.timings)
	})
	n.running.Wait()
}
