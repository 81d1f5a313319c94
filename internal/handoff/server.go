package handoff

import (
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"rtmdl/internal/camera"
	"rtmdl/internal/live"
	"rtmdl/internal/monotonic"
	"rtmdl/internal/ros/msg"
)

// Why a job of a client is refused or fails, besides live's reasons.
const (
	ReasonTooMany = "too_many" // clients, or cameras
	ReasonNoAck   = "no_ack"   // the node did not say that it published the result
)

const (
	frameWait   = 20 * time.Millisecond // for a frame that has not come
	ackWait     = time.Second           // for the node's word on a result
	lastAckWait = 300 * time.Millisecond
	oldestFrame = time.Minute // received longer ago, it was not by this host's clock
	maxDeadline = time.Hour

	maxClients  = 64
	maxFeeds    = 16
	maxUnacked  = 1024 // results that nodes have not told of
	maxOutgoing = 1024 // answers that wait to be sent
)

// Scheduler is what a server hands jobs to.
type Scheduler interface {
	Submit(j live.Job)
	Fail(j live.Job, reason string)
	SetDeadline(task int, d time.Duration)
}

var _ Scheduler = (*live.Scheduler)(nil)

// Source hands every frame to its listeners, as a camera does.
type Source interface {
	Listen(f func(*camera.Frame))
}

// ServerOptions say whom a server serves, and how.
type ServerOptions struct {
	Scheduler Scheduler
	Tasks     []ServerTask // the scheduler's, in its order
	// Camera subscribes to the pictures of a camera, given the topic's full name; the same one twice gives the same.
	Camera func(pictures string, transport camera.Transport) (Source, error)
	Log    *zap.Logger
}

// ServerTask is a task as a server serves it.
type ServerTask struct {
	Name string
	// Encode makes messages of a result, for the client's Decode.
	Encode func(header msg.Header, value any) ([]msg.Message, error)
	// Send sends a message to the task's clients. It is called from one goroutine.
	Send func(*msg.JobResult) error
}

// Server takes the jobs of nodes in other processes to a scheduler.
type Server struct {
	options ServerOptions
	id      uint64
	now     func() int64
	running sync.WaitGroup
	closing sync.Once
	closed  chan struct{}
	changed chan struct{} // has room for one: something is due that was not

	out      sync.Mutex // guards outgoing's closing
	outgoing chan answer
	outEnded bool

	mu      sync.Mutex // guards all below; nothing is sent, and the scheduler is not called, under it
	ended   bool       // by Close
	clients map[uint64]*client
	feeds   map[feedKey]*feed
	unacked map[jobKey]*unacked
	acked   sync.Cond // unacked has become empty
}

// request is a job whose frame is looked for.
type request struct {
	job    *msg.Job
	client *client
	due    int64
}

// answer is what the sender sends: of a job, or of a hello (result nil).
type answer struct {
	task   int
	job    jobKey
	result *live.Result
	since  int64  // receipt of the job's frame
	reason string // why a hello is refused; "": it is not
}

// NewServer starts a server: it answers until Close.
func NewServer(o ServerOptions) *Server {
	s := newServer(o)
	s.running.Go(s.send)
	s.running.Go(s.watch)
	return s
}

func newServer(o ServerOptions) *Server {
	s := &Server{
		options: o, id: newInstance(), now: monotonic.Now, closed: make(chan struct{}), changed: make(chan struct{}, 1),
		outgoing: make(chan answer, maxOutgoing),
		clients:  map[uint64]*client{}, feeds: map[feedKey]*feed{}, unacked: map[jobKey]*unacked{},
	}
	s.acked.L = &s.mu
	return s
}

// Receive takes a message of a client's, which it keeps. It does not block. It is called by one goroutine at a time, as
// handlers are, since it may subscribe to a camera.
func (s *Server) Receive(j *msg.Job) {
	switch j.Kind {
	case msg.JobHello:
		if c, err := s.client(j); err != nil {
			s.post(answer{task: c.task, job: jobKey{client: j.Client}, reason: err.Error()})
		} else if c != nil {
			s.post(answer{task: c.task, job: jobKey{client: j.Client}})
		}
	case msg.JobSubmit:
		s.submit(j)
	case msg.JobPublished, msg.JobDropped:
		s.told(j)
	}
}

// submit hands a job to the scheduler, now or when its frame comes.
func (s *Server) submit(j *msg.Job) {
	if j.Scheduler != s.id || j.Sequence == 0 {
		return // another one's
	}
	c, err := s.client(j)
	if c == nil {
		return
	}
	r := &request{job: j, client: c, due: s.now() + frameWait.Nanoseconds()}
	if err != nil {
		s.fail(r, err.Error())
		return
	}
	if age := s.now() - j.ReceivedNs; j.ReceivedNs <= 0 || age > oldestFrame.Nanoseconds() {
		s.fail(r, fmt.Sprintf("%s: received %v ago by this host's clock; node and scheduler must run on one host",
			live.ReasonBadTime, time.Duration(age)))
		return
	}
	s.mu.Lock()
	frame := c.feed.find(j)
	full := frame == nil && len(c.feed.waiters) >= maxFrameWaiters
	if frame == nil && !full {
		c.feed.waiters = append(c.feed.waiters, r)
	}
	s.mu.Unlock()
	switch {
	case frame != nil:
		s.options.Scheduler.Submit(s.job(r, frame))
	case full:
		s.fail(r, live.ReasonNoFrame+": too many jobs wait for theirs")
	default:
		s.wake()
	}
}

