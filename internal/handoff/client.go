package handoff

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"rtmdl/internal/camera"
	"rtmdl/internal/live"
	"rtmdl/internal/monotonic"
	"rtmdl/internal/ros/msg"
)

// Why a frame of a client is refused or fails, besides live's reasons.
const (
	ReasonNoScheduler = "no_scheduler" // none answers, or it went away with the job
	ReasonNoAnswer    = "no_answer"    // the scheduler answers, but not to this job
	ReasonBadResult   = "bad_result"   // the result can't be read
)

const (
	helloPeriod = 100 * time.Millisecond // between a client's hellos
	lostAfter   = time.Second            // silence after which one holds the other for gone
	answerAfter = 5 * time.Second        // past its deadline, a job is given up
	maxWaiting  = 256                    // jobs of a client that wait for their results
)

// ClientOptions say what a client hands over, and how.
type ClientOptions struct {
	Task      string
	Pictures  string // full name of the topic that has the camera's pictures
	Transport camera.Transport
	Deadline  time.Duration // from the receipt of a frame, > 0
	// Decode makes a result of the messages that the task's server encoded it in.
	Decode func([]msg.SerializedMessage) (any, error)
	// Send sends a message to the server. It must not block.
	Send func(*msg.Job) error
	Log  *zap.Logger
}

// Client takes the jobs of one perception node to the scheduler of another process. Its methods are safe for concurrent
// use.
type Client struct {
	options ClientOptions
	id      uint64
	now     func() int64
	running sync.WaitGroup
	closing sync.Once
	closed  chan struct{}
	telling sync.WaitGroup // jobs that were taken, and whose owner is being told

	mu        sync.Mutex // guards all below; nothing is sent or told under it
	ended     bool       // by Close
	scheduler uint64     // instance that is there; 0: none
	heard     int64      // when it was heard of last
	refusal   string     // why it takes no jobs; "": it does
	sequence  uint64     // of the last job
	waiting   map[uint64]*waiting
	account   msg.TaskStatus
}

// waiting is a job whose result has not come.
type waiting struct {
	sequence uint64
	job      live.Job
	deadline int64
}

// NewClient starts a client: it says hello until Close.
func NewClient(o ClientOptions) *Client {
	c := newClient(o)
	c.running.Go(c.run)
	return c
}

func newClient(o ClientOptions) *Client {
	return &Client{
		options: o, id: newInstance(), now: monotonic.Now, closed: make(chan struct{}), waiting: map[uint64]*waiting{},
		account: msg.TaskStatus{Name: o.Task, DeadlineMs: float64(o.Deadline) / float64(time.Millisecond)},
	}
}

func (c *Client) run() {
	ticker := time.NewTicker(helloPeriod)
	defer ticker.Stop()
	for {
		c.tick(c.now())
		select {
		case <-c.closed:
			return
		case <-ticker.C:
		}
	}
}

// SetDeadline changes the deadline of the jobs to come, d > 0. The scheduler learns of it by the next hello.
func (c *Client) SetDeadline(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.options.Deadline = d
	c.account.DeadlineMs = float64(d) / float64(time.Millisecond)
}

// Submit hands a job over and returns at once. The result, refusals too, goes to job.Done, on any goroutine; job.Task is
// not looked at.
func (c *Client) Submit(j live.Job) {
	c.mu.Lock()
	c.account.Received++
	w := &waiting{job: j, deadline: j.Frame.Received + c.options.Deadline.Nanoseconds()}
	reason := c.refusalLocked()
	if reason != "" {
		c.mu.Unlock()
		c.finish(w, msg.OutcomeRefused, reason)
		return
	}
	c.sequence++
	w.sequence = c.sequence
	c.waiting[w.sequence] = w
	request := c.requestLocked(msg.JobSubmit, w.sequence)
	c.mu.Unlock()
	request.Header, request.SentNs, request.ReceivedNs = j.Frame.Header, j.Frame.Sent, j.Frame.Received
	if err := c.options.Send(request); err != nil {
		if c.take(w.sequence) != nil {
			c.end(w, msg.OutcomeFailed, ReasonNoScheduler+": "+err.Error())
		}
	}
}

func (c *Client) refusalLocked() string {
	switch {
	case c.ended:
		return live.ReasonShutdown
	case c.scheduler == 0:
		return ReasonNoScheduler + ": none answers for " + c.options.Task
	case c.refusal != "":
		return c.refusal
	case len(c.waiting) >= maxWaiting:
		return live.ReasonQueueFull
	}
	return ""
}

func (c *Client) requestLocked(kind msg.JobKind, sequence uint64) *msg.Job {
	return &msg.Job{
		Kind: kind, Client: c.id, Scheduler: c.scheduler, Sequence: sequence, Task: c.options.Task,
		ImageTopic: c.options.Pictures, ImageTransport: string(c.options.Transport), DeadlineNs: c.options.Deadline.Nanoseconds(),
	}
}

// take returns the job with a number if it still waits; the caller ends or publishes it.
func (c *Client) take(sequence uint64) *waiting {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.waiting[sequence]
	if w != nil {
		delete(c.waiting, sequence)
		c.telling.Add(1)
	}
	return w
}

