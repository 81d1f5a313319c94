package handoff

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"rtmdl/internal/camera"
	"rtmdl/internal/live"
	"rtmdl/internal/monotonic"
	"rtmdl/internal/ros/msg"
)

// office is a server over a scheduler that does nothing by itself, with what it answered; time is the test's.
type office struct {
	*Server
	t       *testing.T
	time    int64
	camera  fakeCamera
	cameras []string // that were asked for

	jobs      []live.Job // that were submitted
	deadlines []time.Duration

	lock    sync.Mutex // guards all below
	ended   []string   // outcomes of jobs, as the scheduler was told
	answers []*msg.JobResult
	sendErr error
}

func newOffice(t *testing.T) *office {
	o := &office{t: t, time: monotonic.Now()}
	send := func(r *msg.JobResult) error {
		o.lock.Lock()
		defer o.lock.Unlock()
		o.answers = append(o.answers, r)
		return o.sendErr
	}
	o.Server = newServer(ServerOptions{
		Scheduler: o, Log: zap.NewNop(),
		Tasks: []ServerTask{{Name: "other", Encode: encodeEcho, Send: send}, {Name: taskName, Encode: encodeEcho, Send: send}},
		Camera: func(pictures string, transport camera.Transport) (Source, error) {
			if pictures == "" {
				return nil, errors.New("no such camera")
			}
			o.cameras = append(o.cameras, fmt.Sprint(pictures, " ", transport))
			return &o.camera, nil
		},
	})
	o.now = func() int64 { return o.time }
	return o
}

func (o *office) Submit(j live.Job)                     { o.jobs = append(o.jobs, j) }
func (o *office) SetDeadline(_ int, d time.Duration)    { o.deadlines = append(o.deadlines, d) }
func (o *office) Fail(j live.Job, reason string)        { o.finish(j, msg.OutcomeFailed, reason, nil) }
func (o *office) pass(d time.Duration)                  { o.time += d.Nanoseconds(); o.expire(o.time) }
func (o *office) hello() msg.Job                        { return o.message(msg.JobHello, 0) }
func (o *office) submitFrame(f *camera.Frame, n uint64) { o.Receive(o.request(f, n)) }

// finish ends a job as a scheduler does.
func (o *office) finish(j live.Job, outcome msg.Outcome, reason string, value any) {
	j.Done(live.NewResult(outcome, reason, j.Frame, value, func(outcome msg.Outcome, reason string, published int64) {
		o.lock.Lock()
		defer o.lock.Unlock()
		o.ended = append(o.ended, fmt.Sprintf("%v %s %t", outcome, reason, published > 0))
	}))
}

// reply sends what waits to be sent, and returns what the server has answered since the last call.
func (o *office) reply() []*msg.JobResult {
	for len(o.outgoing) > 0 {
		o.answer(<-o.outgoing)
	}
	answers := o.answers
	o.answers = nil
	return answers
}

func (o *office) message(kind msg.JobKind, sequence uint64) msg.Job {
	return msg.Job{
		Kind: kind, Client: 7, Scheduler: o.id, Sequence: sequence, Task: taskName, ImageTopic: "/camera/image_raw", ImageTransport: "raw",
		DeadlineNs: time.Minute.Nanoseconds(),
	}
}

func (o *office) request(f *camera.Frame, sequence uint64) *msg.Job {
	j := o.message(msg.JobSubmit, sequence)
	j.Header, j.SentNs, j.ReceivedNs = f.Header, f.Sent, f.Received
	return &j
}

func (o *office) wantEnded(want ...string) {
	o.t.Helper()
	if !slices.Equal(o.ended, want) {
		o.t.Errorf("ended as %q, and must as %q", o.ended, want)
	}
	o.ended = nil
}

func (o *office) wantReply(want ...string) {
	o.t.Helper()
	var got []string
	for _, r := range o.reply() {
		if r.Client != 7 || r.Scheduler != o.id {
			o.t.Errorf("for another one: %+v", r)
		}
		got = append(got, strings.TrimSpace(fmt.Sprintf("%d %v %s", r.Sequence, r.Outcome, r.Reason)))
	}
	if !slices.Equal(got, want) {
		o.t.Errorf("answered %q, and must %q", got, want)
	}
}

func TestAHelloIsAnsweredAndBringsTheCamera(t *testing.T) {
	o := newOffice(t)
	for range 2 {
		h := o.hello()
		o.Receive(&h)
		o.wantReply("0 published")
	}
	if !slices.Equal(o.cameras, []string{"/camera/image_raw raw"}) || !slices.Equal(o.deadlines, []time.Duration{time.Minute}) {
		t.Errorf("cameras %q, deadlines %v", o.cameras, o.deadlines)
	}
}

