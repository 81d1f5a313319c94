package node

import (
	"sync"
	"time"

	"go.uber.org/zap"

	"rtmdl/internal/ros"
	"rtmdl/internal/ros/msg"
)

// Status publishes <node>/status once a second of ROS time: what became of the frames of a perception node in a process of its own.
type Status struct {
	running sync.WaitGroup
	closing sync.Once
	closed  chan struct{}
	second  *ros.Ticker // nil: another one's ticks
}

// NewStatus publishes what a function tells until Close.
func NewStatus(node *ros.Node, task string, status func() msg.TaskStatus) (*Status, error) {
	out, err := node.Publish(task+"/status", msg.TypeTaskStatus, ros.Results())
	if err != nil {
		return nil, err
	}
	second := node.NewTicker(time.Second)
	s := newStatus(node.Log(), second.C, out, status)
	s.second = second
	return s, nil
}

func newStatus(log *zap.Logger, ticks <-chan struct{}, out sender, status func() msg.TaskStatus) *Status {
	s := &Status{closed: make(chan struct{})}
	s.running.Go(func() {
		for over := false; !over; {
			select {
			case <-s.closed:
				over = true // after the last word
			case <-ticks:
			}
			now := status()
			if err := out.Send(&now); err != nil {
				log.Error("the status was not published", zap.Error(err))
			}
		}
	})
	return s
}

// Close publishes the last status and returns. It may be called twice.
func (s *Status) Close() {
	s.closing.Do(func() { close(s.closed) })
	s.running.Wait()
	if s.second != nil {
		s.second.Stop()
	}
}
