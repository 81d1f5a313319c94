package handoff

import (
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"rtmdl/internal/camera"
	"rtmdl/internal/live"
	"rtmdl/internal/ros/msg"
)

// client is a node in another process, as the server knows it.
type client struct {
	task     int
	camera   feedKey
	feed     *feed
	deadline time.Duration
	heard    int64
}

type feedKey struct {
	pictures  string
	transport camera.Transport
}

// client returns the client of a hello or job, a new one if it is unknown. It returns nil for one that is not to be
// answered at all, and an error, beside its task alone, for one that is refused.
func (s *Server) client(j *msg.Job) (*client, error) {
	task := slices.IndexFunc(s.options.Tasks, func(t ServerTask) bool { return t.Name == j.Task })
	c := &client{
		task: task, camera: feedKey{j.ImageTopic, camera.Transport(j.ImageTransport)}, deadline: time.Duration(j.DeadlineNs), heard: s.now(),
	}
	s.mu.Lock()
	known, ended := s.clients[j.Client], s.ended
	if !ended && known != nil && known.task == task && known.camera == c.camera && known.deadline == c.deadline {
		known.heard = c.heard
		s.mu.Unlock()
		return known, nil
	}
	s.mu.Unlock()
	if task < 0 || j.Client == 0 || ended { // no task: nobody listens for an answer
		return nil, nil
	}
	if err := s.enter(j.Client, c); err != nil {
		return c, err
	}
	s.options.Scheduler.SetDeadline(task, c.deadline)
	s.options.Log.Info("a node has come", zap.String("task", j.Task), zap.String("image_topic", j.ImageTopic), zap.Duration("deadline", c.deadline))
	return c, nil
}

// enter makes c the client of a number.
func (s *Server) enter(id uint64, c *client) error {
	if c.deadline <= 0 || c.deadline > maxDeadline {
		return fmt.Errorf("%s: a deadline of %v", live.ReasonBadTime, c.deadline)
	}
	f, err := s.feed(c.camera)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	former := s.clients[id]
	if former == nil && len(s.clients) >= maxClients {
		return fmt.Errorf("%s: %d nodes are served already", ReasonTooMany, maxClients)
	}
	c.feed = f
	f.users++
	if former != nil {
		former.feed.leave()
	}
	s.clients[id] = c
	return nil
}

// feed returns the feed of a camera, a new one if it is unknown.
func (s *Server) feed(key feedKey) (*feed, error) {
	s.mu.Lock()
	f, n := s.feeds[key], len(s.feeds)
	s.mu.Unlock()
	if f != nil {
		return f, nil
	}
	if n >= maxFeeds {
		return nil, fmt.Errorf("%s: %d cameras are subscribed to already", ReasonTooMany, maxFeeds)
	}
	source, err := s.options.Camera(key.pictures, key.transport)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", live.ReasonNoFrame, err)
	}
	f = &feed{}
	s.mu.Lock()
	s.feeds[key] = f
	s.mu.Unlock()
	source.Listen(func(frame *camera.Frame) { s.frame(f, frame) })
	return f, nil
}