// Receive takes a message of the server's. It does not block, and does not keep r.
func (c *Client) Receive(r *msg.JobResult) {
	if r.Client != c.id || r.Scheduler == 0 {
		return
	}
	if r.Sequence == 0 {
		c.greeted(r)
		return
	}
	c.mu.Lock()
	present := r.Scheduler == c.scheduler
	if present {
		c.heard = c.now()
	}
	c.mu.Unlock()
	if !present {
		return // of a former one; its jobs have ended
	}
	w := c.take(r.Sequence)
	switch {
	case w == nil && r.Outcome == msg.OutcomePublished:
		c.say(r.Scheduler, r.Sequence, 0, ReasonNoAnswer+": the result came when the node had given it up")
	case w == nil:
	case r.Outcome == msg.OutcomePublished:
		c.publish(w, r)
	default:
		c.end(w, r.Outcome, r.Reason)
	}
}

// greeted takes the answer to a hello.
func (c *Client) greeted(r *msg.JobResult) {
	c.mu.Lock()
	if c.ended {
		c.mu.Unlock()
		return
	}
	var lost []*waiting
	came := r.Scheduler != c.scheduler
	if came {
		lost = c.takeLocked(func(*waiting) bool { return true })
	}
	refused := ""
	if r.Outcome == msg.OutcomeRefused {
		refused = r.Reason
	}
	c.scheduler, c.heard, c.refusal = r.Scheduler, c.now(), refused
	c.mu.Unlock()
	if came {
		c.options.Log.Info("a scheduler answers", zap.String("task", c.options.Task), zap.String("refusal", refused), zap.Int("jobs_lost", len(lost)))
	}
	for _, w := range lost {
		c.end(w, msg.OutcomeFailed, ReasonNoScheduler+": another one answers now")
	}
}

// tick says hello, and gives up what has waited for too long.
func (c *Client) tick(now int64) {
	c.mu.Lock()
	hello := c.requestLocked(msg.JobHello, 0)
	hello.Scheduler = 0
	lost, reason := []*waiting(nil), ReasonNoAnswer
	gone := c.scheduler != 0 && now-c.heard > lostAfter.Nanoseconds()
	if gone {
		c.scheduler, reason = 0, ReasonNoScheduler+": nothing was heard of it for a second"
		lost = c.takeLocked(func(*waiting) bool { return true })
	} else {
		lost = c.takeLocked(func(w *waiting) bool { return now-w.deadline > answerAfter.Nanoseconds() })
	}
	c.mu.Unlock()
	if gone {
		c.options.Log.Warn("the scheduler is gone", zap.String("task", c.options.Task), zap.Int("jobs_lost", len(lost)))
	}
	for _, w := range lost {
		c.end(w, msg.OutcomeFailed, reason)
	}
	_ = c.options.Send(hello) // the next one comes soon
}

// takeLocked takes the jobs that fit, in their order.
func (c *Client) takeLocked(fits func(*waiting) bool) []*waiting {
	var taken []*waiting
	for sequence, w := range c.waiting {
		if fits(w) {
			taken = append(taken, w)
			delete(c.waiting, sequence)
			c.telling.Add(1)
		}
	}
	slices.SortFunc(taken, func(a, b *waiting) int { return cmp.Compare(a.sequence, b.sequence) })
	return taken
}

// publish hands a result to the node, and what becomes of it to the server.
func (c *Client) publish(w *waiting, r *msg.JobResult) {
	scheduler := r.Scheduler
	value, err := c.options.Decode(r.Messages)
	if err != nil {
		reason := ReasonBadResult + ": " + err.Error()
		c.say(scheduler, w.sequence, 0, reason)
		c.end(w, msg.OutcomeFailed, reason)
		return
	}
	defer c.telling.Done()
	w.job.Done(live.NewResult(msg.OutcomePublished, "", w.job.Frame, value, func(outcome msg.Outcome, reason string, published int64) {
		c.count(w, outcome, published)
		c.say(scheduler, w.sequence, published, reason)
	}))
}

// say tells the server how a job ended: published at an instant, or 0 and why not.
func (c *Client) say(scheduler, sequence uint64, published int64, reason string) {
	m := &msg.Job{Kind: msg.JobPublished, Client: c.id, Scheduler: scheduler, Sequence: sequence, PublishedNs: published, Reason: reason}
	if published == 0 {
		m.Kind = msg.JobDropped
	}
	if err := c.options.Send(m); err != nil {
		c.options.Log.Warn("the scheduler was not told of a result", zap.Error(err)) // it will count it as not acknowledged
	}
}

// end ends a job that was taken and has no result to publish.
func (c *Client) end(w *waiting, outcome msg.Outcome, reason string) {
	defer c.telling.Done()
	c.finish(w, outcome, reason)
}

func (c *Client) finish(w *waiting, outcome msg.Outcome, reason string) {
	w.job.Done(live.NewResult(outcome, reason, w.job.Frame, nil, func(outcome msg.Outcome, _ string, _ int64) {
		c.count(w, outcome, 0)
	}))
}

func (c *Client) count(w *waiting, outcome msg.Outcome, published int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*c.account.Count(outcome)++
	if outcome != msg.OutcomePublished || published > w.deadline {
		c.account.Missed++
	}
}

// Status returns what became of the frames that were submitted. The counts add up at any moment.
func (c *Client) Status() msg.TaskStatus {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.account
	s.Pending = uint32(s.Received - s.Ended())
	return s
}

// Close ends the jobs that wait as cancelled, and refuses later ones. Results that are still to be published stay valid.
// It may be called more than once.
func (c *Client) Close() {
	c.closing.Do(func() { close(c.closed) })
	c.running.Wait()
	c.mu.Lock()
	c.ended = true
	rest := c.takeLocked(func(*waiting) bool { return true })
	c.mu.Unlock()
	for _, w := range rest {
		c.end(w, msg.OutcomeCancelled, "")
	}
	c.telling.Wait()
}