// frame takes a frame of a camera, and hands the jobs that waited for it to the scheduler.
func (s *Server) frame(f *feed, frame *camera.Frame) {
	s.mu.Lock()
	found := f.add(frame)
	s.mu.Unlock()
	for _, r := range found {
		s.options.Scheduler.Submit(s.job(r, frame))
	}
}

func (s *Server) fail(r *request, reason string) {
	s.options.Scheduler.Fail(s.job(r, &camera.Frame{Header: r.job.Header, Received: r.job.ReceivedNs}), reason)
}

func (s *Server) job(r *request, frame *camera.Frame) live.Job {
	key := jobKey{r.job.Client, r.job.Sequence}
	task, since := r.client.task, r.job.ReceivedNs
	return live.Job{Task: task, Frame: frame, Received: since, Deadline: r.client.deadline, Done: func(result *live.Result) {
		if !s.post(answer{task: task, job: key, result: result, since: since}) {
			result.Failed(live.ReasonPublish + ": answers wait for the middleware") // nothing, unless it was to be published
		}
	}}
}

// post hands an answer to the sender; false: it has too many.
func (s *Server) post(a answer) bool {
	s.out.Lock()
	defer s.out.Unlock()
	if s.outEnded {
		return false
	}
	select {
	case s.outgoing <- a:
		return true
	default:
		return false
	}
}

func (s *Server) send() {
	for a := range s.outgoing {
		s.answer(a)
	}
}

func (s *Server) answer(a answer) {
	task := s.options.Tasks[a.task]
	m := &msg.JobResult{Client: a.job.client, Scheduler: s.id, Sequence: a.job.sequence}
	switch r := a.result; {
	case r == nil && a.reason != "":
		m.Outcome, m.Reason = msg.OutcomeRefused, a.reason
	case r == nil:
	case r.Outcome != msg.OutcomePublished:
		m.Outcome, m.Reason = r.Outcome, r.Reason
	default:
		messages, err := task.Encode(r.Frame.Header, r.Value)
		if err == nil {
			err = s.await(a)
		}
		if err != nil {
			m.Outcome, m.Reason = msg.OutcomeFailed, live.ReasonPublish+": "+err.Error()
			r.Failed(m.Reason)
			break
		}
		m.Messages = msg.Serialize(messages)
	}
	if err := task.Send(m); err != nil {
		s.options.Log.Error("an answer was not sent", zap.String("task", task.Name), zap.Error(err))
		if u := s.take(a.job); u != nil {
			u.result.Failed(live.ReasonPublish + ": " + err.Error())
		}
	}
}

func (s *Server) wake() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// watch gives up what has waited for too long.
func (s *Server) watch() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-s.closed:
			return
		case <-timer.C:
		case <-s.changed:
		}
		timer.Reset(s.expire(s.now()))
	}
}

// watchPeriod is how often the server looks for what is due, unless something is due earlier.
const watchPeriod = 100 * time.Millisecond

// expire ends all that is due, and returns how long to wait until more may be.
func (s *Server) expire(now int64) time.Duration {
	s.mu.Lock()
	var frameless []*request
	next := now + watchPeriod.Nanoseconds()
	for _, f := range s.feeds {
		frameless = append(frameless, f.expire(now)...)
		if len(f.waiters) > 0 {
			next = min(next, f.waiters[0].due)
		}
	}
	untold := s.expiredLocked(now)
	var gone []*client
	for id, c := range s.clients {
		if now-c.heard > lostAfter.Nanoseconds() {
			gone = append(gone, c)
			c.feed.leave()
			delete(s.clients, id)
		}
	}
	s.mu.Unlock()
	for _, r := range frameless {
		s.fail(r, live.ReasonNoFrame)
	}
	for _, u := range untold {
		u.result.Failed(ReasonNoAck + ": the node did not say within a second that it published")
	}
	for _, c := range gone {
		s.options.Log.Warn("a node is gone", zap.String("task", s.options.Tasks[c.task].Name))
	}
	return time.Duration(next - now)
}

// Close fails the jobs that wait for frames, sends what there is to send and waits a moment for the nodes' word on it,
// for which Receive must still be called. The scheduler must have been closed. It may be called more than once.
func (s *Server) Close() {
	s.mu.Lock()
	s.ended = true
	var frameless []*request
	for _, f := range s.feeds {
		frameless = append(frameless, f.waiters...)
		f.waiters = nil
	}
	s.mu.Unlock()
	for _, r := range frameless {
		s.fail(r, live.ReasonShutdown)
	}
	s.closing.Do(func() {
		close(s.closed)
		s.out.Lock()
		s.outEnded = true
		s.out.Unlock()
		close(s.outgoing)
	})
	s.running.Wait()
	s.awaitLast()
}
