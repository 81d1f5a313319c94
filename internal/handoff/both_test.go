package handoff

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap"

	"rtmdl/internal/camera"
	"rtmdl/internal/live"
	"rtmdl/internal/monotonic"
	"rtmdl/internal/ros/msg"
)

// side is a scheduler's process: a scheduler with its server, and the wires to it and from it.
type side struct {
	scheduler *live.Scheduler
	server    *Server
	jobs      *wire[*msg.Job]
	results   *wire[*msg.JobResult]
	dead      atomic.Bool // nothing comes from it any more

	mu      sync.Mutex
	timings []*msg.JobTiming
}

func newSide(t *testing.T, c *fakeCamera, deliver func(*msg.JobResult)) *side {
	t.Helper()
	s := &side{}
	s.results = newWire(func(r *msg.JobResult) {
		if !s.dead.Load() {
			deliver(r)
		}
	})
	s.scheduler = newScheduler(t, func(timing *msg.JobTiming) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.timings = append(s.timings, timing)
	})
	s.server = NewServer(ServerOptions{
		Scheduler: s.scheduler, Log: zap.NewNop(),
		Tasks:  []ServerTask{{Name: "other", Encode: encodeEcho, Send: s.results.send}, {Name: taskName, Encode: encodeEcho, Send: s.results.send}},
		Camera: func(string, camera.Transport) (Source, error) { return c, nil },
	})
	s.jobs = newWire(s.server.Receive)
	return s
}

// end ends a side in order, as a process does that is asked to.
func (s *side) end(t *testing.T) {
	t.Helper()
	if err := s.scheduler.Close(); err != nil {
		t.Error(err)
	}
	s.server.Close()
	s.jobs.close()
	s.results.close()
}

// TestEveryFrameHasOneOutcomeOnEitherSide plays frames to a client whose scheduler dies and comes back again and again,
// with frames that get lost on the way to one of them, and results that are not published.
func TestEveryFrameHasOneOutcomeOnEitherSide(t *testing.T) {
	const lives, frames = 5, 120
	cam := &fakeCamera{}
	var link sync.Mutex // guards current: what the client's messages reach; nil: nobody
	var current *side
	client := NewClient(options(func(j *msg.Job) error {
		link.Lock()
		defer link.Unlock()
		if current != nil {
			return current.jobs.send(j)
		}
		return nil
	}))
	var told [lives * frames]int
	published := map[int]bool{}
	var toldLock sync.Mutex
	done := func(number int) func(*live.Result) {
		return func(r *live.Result) {
			toldLock.Lock()
			told[number]++
			publish := r.Outcome == msg.OutcomePublished && number%11 != 0
			if publish {
				published[number] = true
			}
			toldLock.Unlock()
			switch {
			case publish:
				r.Published(monotonic.Now())
			case r.Outcome == msg.OutcomePublished:
				r.Failed("publish: no middleware")
			}
		}
	}
	var sides []*side
	for life := range lives {
		s := newSide(t, cam, client.Receive)
		sides = append(sides, s)
		link.Lock()
		current = s
		link.Unlock()
		for n := range frames {
			number := life*frames + n
			f := frame(number, fmt.Sprint(number))
			lost := rand.IntN(20) == 0
			if !lost && rand.IntN(2) == 0 {
				cam.show(f)
				lost = true // shown already
			}
			client.Submit(live.Job{Frame: f, Done: done(number)})
			if !lost {
				cam.show(f)
			}
			time.Sleep(time.Duration(rand.IntN(3)) * time.Millisecond)
		}
		link.Lock()
		current = nil // it dies: nothing reaches it any more
		link.Unlock()
		s.dead.Store(true)
	}
	client.Close()
	for _, s := range sides {
		s.end(t)
	}

	for number, n := range told {
		if n != 1 {
			t.Errorf("frame %d was told %d times", number, n)
		}
	}
	account := client.Status()
	if account.Received != lives*frames || account.Pending != 0 || account.Ended() != account.Received || account.Published != uint64(len(published)) {
		t.Errorf("%d published, and the account is %+v", len(published), account)
	}
	if account.Published < frames {
		t.Errorf("only %d were published: %+v", account.Published, account)
	}
	seen := map[uint32]bool{}
	for _, s := range sides {
		status := s.scheduler.Status().Tasks[1]
		if status.Pending != 0 || status.Received != uint64(len(s.timings)) || status.Ended() != status.Received {
			t.Errorf("%d timings, and the account is %+v", len(s.timings), status)
		}
		for _, timing := range s.timings {
			number := timing.Header.Stamp.Nanosec
			if seen[number] || timing.Task != taskName {
				t.Errorf("frame %d has a second timing: %+v", number, timing)
			}
			seen[number] = true
			if timing.Outcome == msg.OutcomePublished && !published[int(number)] {
				t.Errorf("frame %d counts as published, and was not", number)
			}
		}
	}
}

