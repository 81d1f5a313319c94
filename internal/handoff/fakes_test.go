package handoff

import (
	"errors"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"

	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/live"
	"rtmdl/internal/monotonic"
	"rtmdl/internal/ros/msg"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

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
	return f.Header.FrameID, nil
}

func encodeEcho(_ msg.Header, value any) ([]msg.Message, error) {
	text := value.(string)
	if text == "not encoded" {
		return nil, errors.New("no words for it")
	}
	return []msg.Message{&msg.String{Data: text}}, nil
}

func decodeEcho(messages []msg.SerializedMessage) (any, error) {
	var text msg.String
	err := msg.Deserialize(messages, &text)
	if text.Data == "not decoded" {
		err = errors.New("no sense in it")
	}
	return text.Data, err
}

// wire carries messages from one side to the other, as they are on a topic, one after another.
type wire[M any] struct {
	deliver func(M)
	queue   chan M
	running sync.WaitGroup
}

func newWire[M any](deliver func(M)) *wire[M] {
	w := &wire[M]{deliver: deliver, queue: make(chan M, 10_000)}
	w.running.Go(func() {
		for m := range w.queue {
			w.deliver(m)
		}
	})
	return w
}

func (w *wire[M]) send(m M) error {
	w.queue <- m
	return nil
}

func (w *wire[M]) close() {
	close(w.queue)
	w.running.Wait()
}

// fakeCamera is a Source that the test speaks for.
type fakeCamera struct {
	mu        sync.Mutex
	listeners []func(*camera.Frame)
}

func (c *fakeCamera) Listen(f func(*camera.Frame)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.listeners = append(c.listeners, f)
}

func (c *fakeCamera) show(f *camera.Frame) {
	c.mu.Lock()
	listeners := c.listeners
	c.mu.Unlock()
	for _, l := range listeners {
		l(f)
	}
}

// frame returns a frame with a number for a stamp and a text, received now.
func frame(number int, text string) *camera.Frame {
	f := camera.FromImage(&msg.Image{
		Header: msg.Header{Stamp: msg.Time{Sec: 9, Nanosec: uint32(number)}, FrameID: text},
		Height: 1, Width: 1, Encoding: "mono8", Step: 1, Data: []byte{0},
	}, monotonic.Now())
	f.Sent = int64(number) + 1
	return f
}

// taskName is that of the second of the scheduler's tasks, which the tests use.
const taskName = "echo"

var network = []live.Variant{{Model: echo{}, Vision: echo{}}}

// newScheduler is a real one with two tasks; observe is told of every job.
func newScheduler(t testing.TB, observe func(*msg.JobTiming)) *live.Scheduler {
	t.Helper()
	s, err := live.New(live.Options{
		Tasks: []live.Task{
			{Name: "other", Deadline: time.Second, Variants: network}, {Name: taskName, Deadline: time.Second, Variants: network},
		},
		Device: echo{}, Observe: observe,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func options(send func(*msg.Job) error) ClientOptions {
	return ClientOptions{
		Task: taskName, Pictures: "/camera/image_raw", Transport: camera.Raw, Deadline: time.Minute, Decode: decodeEcho, Send: send, Log: zap.NewNop(),
	}
}
