package node

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/live"
	"rtmdl/internal/monotonic"
	"rtmdl/internal/perception"
	trafficlight "rtmdl/internal/perception/traffic_light"
	"rtmdl/internal/ros/msg"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRateLimitLetsOneLineASecondThroughForEachCause(t *testing.T) {
	const second = int64(1e9)
	var l rateLimit
	for _, step := range []struct {
		reason      string
		at          int64
		wantOK      bool
		wantSkipped uint64
	}{
		{"bad_image: a", 5 * second, true, 0},
		{"bad_image: b", 5*second + 1, false, 0},
		{"bad_image", 6*second - 1, false, 0},
		{"device: gone", 6*second - 1, true, 0},
		{"bad_image: c", 6 * second, true, 2},
		{"bad_image: d", 7*second - 1, false, 0},
		{"bad_image: e", 60 * second, true, 1},
		{"", 60 * second, true, 0},
		{"device", 60 * second, true, 0},
	} {
		if skipped, ok := l.allow(step.reason, step.at); ok != step.wantOK || skipped != step.wantSkipped {
			t.Errorf("%q at %d ns: %v, %d skipped", step.reason, step.at, ok, skipped)
		}
	}
}

// logger is a Logger whose lines are kept.
type logger struct {
	log   *zap.Logger
	lines *observer.ObservedLogs
}

func newLogger() logger {
	core, lines := observer.New(zapcore.DebugLevel)
	return logger{zap.New(core), lines}
}

func (l logger) Log() *zap.Logger { return l.log }

// fakeCamera is a Source that the test speaks for.
type fakeCamera struct{ listeners []func(*camera.Frame) }

func (c *fakeCamera) Listen(f func(*camera.Frame)) { c.listeners = append(c.listeners, f) }

func (c *fakeCamera) show(frames ...*camera.Frame) {
	for _, f := range frames {
		for _, l := range c.listeners {
			l(f)
		}
	}
}

// fakePublisher keeps what it publishes, or fails.
type fakePublisher struct {
	hold chan struct{} // not nil: publishing waits until it is closed
	fail error

	mu        sync.Mutex
	published []any
	headers   []msg.Header
}

