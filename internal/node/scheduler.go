package node

import (
	"errors"
	"sync"
	"time"

	"go.uber.org/zap"

	"rtmdl/internal/monotonic"
	"rtmdl/internal/ros"
	"rtmdl/internal/ros/msg"
)

// Scheduler is the ROS side of the scheduler: it publishes scheduler/status once a second and
// scheduler/job_timing for every job.
type Scheduler struct {
	log            *zap.Logger
	status, timing sender
	timings        chan *msg.JobTiming
	running        sync.WaitGroup
	closing        sync.Once
	closed         chan struct{}
	limit          rateLimit
	second         *ros.Ticker // nil: another one's ticks
	ticks          <-chan struct{}
	now            func() msg.Time
}

// sender publishes a message, as a ros.Publisher does.
type sender interface {
	Send(m msg.Message) error
}

// StatusSource tells its counts so far and the figures since the last call, as a scheduler does; false: there are none.
type StatusSource interface {
	Status() (msg.SchedulerStatus, bool)
}

// maxTimings bounds the timings that wait to be published: more than a second's worth of several cameras.
const maxTimings = 1024

// NewScheduler makes the publishers. Observe goes to live.Options; Start begins publishing.
func NewScheduler(node *ros.Node) (*Scheduler, error) {
	status, err1 := node.Publish("scheduler/status", msg.TypeSchedulerStatus, ros.Results())
	timing, err2 := node.Publish("scheduler/job_timing", msg.TypeJobTiming, ros.QoS{Depth: 100, Reliable: true})
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	second := node.NewTicker(time.Second)
	n := newScheduler(node.Log(), node.Now, second.C, status, timing)
	n.second = second
	return n, nil
}

// newScheduler makes one that tells its status with every tick.
func newScheduler(log *zap.Logger, now func() msg.Time, ticks <-chan struct{}, status, timing sender) *Scheduler {
	return &Scheduler{
		log: log, now: now, ticks: ticks, status: status, timing: timing,
		timings: make(chan *msg.JobTiming, maxTimings), closed: make(chan struct{}),
	}
}

// Observe takes the timing of a job that has ended. It does not block.
func (n *Scheduler) Observe(t *msg.JobTiming) {
	select {
	case n.timings <- t:
	default:
		if skipped, ok := n.limit.allow("timings", monotonic.Now()); ok {
			n.log.Warn("job timings are lost, since the middleware does not take them fast enough", zap.Uint64("lost", skipped+1))
		}
	}
}

// Start publishes until Close: the timings as they come, and the scheduler's status once a second of ROS time.
func (n *Scheduler) Start(s StatusSource) {
	n.running.Go(n.publishTimings)
	n.running.Go(func() {
		watch := overload{log: n.log}
		for over := false; !over; {
			select {
			case <-n.closed:
				over = true // after the last word: the counts of the whole run
			case <-n.ticks:
			}
			if status, ok := s.Status(); ok {
				status.Header.Stamp = n.now()
				n.publishStatus(status)
				watch.look(status)
			}
		}
	})
}

func (n *Scheduler) publishTimings() {
	for {
		select {
		case t := <-n.timings:
			n.publishTiming(t)
		case <-n.closed:
			for len(n.timings) > 0 { // nobody else takes from it
				n.publishTiming(<-n.timings)
			}
			return
		}
	}
}

func (n *Scheduler) publishTiming(t *msg.JobTiming) {
	if err := n.timing.Send(t); err != nil {
		n.log.Error("a job timing was not published", zap.Error(err))
	}
}

func (n *Scheduler) publishStatus(s msg.SchedulerStatus) {
	if err := n.status.Send(&s); err != nil {
		n.log.Error("the status was not published", zap.Error(err))
	}
}

// Close publishes the last timings and status and returns. What is observed later is not published. It may be
// called twice.
func (n *Scheduler) Close() {
	n.closing.Do(func() { close(n.closed) })
	n.running.Wait()
	if n.second != nil {
		n.second.Stop()
	}
}