// TestBothSidesAgreeWhileNobodyDies has the same outcome for each frame on either side.
func TestBothSidesAgreeWhileNobodyDies(t *testing.T) {
	cam := &fakeCamera{}
	var s *side
	var mu sync.Mutex
	outcomes := map[uint32]msg.Outcome{}
	ready := make(chan struct{})
	client := NewClient(options(func(j *msg.Job) error {
		<-ready
		return s.jobs.send(j)
	}))
	s = newSide(t, cam, client.Receive)
	close(ready)
	for !client.present() {
		time.Sleep(time.Millisecond)
	}
	const frames = 300
	var all sync.WaitGroup
	for n := range frames {
		text := "fine"
		if n%7 == 0 {
			text = []string{"broken", "not encoded", "not decoded"}[n%3]
		}
		f := frame(n, text)
		if n%13 != 0 {
			cam.show(f)
		}
		all.Add(1)
		client.Submit(live.Job{Frame: f, Done: func(r *live.Result) {
			defer all.Done()
			mu.Lock()
			outcomes[f.Header.Stamp.Nanosec] = r.Outcome
			mu.Unlock()
			if r.Outcome == msg.OutcomePublished {
				r.Published(monotonic.Now())
			}
		}})
		time.Sleep(time.Duration(rand.IntN(1000)) * time.Microsecond)
	}
	all.Wait()
	s.end(t)
	client.Close()
	if len(s.timings) != frames {
		t.Fatalf("%d timings of %d frames", len(s.timings), frames)
	}
	for _, timing := range s.timings {
		if got := outcomes[timing.Header.Stamp.Nanosec]; got != timing.Outcome {
			t.Errorf("frame %d of %q: %v at the node, %v (%s) at the scheduler", timing.Header.Stamp.Nanosec, timing.Header.FrameID, got, timing.Outcome, timing.Reason)
		}
	}
	account, status := client.Status(), s.scheduler.Status().Tasks[1]
	for _, o := range msg.Outcomes() {
		if *account.Count(o) != *status.Count(o) {
			t.Errorf("%d %v at the node, %d at the scheduler", *account.Count(o), o, *status.Count(o))
		}
	}
	if status.Failed < frames/13 || status.Published == 0 || status.DeadlineMs != 60_000 {
		t.Errorf("%+v", status)
	}
}

func (c *Client) present() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.scheduler != 0
}

// FuzzServer and FuzzClient feed messages of any content: neither may panic, and what is kept stays bounded.
func FuzzServer(f *testing.F) {
	f.Add((&msg.Job{Kind: msg.JobSubmit, Client: 1, Sequence: 1, Task: taskName, DeadlineNs: 1, ReceivedNs: 1}).MarshalCDR(nil), uint8(3))
	f.Add((&msg.Job{Kind: msg.JobHello, Client: 1, Task: taskName, DeadlineNs: 1e9}).MarshalCDR(nil), uint8(9))
	f.Fuzz(func(t *testing.T, data []byte, kinds uint8) {
		var j msg.Job
		if j.UnmarshalCDR(data) != nil {
			return
		}
		o := newOffice(t)
		for kind := range msg.JobKind(4) {
			m := j
			m.Kind, m.Scheduler = kind, o.id
			if kinds>>kind&1 == 0 {
				m.Kind = j.Kind
			}
			o.Receive(&m)
			o.camera.show(frame(1, "a"))
			o.reply()
			o.pass(15 * time.Millisecond)
		}
		for _, job := range o.jobs {
			o.finish(job, msg.OutcomePublished, "", "a")
		}
		o.reply()
		o.pass(time.Minute)
		if len(o.clients) != 0 || len(o.unacked) != 0 || len(o.ended) < len(o.jobs) {
			t.Errorf("%d clients, %d results, %d of %d jobs ended", len(o.clients), len(o.unacked), len(o.ended), len(o.jobs))
		}
	})
}

func FuzzClient(f *testing.F) {
	f.Add((&msg.JobResult{Client: 1, Scheduler: 1, Sequence: 1}).MarshalCDR(nil), true)
	f.Add((&msg.JobResult{Client: 1, Scheduler: scheduler, Sequence: 1, Messages: msg.Serialize([]msg.Message{&msg.String{Data: "a"}})}).MarshalCDR(nil), true)
	f.Fuzz(func(t *testing.T, data []byte, own bool) {
		var r msg.JobResult
		if r.UnmarshalCDR(data) != nil {
			return
		}
		d := newDesk(t)
		d.hold = true
		d.answered(scheduler, msg.OutcomePublished, "")
		d.show(frame(1, "a"), frame(2, "a"))
		if own {
			r.Client = d.id
		}
		d.Receive(&r)
		d.Receive(&r)
		d.Close()
		if len(d.told) != 2 {
			t.Errorf("told %q", d.told)
		}
	})
}
