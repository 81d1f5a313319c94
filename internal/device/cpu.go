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
	threads  int
	spinning bool
}

var _ Device = (*CPU)(nil)

// CPUOptions say how a CPU device runs.
type CPUOptions struct {
	Library string // ONNX Runtime's library; "": DefaultLibrary
	Cores   []int  // cores for inference, from 0, a thread on each; none: wherever the system puts the threads
	// Threads of each session where there are no Cores; 0: one. AllThreads: as many as ONNX Runtime likes.
	Threads int
	// Spinning keeps waiting threads on their cores: quicker for who is alone, at the expense of everybody else.
	Spinning bool
}

// AllThreads leaves the number of threads to ONNX Runtime.
const AllThreads = -1

// NewCPU loads ONNX Runtime. Errors wrap ErrLibrary, or name a core that this machine lacks.
func NewCPU(o CPUOptions) (*CPU, error) {
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
func (d *CPU) Load(path string) (Model, error) {
	if err := checkFile(path); err != nil {
		return nil, err
	}
	options, err := d.options()
	if err != nil {
		return nil, err
	}
	defer options.Destroy() //nolint:errcheck // nothing to be done about it
	ins, outs, err := ort.GetInputOutputInfoWithOptions(path, options)
	if err != nil {
		return nil, fmt.Errorf("%w %s: not a network that ONNX Runtime can read: %w", ErrModel, path, err)
	}
	m := &cpuModel{}
	if m.inputs, err = toSpecs(path, ins); err != nil {
		return nil, err
	}
	if m.outputs, err = toSpecs(path, outs); err != nil {
		return nil, err
	}
	m.session, err = ort.NewDynamicAdvancedSession(path, names(m.inputs), names(m.outputs), options)
	if err != nil {
		return nil, fmt.Errorf("%w %s: %w", ErrModel, path, err)
	}
	if m.metadata, err = readMetadata(m.session); err != nil {
		return nil, errors.Join(fmt.Errorf("%w %s: %w", ErrModel, path, err), m.Close())
	}
	return m, nil
}

// options give each session as many threads as there are cores, each on its own core. The first of them is the
// thread that calls Run (see Bind). Waiting threads sleep unless wanted otherwise: spinning would take the core from
// the others.
func (d *CPU) options() (*ort.SessionOptions, error) {
	options, err := ort.NewSessionOptions()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLibrary, err)
	}
	threads, spinning := max(1, len(d.cores)), "0"
	if len(d.cores) == 0 && d.threads != 0 {
		threads = max(0, d.threads) // ONNX Runtime's 0 is its own choice
	}
	if d.spinning {
		spinning = "1"
	}
	err = errors.Join(
		options.SetIntraOpNumThreads(threads),
		options.SetInterOpNumThreads(1),
		options.AddSessionConfigEntry("session.intra_op.allow_spinning", spinning),
	)
	if len(d.cores) > 1 {
		others := make([]string, 0, threads-1)
		for _, core := range d.cores[1:] {
			others = append(others, strconv.Itoa(core+1)) // ONNX Runtime counts cores from 1
		}
		err = errors.Join(err, options.AddSessionConfigEntry("session.intra_op_thread_affinities", strings.Join(others, ";")))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrLibrary, err), options.Destroy())
	}
	return options, nil
}

type cpuModel struct {
	inputs, outputs []Spec
	metadata        map[string]string

	mu      sync.RWMutex // read while a run is under way: Close waits for it
	session *ort.DynamicAdvancedSession
}

func (m *cpuModel) Inputs() []Spec              { return m.inputs }
func (m *cpuModel) Outputs() []Spec             { return m.outputs }
func (m *cpuModel) Metadata() map[string]string { return m.metadata }

// cpuTensors is what Tensors.own is here: ONNX Runtime's view of the slices.
type cpuTensors struct {
	model   *cpuModel
	in, out []ort.Value
}

func (m *cpuModel) NewTensors() (*Tensors, error) {
	own := &cpuTensors{model: m}
	t := &Tensors{own: own, free: own.free}
	err := addTensors(m.inputs, &own.in, &t.In)
	if err == nil {
		err = addTensors(m.outputs, &own.out, &t.Out)
	}
	if err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

func addTensors(specs []Spec, values *[]ort.Value, data *[][]float32) error {
	for _, s := range specs {
		tensor, err := ort.NewEmptyTensor[float32](ort.NewShape(s.Shape...))
		if err != nil {
			return fmt.Errorf("tensor %s: %w", s.Name, err)
		}
		*values = append(*values, tensor)
		*data = append(*data, tensor.GetData())
	}
	return nil
}

func (c *cpuTensors) free() error {
	var errs []error
	for _, v := range slices.Concat(c.in, c.out) {
		errs = append(errs, v.Destroy())
	}
	c.model, c.in, c.out = nil, nil, nil
	return errors.Join(errs...)
}

func (m *cpuModel) Run(t *Tensors) error {
	own, ok := t.own.(*cpuTensors)
	if !ok || own.model != m {
		return ErrTensors
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.session == nil {
		return ErrClosed
	}
	return m.session.Run(own.in, own.out)
}

func (m *cpuModel) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.session == nil {
		return nil
	}
	err := m.session.Destroy()
	m.session = nil
	return err
}

func readMetadata(session *ort.DynamicAdvancedSession) (map[string]string, error) {
	data, err := session.GetModelMetadata()
	if err != nil {
		return nil, err
	}
	defer data.Destroy() //nolint:errcheck // nothing to be done about it
	keys, err := data.GetCustomMetadataMapKeys()
	if err != nil {
		return nil, err
	}
	found := make(map[string]string, len(keys))
	for _, k := range keys {
		if v, ok, err := data.LookupCustomMetadataMap(k); err == nil && ok {
			found[k] = v
		}
	}
	return found, nil
}
