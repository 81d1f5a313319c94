package handoff

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rtmdl/internal/camera"
	"rtmdl/internal/live"
	"rtmdl/internal/monotonic"
	"rtmdl/internal/ros/msg"
)

// desk is a client with what it sent and told; time is the test's.
type desk struct {
	*Client
	t    *testing.T
	time int64

	mu      sync.Mutex // guards all below
	sent    []*msg.Job
	sendErr error
	told    []string // outcomes of frames, by their numbers
	hold    bool     // results are not published yet
	results []*live.Result
}

const scheduler = 99 // instance of the one that answers

func newDesk(t *testing.T) *desk {
	d := &desk{t: t, time: monotonic.Now()}
	d.Client = newClient(options(func(j *msg.Job) error {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.sent = append(d.sent, j)
		return d.sendErr
	}))
	d.now = func() int64 { return d.time }
	return d
}

func (d *desk) pass(by time.Duration) {
	d.time += by.Nanoseconds()
	d.tick(d.time)
}

func (d *desk) answered(from uint64, outcome msg.Outcome, reason string) {
	d.Receive(&msg.JobResult{Client: d.id, Scheduler: from, Outcome: outcome, Reason: reason})
}

func (d *desk) show(frames ...*camera.Frame) {
	for _, f := range frames {
		d.Submit(live.Job{Frame: f, Done: d.done})
	}
}

func (d *desk) done(r *live.Result) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.told = append(d.told, strings.TrimSpace(fmt.Sprintf("%d %v %s", r.Frame.Header.Stamp.Nanosec, r.Outcome, r.Reason)))
	d.results = append(d.results, r)
	if r.Outcome == msg.OutcomePublished && !d.hold {
		go r.Published(r.Frame.Received + 5)
	}
}

// result is a scheduler's answer to a job.
func (d *desk) result(sequence uint64, outcome msg.Outcome, reason string) *msg.JobResult {
	r := &msg.JobResult{Client: d.id, Scheduler: scheduler, Sequence: sequence, Outcome: outcome, Reason: reason}
	if outcome == msg.OutcomePublished {
		r.Messages = msg.Serialize([]msg.Message{&msg.String{Data: "a"}})
	}
	return r
}

func (d *desk) wantTold(want ...string) {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Equal(d.told, want) {
		d.t.Errorf("told %q, and must %q", d.told, want)
	}
	d.told = nil
}

// wantSent compares the kinds and numbers of what was sent since the last call, hellos apart.
func (d *desk) wantSent(want ...string) {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	var got []string
	for _, j := range d.sent {
		if j.Client != d.id {
			d.t.Errorf("%+v", j)
		}
		if j.Kind != msg.JobHello {
			got = append(got, strings.TrimSpace(fmt.Sprintf("%d of %d to %d %s", j.Kind, j.Sequence, j.Scheduler, j.Reason)))
		}
	}
	if !slices.Equal(got, want) {
		d.t.Errorf("sent %q, and must %q", got, want)
	}
	d.sent = nil
}

// wantCounts compares the account, less what is 0.
func (d *desk) wantCounts(want string) {
	d.t.Helper()
	s := d.Status()
	if s.Received != uint64(s.Pending)+s.Ended() {
		d.t.Errorf("%+v does not add up", s)
	}
	var got []string
	for _, o := range msg.Outcomes() {
		if n := *s.Count(o); n > 0 {
			got = append(got, fmt.Sprintf("%d %v", n, o))
		}
	}
	got = append(got, fmt.Sprintf("%d missed", s.Missed), fmt.Sprintf("%d pending", s.Pending))
	if text := strings.Join(got, ", "); text != want {
		d.t.Errorf("counts: %s; must be: %s", text, want)
	}
}

func TestAClientSaysHelloUntilItIsAnswered(t *testing.T) {
	d := newDesk(t)
	d.pass(0)
	h := d.sent[0]
	want := msg.Job{
		Kind: msg.JobHello, Client: d.id, Task: taskName, ImageTopic: "/camera/image_raw", ImageTransport: "raw", DeadlineNs: time.Minute.Nanoseconds(),
	}
	if *h != want || d.id == 0 {
		t.Errorf("%+v", h)
	}
	d.show(frame(1, "a"))
	d.wantTold("1 refused no_scheduler: none answers for echo")
	d.answered(scheduler, msg.OutcomeRefused, "too_many: nodes")
	d.show(frame(2, "a"))
	d.wantTold("2 refused too_many: nodes")
	d.answered(scheduler, msg.OutcomePublished, "")
	d.show(frame(3, "a"))
	d.wantTold()
	d.wantSent("1 of 1 to 99")
	d.wantCounts("2 refused, 2 missed, 1 pending")
}

