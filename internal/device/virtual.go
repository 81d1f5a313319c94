package device

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// Virtual is a device for tests: it needs no library and no file, takes the times that it is told to, and its outputs are
// a cheap function of its inputs.
type Virtual struct {
	networks map[string]VirtualNetwork
	slow     func(a, b string) float64

	mu      sync.Mutex // guards what follows
	running []*virtualRun
	settled time.Time     // until then, what each run has left is up to date
	changed chan struct{} // closed when a run begins or ends
}

var _ Device = (*Virtual)(nil)

// VirtualNetwork is what a Virtual device knows of a network.
type VirtualNetwork struct {
	Inputs, Outputs []Spec // at least one each
	Metadata        map[string]string
	Time            time.Duration // of a run alone; >= 0
}

// virtualRun is a run under way.
type virtualRun struct {
	path string
	left time.Duration // of its time alone
}

// NewVirtual makes a device of networks by path, which the caller leaves as they are. slow returns how many times as
// long a run of network a takes while one of network b runs beside it, >= 1; of several the factors multiply. nil: no run
// slows down another.
func NewVirtual(networks map[string]VirtualNetwork, slow func(a, b string) float64) *Virtual {
	if slow == nil {
		slow = func(_, _ string) float64 { return 1 }
	}
	return &Virtual{networks: networks, slow: slow, changed: make(chan struct{})}
}

// Name implements Device.
func (d *Virtual) Name() string { return "virtual" }

// Bind implements Device: any thread will do.
func (d *Virtual) Bind() (func(), error) { return Pin(nil) }

// Close implements Device.
func (d *Virtual) Close() error { return nil }

// Load implements Device.
func (d *Virtual) Load(path string) (Model, error) {
	n, ok := d.networks[path]
	if !ok {
		return nil, fmt.Errorf("%w %s: the virtual device was told nothing of it", ErrModel, path)
	}
	return &virtualModel{device: d, path: path, network: n}, nil
}

// wait returns when a run that begins now is done.
func (d *Virtual) wait(path string, t time.Duration) {
	r := &virtualRun{path, t}
	d.mu.Lock()
	d.settle()
	d.running = append(d.running, r)
	d.change()
	for r.left > 0 {
		timer := time.NewTimer(time.Duration(float64(r.left)*d.factor(r)) + 1) // rounded up
		changed := d.changed
		d.mu.Unlock()
		select {
		case <-timer.C:
		case <-changed:
			timer.Stop()
		}
		d.mu.Lock()
		d.settle()
	}
	d.running = slices.DeleteFunc(d.running, func(other *virtualRun) bool { return other == r })
	d.change()
	d.mu.Unlock()
}

// settle takes from each run what it has done since the last call.
func (d *Virtual) settle() {
	now := time.Now()
	for _, r := range d.running {
		r.left -= time.Duration(float64(now.Sub(d.settled)) / d.factor(r))
	}
	d.settled = now
}

func (d *Virtual) factor(r *virtualRun) float64 {
	f := 1.0
	for _, other := range d.running {
		if other != r {
			f *= d.slow(r.path, other.path)
		}
	}
	return f
}

func (d *Virtual) change() {
	close(d.changed)
	d.changed = make(chan struct{})
}

// virtualModel is a network of a Virtual device.
type virtualModel struct {
	device  *Virtual
	path    string
	network VirtualNetwork

	mu     sync.RWMutex // read while a run is under way: Close waits for it
	closed bool
}

func (m *virtualModel) Inputs() []Spec              { return m.network.Inputs }
func (m *virtualModel) Outputs() []Spec             { return m.network.Outputs }
func (m *virtualModel) Metadata() map[string]string { return m.network.Metadata }

func (m *virtualModel) NewTensors() (*Tensors, error) {
	t := NewTensors(zeros(m.network.Inputs), zeros(m.network.Outputs), nil)
	t.own = m
	t.free = func() error { t.own = nil; return nil }
	return t, nil
}

func zeros(specs []Spec) [][]float32 {
	data := make([][]float32, len(specs))
	for i, s := range specs {
		data[i] = make([]float32, s.Size())
	}
	return data
}

// Run implements Model: each output repeats the first input, with the mean of all inputs added.
func (m *virtualModel) Run(t *Tensors) error {
	if t.own != m {
		return ErrTensors
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.closed {
		return ErrClosed
	}
	m.device.wait(m.path, m.network.Time)
	var sum, count float32
	for _, in := range t.In {
		for _, v := range in {
			sum += v
		}
		count += float32(len(in))
	}
	for _, out := range t.Out {
		for i := range out {
			out[i] = t.In[0][i%len(t.In[0])] + sum/count
		}
	}
	return nil
}

func (m *virtualModel) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}