func TestHellosThatAreRefusedOrPassedOver(t *testing.T) {
	for _, test := range []struct {
		name string
		edit func(*msg.Job)
		want []string
	}{
		{"another task", func(j *msg.Job) { j.Task = "parking" }, nil},
		{"no client", func(j *msg.Job) { j.Client = 0 }, nil},
		{"no deadline", func(j *msg.Job) { j.DeadlineNs = 0 }, []string{"0 refused bad_time: a deadline of 0s"}},
		{"a deadline of a day", func(j *msg.Job) { j.DeadlineNs *= 60 * 24 }, []string{"0 refused bad_time: a deadline of 24h0m0s"}},
		{"a camera that can't be", func(j *msg.Job) { j.ImageTopic = "" }, []string{"0 refused no_frame: no such camera"}},
		{"a kind without a name", func(j *msg.Job) { j.Kind = 9 }, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := newOffice(t)
			h := o.hello()
			test.edit(&h)
			o.Receive(&h)
			o.wantReply(test.want...)
			if len(o.clients) != 0 {
				t.Errorf("%d clients", len(o.clients))
			}
		})
	}
}

func TestClientsAndCamerasAreBounded(t *testing.T) {
	o := newOffice(t)
	for n := range 2 * maxClients {
		h := o.hello()
		h.Client = uint64(n + 1)
		h.ImageTopic = fmt.Sprintf("/camera%d", n%(2*maxFeeds))
		o.Receive(&h)
	}
	refused := 0
	for _, r := range o.reply() {
		if strings.HasPrefix(r.Reason, ReasonTooMany) {
			refused++
		}
	}
	if len(o.clients) != maxClients || len(o.feeds) != maxFeeds || refused != maxClients {
		t.Errorf("%d clients, %d cameras, %d refused", len(o.clients), len(o.feeds), refused)
	}
}

func TestAFrameMayComeBeforeItsJobOrAfterIt(t *testing.T) {
	o := newOffice(t)
	h := o.hello()
	o.Receive(&h)
	early, late := frame(1, "early"), frame(2, "late")
	o.camera.show(early)
	o.submitFrame(early, 1)
	o.submitFrame(late, 2)
	if len(o.jobs) != 1 {
		t.Fatalf("%d jobs before the second frame", len(o.jobs))
	}
	o.pass(19 * time.Millisecond)
	o.camera.show(late)
	if len(o.jobs) != 2 || o.jobs[0].Frame != early || o.jobs[1].Frame != late {
		t.Fatalf("%+v", o.jobs)
	}
	for _, j := range o.jobs {
		if j.Task != 1 || j.Deadline != time.Minute || j.Received != j.Frame.Received {
			t.Errorf("%+v", j)
		}
	}
	o.pass(time.Second)
	o.wantEnded()
}

func TestAJobWhoseFrameDoesNotComeFails(t *testing.T) {
	o := newOffice(t)
	h := o.hello()
	o.Receive(&h)
	lost := frame(1, "lost")
	o.submitFrame(lost, 1)
	o.pass(19 * time.Millisecond)
	o.wantEnded()
	o.pass(time.Millisecond)
	o.wantEnded("failed no_frame false")
	o.camera.show(lost) // too late
	o.wantReply("0 published", "1 failed no_frame")
	if len(o.jobs) != 0 {
		t.Errorf("%+v", o.jobs)
	}
}

func TestFramesThatAreNotTheJobsOwn(t *testing.T) {
	o := newOffice(t)
	h := o.hello()
	o.Receive(&h)
	wanted := frame(1, "camera")
	again := frame(1, "camera") // the same stamp, a bag that loops
	again.Sent++
	otherID := frame(1, "other camera")
	otherStamp := frame(2, "camera")
	for _, f := range []*camera.Frame{again, otherID, otherStamp} {
		o.camera.show(f)
	}
	o.submitFrame(wanted, 1)
	if len(o.jobs) != 0 {
		t.Fatalf("%+v", o.jobs)
	}
	unknown := frame(1, "camera")
	unknown.Sent = 0 // a middleware that does not say: the stamp decides, the newest frame first
	o.submitFrame(unknown, 2)
	if len(o.jobs) != 1 || o.jobs[0].Frame != again {
		t.Fatalf("%+v", o.jobs)
	}
}