func TestAJobHasWhatTheServerNeeds(t *testing.T) {
	d := newDesk(t)
	d.answered(scheduler, msg.OutcomePublished, "")
	f := frame(5, "front")
	d.show(f)
	want := msg.Job{
		Kind: msg.JobSubmit, Client: d.id, Scheduler: scheduler, Sequence: 1, Task: taskName, ImageTopic: "/camera/image_raw", ImageTransport: "raw",
		DeadlineNs: time.Minute.Nanoseconds(), Header: f.Header, SentNs: f.Sent, ReceivedNs: f.Received,
	}
	if *d.sent[0] != want {
		t.Errorf("%+v", d.sent[0])
	}
}

func TestEachAnswerEndsItsJob(t *testing.T) {
	for _, test := range []struct {
		name   string
		result func(d *desk) *msg.JobResult
		told   []string
		sent   []string // beside the job
		counts string
	}{
		{"published", func(d *desk) *msg.JobResult { return d.result(1, msg.OutcomePublished, "") },
			[]string{"1 published"}, []string{"2 of 1 to 99"}, "1 published, 0 missed, 0 pending"},
		{"replaced", func(d *desk) *msg.JobResult { return d.result(1, msg.OutcomeReplaced, "") },
			[]string{"1 replaced"}, nil, "1 replaced, 1 missed, 0 pending"},
		{"failed", func(d *desk) *msg.JobResult { return d.result(1, msg.OutcomeFailed, "no_frame") },
			[]string{"1 failed no_frame"}, nil, "1 failed, 1 missed, 0 pending"},
		{"an outcome without a name", func(d *desk) *msg.JobResult { return d.result(1, 9, "") },
			[]string{"1 outcome(9)"}, nil, "1 failed, 1 missed, 0 pending"},
		{"messages that can't be read", func(d *desk) *msg.JobResult {
			r := d.result(1, msg.OutcomePublished, "")
			r.Messages = nil
			return r
		}, []string{"1 failed bad_result: decode rtmdl/msg/JobResult: messages at byte 0: other messages than these were expected"},
			[]string{"3 of 1 to 99 bad_result: decode rtmdl/msg/JobResult: messages at byte 0: other messages than these were expected"},
			"1 failed, 1 missed, 0 pending"},
		{"for another job", func(d *desk) *msg.JobResult { return d.result(2, msg.OutcomePublished, "") },
			nil, []string{"3 of 2 to 99 no_answer: the result came when the node had given it up"}, "0 missed, 1 pending"},
		{"refused, of another job", func(d *desk) *msg.JobResult { return d.result(2, msg.OutcomeRefused, "") }, nil, nil, "0 missed, 1 pending"},
		{"for another client", func(d *desk) *msg.JobResult {
			r := d.result(1, msg.OutcomePublished, "")
			r.Client++
			return r
		}, nil, nil, "0 missed, 1 pending"},
		{"of a former scheduler", func(d *desk) *msg.JobResult {
			r := d.result(1, msg.OutcomePublished, "")
			r.Scheduler--
			return r
		}, nil, nil, "0 missed, 1 pending"},
		{"of none", func(d *desk) *msg.JobResult {
			r := d.result(1, msg.OutcomePublished, "")
			r.Scheduler = 0
			return r
		}, nil, nil, "0 missed, 1 pending"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := newDesk(t)
			d.hold = true
			d.answered(scheduler, msg.OutcomePublished, "")
			d.show(frame(1, "a"))
			d.wantSent("1 of 1 to 99")
			d.Receive(test.result(d))
			d.wantTold(test.told...)
			for _, r := range d.results {
				if r.Outcome == msg.OutcomePublished {
					if r.Value != "a" {
						t.Errorf("value %v", r.Value)
					}
					r.Published(r.Frame.Received + 5)
					r.Failed("a second word")
				}
			}
			d.wantSent(test.sent...)
			d.wantCounts(test.counts)
		})
	}
}