func (p *fakePublisher) Publish(h msg.Header, value any) error {
	if p.hold != nil {
		<-p.hold
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail != nil {
		return p.fail
	}
	p.published, p.headers = append(p.published, value), append(p.headers, h)
	return nil
}

// echo is a device, a network and its vision code; a frame's result is its number.
type echo struct{ device.Device }

func (echo) Name() string                         { return "echo" }
func (echo) Bind() (func(), error)                { return func() {}, nil }
func (echo) Run(*device.Tensors) error            { return nil }
func (echo) NewTensors() (*device.Tensors, error) { return device.NewTensors(nil, nil, nil), nil }
func (echo) Inputs() []device.Spec                { return nil }
func (echo) Outputs() []device.Spec               { return nil }
func (echo) Metadata() map[string]string          { return nil }
func (echo) Close() error                         { return nil }
func (echo) Pre(*camera.Frame, [][]float32) error { return nil }
func (echo) Post(f *camera.Frame, _ [][]float32) (any, error) {
	if f.Header.FrameID == "broken" {
		return nil, errors.New("broken lens")
	}
	return int(f.Header.Stamp.Nanosec), nil
}

// suite is a perception node between a fake camera, a real scheduler and a fake publisher.
type suite struct {
	camera    fakeCamera
	publisher fakePublisher
	logger    logger
	scheduler *live.Scheduler
	node      *Perception

	mu      sync.Mutex
	timings []*msg.JobTiming
	ended   chan struct{}
}

var network = []live.Variant{{Model: echo{}, Vision: echo{}}}

func newSuite(t *testing.T) *suite {
	t.Helper()
	s := &suite{logger: newLogger(), ended: make(chan struct{}, 10_000)}
	var err error
	s.scheduler, err = live.New(live.Options{
		Tasks:  []live.Task{{Name: "other", Deadline: 1, Variants: network}, {Name: "echo", Deadline: 1e18, Variants: network}},
		Device: echo{},
		Observe: func(timing *msg.JobTiming) {
			s.mu.Lock()
			s.timings = append(s.timings, timing)
			s.mu.Unlock()
			s.ended <- struct{}{}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.node = NewPerception(s.logger, &s.camera, s.scheduler, 1, &s.publisher, nil)
	if err := s.node.Activate(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.close(t) })
	return s
}

func (s *suite) close(t *testing.T) {
	t.Helper()
	for range 2 {
		if err := s.scheduler.Close(); err != nil {
			t.Error(err)
		}
		s.node.Close()
	}
}

func numbered(n int) *camera.Frame {
	return camera.FromImage(&msg.Image{
		Header: msg.Header{Stamp: msg.Time{Sec: 9, Nanosec: uint32(n)}, FrameID: "front"},
		Height: 1, Width: 1, Encoding: "mono8", Step: 1, Data: []byte{0},
	}, monotonic.Now())
}

func TestAPerceptionNodePublishesResultsInOrder(t *testing.T) {
	s := newSuite(t)
	var want []any
	var headers []msg.Header
	for n := range 10 {
		f := numbered(n)
		s.camera.show(f)
		<-s.ended
		want, headers = append(want, n), append(headers, f.Header)
	}
	s.close(t)
	if diff := cmp.Diff(want, s.publisher.published); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(headers, s.publisher.headers); diff != "" {
		t.Error(diff)
	}
	for _, timing := range s.timings {
		if timing.Outcome != msg.OutcomePublished || timing.Task != "echo" || timing.PublishedNs < timing.PostEndedNs {
			t.Errorf("%+v", timing)
		}
	}
	if s.logger.lines.Len() != 0 {
		t.Errorf("logged %v", s.logger.lines.All())
	}
}

func TestFramesThatFailAreLoggedOnceASecond(t *testing.T) {
	s := newSuite(t)
	bad := camera.FromImage(&msg.Image{Encoding: "bayer_rggb8"}, 1)
	for range 50 {
		s.camera.show(bad)
	}
	broken := numbered(1)
	broken.Header.FrameID = "broken"
	s.camera.show(broken)
	for range 51 {
		<-s.ended
	}
	s.close(t)
	s.camera.show(numbered(2)) // refused, since all is shut down: no news
	if n := s.logger.lines.Len(); n < 2 || n > 10 {
		t.Errorf("%d lines", n)
	}
	for _, text := range []string{"bad_image: unsupported encoding: 'bayer_rggb8'", "vision: broken lens"} {
		if s.logger.lines.Filter(func(e observer.LoggedEntry) bool {
			return strings.HasPrefix(fmt.Sprint(e.ContextMap()["reason"]), text)
		}).Len() == 0 {
			t.Errorf("%q was not logged", text)
		}
	}
	if s.logger.lines.FilterField(zap.String("reason", live.ReasonShutdown)).Len() != 0 || len(s.publisher.published) != 0 {
		t.Errorf("logged %v, published %v", s.logger.lines.All(), s.publisher.published)
	}
}

func TestAResultThatIsNotPublishedIsFailed(t *testing.T) {
	s := newSuite(t)
	s.publisher.fail = errors.New("no middleware")
	s.camera.show(numbered(1))
	<-s.ended
	if got := s.timings[0]; got.Outcome != msg.OutcomeFailed || got.Reason != "publish: no middleware" || got.PublishedNs != 0 {
		t.Errorf("%+v", got)
	}
}

func TestAMiddlewareThatHangsHoldsUpNobody(t *testing.T) {
	s := newSuite(t)
	s.publisher.hold = make(chan struct{})
	// One result is being published, maxResults wait, and the next one can't.
	for n := range 10 * maxResults {
		s.camera.show(numbered(n))
		if status := s.scheduler.Status().Tasks[1]; status.Failed > 0 {
			break
		}
	}
	<-s.ended // the first one to end is not published, or replaced by a newer frame on the way
	close(s.publisher.hold)
	s.close(t)
	outcomes := map[msg.Outcome]int{}
	for _, timing := range s.timings {
		outcomes[timing.Outcome]++
		if timing.Outcome == msg.OutcomeFailed && !strings.HasPrefix(timing.Reason, "publish: ") {
			t.Errorf("%+v", timing)
		}
	}
	status := s.scheduler.Status().Tasks[1]
	if status.Pending != 0 || uint64(len(s.timings)) != status.Received || outcomes[msg.OutcomePublished] > maxResults+1 {
		t.Errorf("%+v, outcomes %v", status, outcomes)
	}
}

// fakeSender keeps what it is given to send, or fails.
type fakeSender struct {
	fail error

	mu   sync.Mutex
	sent []msg.Message
}

func (s *fakeSender) Send(m msg.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return s.fail
	}
	s.sent = append(s.sent, m)
	return nil
}

type statusOf func() msg.SchedulerStatus

func (f statusOf) Status() (msg.SchedulerStatus, bool) { return f(), true }

// clock is ROS's, for a Scheduler that nobody's ticks reach.
func clock() msg.Time { return msg.Time{Sec: 7} }

func TestTheSchedulersNodePublishesEveryTimingAndALastStatus(t *testing.T) {
	status, timing, logger := &fakeSender{}, &fakeSender{}, newLogger()
	n := newScheduler(logger.log, clock, nil, status, timing)
	for job := range uint64(300) {
		n.Observe(&msg.JobTiming{Job: job})
		if job == 100 {
			n.Start(statusOf(func() msg.SchedulerStatus { return msg.SchedulerStatus{Device: "fake"} }))
		}
	}
	for range 2 {
		n.Close()
	}
	n.Observe(&msg.JobTiming{Job: 999}) // after all is over: no harm
	for i, m := range timing.sent {
		if m.(*msg.JobTiming).Job != uint64(i) {
			t.Fatalf("timing %d is of job %d", i, m.(*msg.JobTiming).Job)
		}
	}
	if len(timing.sent) != 300 || len(status.sent) == 0 || status.sent[0].(*msg.SchedulerStatus).Device != "fake" ||
		status.sent[0].(*msg.SchedulerStatus).Header.Stamp.Sec != 7 {
		t.Errorf("%d timings, statuses %v", len(timing.sent), status.sent)
	}
	if logger.lines.Len() != 0 {
		t.Errorf("logged %v", logger.lines.All())
	}
}

func TestTimingsThatAreNotTakenAreLostWithAWord(t *testing.T) {
	timing, logger := &fakeSender{}, newLogger()
	n := newScheduler(logger.log, clock, nil, &fakeSender{}, timing)
	for job := range uint64(maxTimings + 5) {
		n.Observe(&msg.JobTiming{Job: job})
	}
	if lines := logger.lines.TakeAll(); len(lines) == 0 || !strings.HasPrefix(lines[0].Message, "job timings are lost") {
		t.Errorf("logged %v", lines)
	}
	timing.fail = errors.New("no middleware")
	n.Start(statusOf(func() msg.SchedulerStatus { return msg.SchedulerStatus{} }))
	n.Close()
	if n := logger.lines.FilterMessage("a job timing was not published").Len(); n != maxTimings {
		t.Errorf("%d lines", n)
	}
}

func TestANodeThatNeverStartedCanBeClosed(t *testing.T) {
	newScheduler(zap.NewNop(), clock, nil, &fakeSender{}, &fakeSender{}).Close()
}

func TestTrafficLightsArePublishedWithTheFramesHeader(t *testing.T) {
	header := msg.Header{Stamp: msg.Time{Sec: 1, Nanosec: 2}, FrameID: "front"}
	detections, state := &fakeSender{}, &fakeSender{}
	p := &TrafficLight{detections, state}
	seen := trafficlight.Result{State: "red", Detections: []perception.Detection{
		{Label: "red", Score: 0.75, X: 10, Y: 20, Width: 4, Height: 8}, {Label: "green", Score: 0.5, Width: 1, Height: 1},
	}}
	for _, result := range []trafficlight.Result{seen, {State: trafficlight.Unknown}} {
		if err := p.Publish(header, result); err != nil {
			t.Fatal(err)
		}
	}
	want := []msg.Message{
		&msg.Detection2DArray{Header: header, Detections: []msg.Detection2D{
			msg.NewDetection2D(header, "red", 0.75, 10, 20, 4, 8), msg.NewDetection2D(header, "green", 0.5, 0, 0, 1, 1),
		}},
		&msg.Detection2DArray{Header: header},
	}
	if diff := cmp.Diff(want, detections.sent); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]msg.Message{&msg.String{Data: "red"}, &msg.String{Data: "unknown"}}, state.sent); diff != "" {
		t.Error(diff)
	}
	if err := p.Publish(header, "red"); err == nil || !strings.Contains(err.Error(), "string") {
		t.Errorf("a value of another type: error %v", err)
	}
	detections.fail = errors.New("no middleware")
	if err := p.Publish(header, seen); !errors.Is(err, detections.fail) {
		t.Errorf("error %v", err)
	}
}