func TestOnlyTheLastFramesAreKept(t *testing.T) {
	o := newOffice(t)
	first := frame(0, "camera")
	o.camera.show(first) // nobody is served: not kept
	h := o.hello()
	o.Receive(&h)
	var shown []*camera.Frame
	for n := range keptFrames + 1 {
		shown = append(shown, frame(n+1, "camera"))
		o.camera.show(shown[n])
	}
	for n, f := range append([]*camera.Frame{first}, shown...) {
		o.submitFrame(f, uint64(n+1))
	}
	if len(o.jobs) != keptFrames || o.jobs[0].Frame != shown[1] {
		t.Errorf("%d jobs", len(o.jobs))
	}
	o.pass(2 * time.Second) // the client is silent
	for _, f := range o.feeds {
		if f.users != 0 || f.find(o.request(shown[5], 1)) != nil {
			t.Error("frames are kept for nobody")
		}
	}
}

func TestAResultIsDoneWhenTheNodeSaysSo(t *testing.T) {
	for _, test := range []struct {
		name  string
		value string
		tell  func(o *office, j *msg.Job)
		reply string
		want  string
	}{
		{"published", "a", func(o *office, j *msg.Job) { o.Receive(j) }, "1 published", "published  true"},
		{"dropped", "a", func(o *office, j *msg.Job) {
			j.Kind, j.PublishedNs, j.Reason = msg.JobDropped, 0, "publish: no middleware"
			o.Receive(j)
		}, "1 published", "failed publish: no middleware false"},
		{"told twice", "a", func(o *office, j *msg.Job) {
			o.Receive(j)
			again := *j
			again.Kind = msg.JobDropped
			o.Receive(&again)
		}, "1 published", "published  true"},
		{"silence", "a", func(o *office, _ *msg.Job) { o.pass(ackWait) }, "1 published",
			"failed no_ack: the node did not say within a second that it published false"},
		{"told too late", "a", func(o *office, j *msg.Job) {
			o.pass(ackWait)
			o.Receive(j)
		}, "1 published", "failed no_ack: the node did not say within a second that it published false"},
		{"published before it was received", "a", func(o *office, j *msg.Job) {
			j.PublishedNs = 1
			o.Receive(j)
		}, "1 published", "failed publish: published at an impossible time false"},
		{"published in the future", "a", func(o *office, j *msg.Job) {
			j.PublishedNs = o.time + 1
			o.Receive(j)
		}, "1 published", "failed publish: published at an impossible time false"},
		{"told by another client", "a", func(o *office, j *msg.Job) {
			j.Client = 8
			o.Receive(j)
			o.pass(ackWait)
		}, "1 published", "failed no_ack: the node did not say within a second that it published false"},
		{"told to a former scheduler", "a", func(o *office, j *msg.Job) {
			j.Scheduler++
			o.Receive(j)
			o.pass(ackWait)
		}, "1 published", "failed no_ack: the node did not say within a second that it published false"},
		{"not to be encoded", "not encoded", func(*office, *msg.Job) {}, "1 failed publish: no words for it", "failed publish: no words for it false"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := newOffice(t)
			h := o.hello()
			o.Receive(&h)
			o.reply()
			f := frame(1, test.value)
			o.time = f.Received + 1e6
			o.camera.show(f)
			o.submitFrame(f, 1)
			o.finish(o.jobs[0], msg.OutcomePublished, "", test.value)
			o.wantReply(test.reply)
			word := o.message(msg.JobPublished, 1)
			word.PublishedNs = o.time
			test.tell(o, &word)
			o.wantEnded(test.want)
			if len(o.unacked) != 0 {
				t.Errorf("%d wait", len(o.unacked))
			}
		})
	}
}

func TestAnAnswerThatCannotBeSentEndsItsJob(t *testing.T) {
	o := newOffice(t)
	h := o.hello()
	o.Receive(&h)
	o.reply()
	f := frame(1, "a")
	o.camera.show(f)
	o.submitFrame(f, 1)
	o.finish(o.jobs[0], msg.OutcomePublished, "", "a")
	o.sendErr = errors.New("no middleware")
	o.reply()
	o.wantEnded("failed publish: no middleware false")
}