func TestAResultThatIsNotPublishedIsFailedOnBothSides(t *testing.T) {
	d := newDesk(t)
	d.hold = true
	d.answered(scheduler, msg.OutcomePublished, "")
	d.show(frame(1, "a"), frame(2, "a"))
	d.Receive(d.result(1, msg.OutcomePublished, ""))
	d.Receive(d.result(2, msg.OutcomePublished, ""))
	d.wantCounts("0 missed, 2 pending")
	d.sent = nil
	d.results[0].Failed("publish: no middleware")
	d.results[1].Published(d.results[1].Frame.Received + 2*time.Minute.Nanoseconds())
	d.wantSent("3 of 1 to 99 publish: no middleware", "2 of 2 to 99")
	d.wantCounts("1 published, 1 failed, 2 missed, 0 pending")
}

func TestASchedulerThatIsGone(t *testing.T) {
	d := newDesk(t)
	d.answered(scheduler, msg.OutcomePublished, "")
	d.show(frame(1, "a"), frame(2, "a"))
	d.pass(lostAfter)
	d.wantTold()
	d.pass(1)
	d.wantTold("1 failed no_scheduler: nothing was heard of it for a second", "2 failed no_scheduler: nothing was heard of it for a second")
	d.show(frame(3, "a"))
	d.wantTold("3 refused no_scheduler: none answers for echo")
	d.answered(scheduler, msg.OutcomePublished, "") // it had only been held up
	d.sent = nil
	d.Receive(d.result(1, msg.OutcomePublished, "")) // nobody wants that any more
	d.wantTold()
	d.wantSent("3 of 1 to 99 no_answer: the result came when the node had given it up")
	d.show(frame(4, "a"))
	d.wantSent("1 of 3 to 99")
}

func TestAResultKeepsTheSchedulerPresent(t *testing.T) {
	d := newDesk(t)
	d.answered(scheduler, msg.OutcomePublished, "")
	d.show(frame(1, "a"), frame(2, "a"))
	d.pass(lostAfter)
	d.Receive(d.result(1, msg.OutcomeReplaced, ""))
	d.pass(lostAfter)
	d.wantTold("1 replaced")
}

func TestASchedulerThatWasStartedAnew(t *testing.T) {
	d := newDesk(t)
	d.answered(scheduler, msg.OutcomePublished, "")
	d.show(frame(1, "a"))
	d.answered(scheduler+1, msg.OutcomePublished, "")
	d.wantTold("1 failed no_scheduler: another one answers now")
	d.Receive(d.result(1, msg.OutcomePublished, "")) // of the former one
	d.wantTold()
	d.sent = nil
	d.show(frame(2, "a"))
	d.wantSent("1 of 2 to 100")
}

func TestAJobThatIsNeverAnswered(t *testing.T) {
	d := newDesk(t)
	d.answered(scheduler, msg.OutcomePublished, "")
	f := frame(1, "a")
	d.show(f)
	const step = lostAfter / 2
	for end := f.Received + (time.Minute + answerAfter).Nanoseconds(); d.time+step.Nanoseconds() <= end; {
		d.pass(step)
		d.wantTold()
		d.answered(scheduler, msg.OutcomePublished, "")
	}
	d.pass(step)
	d.wantTold("1 failed no_answer")
}

func TestWaitingJobsAreBounded(t *testing.T) {
	d := newDesk(t)
	d.answered(scheduler, msg.OutcomePublished, "")
	for n := range maxWaiting {
		d.show(frame(n, "a"))
	}
	d.show(frame(7, "a"))
	d.wantTold("7 refused queue_full")
}

func TestAMiddlewareThatTakesNoJob(t *testing.T) {
	d := newDesk(t)
	d.answered(scheduler, msg.OutcomePublished, "")
	d.sendErr = errors.New("no middleware")
	d.show(frame(1, "a"))
	d.wantTold("1 failed no_scheduler: no middleware")
	d.wantCounts("1 failed, 1 missed, 0 pending")
}

func TestTheEndOfAClient(t *testing.T) {
	d := newDesk(t)
	d.hold = true
	d.running.Go(d.run)
	d.answered(scheduler, msg.OutcomePublished, "")
	d.show(frame(1, "a"), frame(2, "a"))
	d.Receive(d.result(1, msg.OutcomePublished, ""))
	for range 2 {
		d.Close()
	}
	d.answered(scheduler, msg.OutcomePublished, "")
	d.show(frame(3, "a"))
	d.Receive(d.result(2, msg.OutcomePublished, ""))
	d.wantTold("1 published", "2 cancelled", "3 refused shutting_down")
	d.results[0].Published(d.results[0].Frame.Received) // what was ready may still be published
	d.wantCounts("1 published, 1 refused, 1 cancelled, 2 missed, 0 pending")
}
