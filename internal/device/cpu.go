package device

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	ort "github.com/yalue/onnxruntime_go"
)

// CPU is the device on any machine: ONNX Runtime on some of the processor's cores, which play the accelerator.
type CPU struct {
	cores    []int
	threads  int
	spinning bool
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
	return &CPU{cores: slices.Clone(o.Cores), threads: o.Threads, spinning: o.Spinning}, nil
}

// Name implements Device.
func (d *CPU) Name() string { return "cpu" }

// Bind implements Device: the thread goes to the first of the device's cores.
func (d *CPU) Bind() (func(), error) { return Pin(d.cores[:min(1, len(d.cores))]) }

// Close implements Device.
func (d *CPU) Close() error { return nil }

// Load implements Device.
func (d *CPU) Load(path string) (Model, error) { return load(path, d.options) }

// options give each session as many threads as there are cores, each on its own core. The first of them is the
// thread that calls Run (see Bind).
func (d *CPU) options() (*ort.SessionOptions, error) {
	threads := max(1, len(d.cores))
	if len(d.cores) == 0 && d.threads != 0 {
		threads = max(0, d.threads) // ONNX Runtime's 0 is its own choice
	}
	options, err := newOptions(threads, d.spinning)
	if err != nil || len(d.cores) < 2 {
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
