package device

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	ort "github.com/yalue/onnxruntime_go"
)

// CPU is the device on any machine: ONNX Runtime on some of the processor's cores, which play the accelerator.
type CPU struct {
	cores    []int
	slots    int
	threads  int
	spinning bool

	mu    sync.Mutex
	bound []bool // by slot: a thread sits there
}

var _ Device = (*CPU)(nil)

// NewCPU loads ONNX Runtime. Errors wrap ErrLibrary, or name a core that this machine lacks.
func NewCPU(o Options) (*CPU, error) {
	if _, err := checkCores(o.Cores); err != nil {
		return nil, err
	}
	if err := start(o.Library); err != nil {
		return nil, err
	}
	slots := min(max(1, o.Slots), max(1, len(o.Cores)))
	return &CPU{cores: slices.Clone(o.Cores), slots: slots, threads: o.Threads, spinning: o.Spinning, bound: make([]bool, slots)}, nil
}

// Name implements Device.
func (d *CPU) Name() string { return "cpu" }

// Bind implements Device: the thread goes to the first core of a slot in which none sits, of the first slot if one sits in
// each.
func (d *CPU) Bind() (func(), error) {
	if len(d.cores) == 0 {
		return Pin(nil)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	slot := max(0, slices.Index(d.bound, false))
	first := slot * (len(d.cores) / d.slots)
	release, err := Pin(d.cores[first : first+1])
	if err != nil {
		return nil, err
	}
	d.bound[slot] = true
	return func() {
		release()
		d.mu.Lock()
		defer d.mu.Unlock()
		d.bound[slot] = false
	}, nil
}

// Close implements Device.
func (d *CPU) Close() error { return nil }

// Load implements Device.
func (d *CPU) Load(path string) (Model, error) { return load(path, d.options) }

// options give each session as many threads as there are cores, each on its own core. The first of them is the
// thread that calls Run (see Bind).
func (d *CPU) options() (*ort.SessionOptions, error) {
	threads := max(1, len(d.cores)/d.slots)
	if len(d.cores) == 0 && d.threads != 0 {
		threads = max(0, d.threads) // ONNX Runtime's 0 is its own choice
	}
	options, err := newOptions(threads, d.spinning)
	if err != nil || threads < 2 || len(d.cores) == 0 || d.slots > 1 { // threads of a pool that slots share have no core of their own
		return options, err
	}
	others := make([]string, 0, len(d.cores)-1)
	for _, core := range d.cores[1:] {
		others = append(others, strconv.Itoa(core+1)) // ONNX Runtime counts cores from 1
	}
	if err := options.AddSessionConfigEntry("session.intra_op_thread_affinities", strings.Join(others, ";")); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrLibrary, err), options.Destroy())
	}
	return options, nil
}