func TestJobsThatAreNotTaken(t *testing.T) {
	for _, test := range []struct {
		name  string
		edit  func(*msg.Job)
		ended []string
	}{
		{"for a former scheduler", func(j *msg.Job) { j.Scheduler++ }, nil},
		{"for none", func(j *msg.Job) { j.Scheduler = 0 }, nil},
		{"without a number", func(j *msg.Job) { j.Sequence = 0 }, nil},
		{"of another task", func(j *msg.Job) { j.Task = "parking" }, nil},
		{"received a day ago", func(j *msg.Job) { j.ReceivedNs -= 24 * time.Hour.Nanoseconds() },
			[]string{"failed bad_time: received 24h0m0s ago by this host's clock; node and scheduler must run on one host false"}},
		{"without a camera", func(j *msg.Job) { j.ImageTopic = "" }, []string{"failed no_frame: no such camera false"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := newOffice(t)
			f := frame(1, "a")
			o.time = f.Received
			j := o.request(f, 1)
			test.edit(j)
			o.Receive(j)
			o.wantEnded(test.ended...)
			if len(o.jobs) != 0 {
				t.Errorf("%+v", o.jobs)
			}
		})
	}
}

func TestAJobMakesItsClientKnownAgain(t *testing.T) {
	o := newOffice(t)
	f := frame(1, "a")
	o.time = f.Received
	o.submitFrame(f, 1) // without a hello: it was held up for longer than the server remembers
	o.camera.show(f)
	if len(o.jobs) != 1 {
		t.Errorf("%+v", o.jobs)
	}
}

func TestWhatWaitsIsBounded(t *testing.T) {
	o := newOffice(t)
	h := o.hello()
	o.Receive(&h)
	for n := range maxFrameWaiters + 3 {
		f := frame(n, "lost")
		o.time = max(o.time, f.Received)
		o.submitFrame(f, uint64(n+1))
	}
	o.wantEnded(slices.Repeat([]string{"failed no_frame: too many jobs wait for theirs false"}, 3)...)
	o.pass(time.Second)
	o.reply()
	o.ended = nil
	h = o.hello()
	o.Receive(&h)
	o.reply()
	f := frame(1, "a")
	o.camera.show(f)
	for n := range maxUnacked + 2 {
		o.jobs = nil
		o.time = max(o.time, f.Received)
		o.submitFrame(f, uint64(min(n, maxUnacked)+1)) // the last number twice
		o.finish(o.jobs[0], msg.OutcomePublished, "", "a")
		o.reply()
	}
	o.wantEnded("failed publish: 1024 results wait for their nodes' word false", "failed publish: 1024 results wait for their nodes' word false")
	o.take(jobKey{7, 3})
	o.submitFrame(f, 1)
	o.finish(o.jobs[len(o.jobs)-1], msg.OutcomePublished, "", "a")
	o.reply()
	o.wantEnded("failed publish: the node gave two jobs the number 1 false")
	for n := range maxOutgoing + 1 {
		o.submitFrame(f, uint64(9000+n))
		o.finish(o.jobs[len(o.jobs)-1], msg.OutcomePublished, "", "a")
	}
	o.wantEnded("failed publish: answers wait for the middleware false")
}

func TestTheEndOfAServer(t *testing.T) {
	o := newOffice(t)
	shown, lost := frame(1, "a"), frame(2, "lost")
	o.time = lost.Received
	o.running.Go(o.send)
	o.running.Go(o.watch)
	h := o.hello()
	o.Receive(&h)
	o.camera.show(shown)
	o.submitFrame(shown, 1)
	o.submitFrame(lost, 2)
	o.finish(o.jobs[0], msg.OutcomePublished, "", "a")
	var ending sync.WaitGroup
	ending.Go(o.Close)
	for o.Server.waitingForAcks() == 0 { // the sender's
		time.Sleep(time.Millisecond)
	}
	word := o.message(msg.JobPublished, 1)
	word.PublishedNs = shown.Received
	o.Receive(&word)
	ending.Wait()
	o.Close()
	slices.SortFunc(o.ended, cmp.Compare)
	o.wantEnded("failed shutting_down false", "published  true")
	h = o.hello()
	o.Receive(&h)
	o.submitFrame(shown, 3)
	o.wantEnded()
	if len(o.jobs) != 1 {
		t.Errorf("%d jobs", len(o.jobs))
	}
}

func TestAServerDoesNotWaitForANodeThatIsSilentAtItsEnd(t *testing.T) {
	o := newOffice(t)
	o.running.Go(o.send)
	h := o.hello()
	o.Receive(&h)
	f := frame(1, "a")
	o.camera.show(f)
	o.submitFrame(f, 1)
	o.finish(o.jobs[0], msg.OutcomePublished, "", "a")
	o.Close()
	o.wantEnded("failed no_ack: the scheduler ended before the node said that it published false")
}

func (s *Server) waitingForAcks() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.unacked)
}
