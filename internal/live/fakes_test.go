package live

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/monotonic"
	"rtmdl/internal/ros/msg"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeDevice is an accelerator that does what the test says.
type fakeDevice struct{ bind func() (func(), error) }

func (d *fakeDevice) Name() string { return "fake" }
func (d *fakeDevice) Load(string) (device.Model, error) {
	return nil, errors.New("not loaded from files")
}
func (d *fakeDevice) Close() error { return nil }
func (d *fakeDevice) Bind() (func(), error) {
	if d.bind != nil {
		return d.bind()
	}
	return func() {}, nil
}

// fakeModel counts its tensors and its runs.
type fakeModel struct {
	run        func(*device.Tensors) error // nil: nothing
	newTensors func() error                // nil: no error

	mu                   sync.Mutex // guards all below
	made, closed         int
	running, mostAtATime int
}

func (m *fakeModel) Inputs() []device.Spec       { return nil }
func (m *fakeModel) Outputs() []device.Spec      { return nil }
func (m *fakeModel) Metadata() map[string]string { return nil }
func (m *fakeModel) Close() error                { return nil }

func (m *fakeModel) NewTensors() (*device.Tensors, error) {
	if m.newTensors != nil {
		if err := m.newTensors(); err != nil {
			return nil, err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.made++
	return device.NewTensors([][]float32{{0}}, [][]float32{{0}}, func() error {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.closed++
		return nil
	}), nil
}

func (m *fakeModel) Run(t *device.Tensors) error {
	m.mu.Lock()
	m.running++
	m.mostAtATime = max(m.mostAtATime, m.running)
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		m.running--
		m.mu.Unlock()
	}()
	t.Out[0][0] = t.In[0][0] // a race, if two jobs share tensors
	if m.run != nil {
		return m.run(t)
	}
	return nil
}

// fakeVision passes the frame's number through the network, and does what the test says besides.
type fakeVision struct {
	pre, post func(*camera.Frame) error // nil: nothing
}

func (v *fakeVision) Pre(f *camera.Frame, in [][]float32) error {
	in[0][0] = float32(f.Header.Stamp.Nanosec)
	if v.pre != nil {
		return v.pre(f)
	}
	return nil
}

func (v *fakeVision) Post(f *camera.Frame, out [][]float32) (any, error) {
	if v.post != nil {
		if err := v.post(f); err != nil {
			return nil, err
		}
	}
	return out[0][0], nil
}

// newFrame returns a frame of one pixel with a number for a stamp, received now.
func newFrame(number int) *camera.Frame { return frameAt(number, monotonic.Now()) }

func frameAt(number int, received int64) *camera.Frame {
	return camera.FromImage(&msg.Image{
		Header: msg.Header{Stamp: msg.Time{Sec: 1, Nanosec: uint32(number)}, FrameID: "camera"},
		Height: 1, Width: 1, Encoding: "bgr8", Step: 3, Data: []byte{1, 2, 3},
	}, received)
}

// gate holds stages up: each says that it has come, and goes on when it is let through.
type gate struct{ came, pass chan struct{} }

func newGate() *gate { return &gate{make(chan struct{}, 100), make(chan struct{})} }

func (g *gate) hold(*camera.Frame) error {
	g.came <- struct{}{}
	<-g.pass
	return nil
}

func (g *gate) open() { close(g.pass) }

// rig is a scheduler with what it told of its jobs.
type rig struct {
	*Scheduler
	t testing.TB

	mu       sync.Mutex
	results  []*Result
	observed []*msg.JobTiming
	changed  chan struct{} // has room for one: something came in
}

// plainTask is a task that meets any deadline.
func plainTask(model *fakeModel, vision *fakeVision) Task {
	return Task{Name: "light", Deadline: time.Hour, Variants: network(model, vision)}
}

// network is that of a task with one variant.
func network(model *fakeModel, vision *fakeVision) []Variant {
	return []Variant{{Name: "w100", Model: model, Vision: vision}}
}

// newRig starts a scheduler, which is closed at the end of the test.
func newRig(t testing.TB, o Options) *rig {
	t.Helper()
	r := &rig{t: t, changed: make(chan struct{}, 1)}
	if o.Device == nil {
		o.Device = &fakeDevice{}
	}
	o.Observe = func(timing *msg.JobTiming) {
		r.note(func() { r.observed = append(r.observed, timing) })
	}
	var err error
	if r.Scheduler, err = New(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *rig) note(what func()) {
	r.mu.Lock()
	what()
	r.mu.Unlock()
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

// publish is a Done that publishes at once, after noting the result.
func (r *rig) publish(result *Result) {
	r.note(func() { r.results = append(r.results, result) })
	if result.Outcome == msg.OutcomePublished {
		result.Published(monotonic.Now())
	}
}

// submit submits frames to task 0, published as soon as they are done.
func (r *rig) submit(frames ...*camera.Frame) {
	for _, f := range frames {
		r.Submit(Job{Frame: f, Done: r.publish})
	}
}

// ended waits for n jobs to end, and returns their timings in the order in which they ended.
func (r *rig) ended(n int) []*msg.JobTiming {
	r.t.Helper()
	deadline := time.After(time.Minute) // for a machine that hangs
	for {
		r.mu.Lock()
		observed := slices.Clone(r.observed)
		r.mu.Unlock()
		if len(observed) >= n {
			return observed
		}
		select {
		case <-r.changed:
		case <-deadline:
			r.t.Fatalf("%d of %d jobs ended", len(observed), n)
		}
	}
}

// outcomesOf returns the outcomes of the frames by their numbers.
func outcomesOf(timings []*msg.JobTiming) map[int]msg.Outcome {
	outcomes := map[int]msg.Outcome{}
	for _, t := range timings {
		outcomes[int(t.Header.Stamp.Nanosec)] = t.Outcome
	}
	return outcomes
}
