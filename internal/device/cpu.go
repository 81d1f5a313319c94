package device

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	ort "github.com/yalue/onnxruntime_go"
)

// CPU is the device on any machine: ONNX Runtime on some of the processor's cores, which play the accelerator.
type CPU struct {
	cores []int
}

var _ Device = (*CPU)(nil)

// CPUOptions say how a CPU device runs.
type CPUOptions struct {
	Library string // ONNX Runtime's library; "": DefaultLibrary
	Cores   []int  // cores for inference, from 0; none: one thread, wherever the system puts it
}

// NewCPU loads ONNX Runtime. Errors wrap ErrLibrary, or name a core that this machine lacks.
func NewCPU(o CPUOptions) (*CPU, error) {
	if err := checkCores(o.Cores); err != nil {
		return nil, err
	}
	if err := start(o.Library); err != nil {
		return nil, err
	}
	return &CPU{cores: o.Cores}, nil
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
// thread that calls Run (see Bind). Waiting threads sleep: spinning would take the core from the others.
func (d *CPU) options() (*ort.SessionOptions, error) {
	options, err := ort.NewSessionOptions()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLibrary, err)
	}
	threads := max(1, len(d.cores))
	err = errors.Join(
		options.SetIntraOpNumThreads(threads),
		options.SetInterOpNumThreads(1),
		options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0"),
	)
	if threads > 1 {
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
	session         *ort.DynamicAdvancedSession
	inputs, outputs []Spec
	metadata        map[string]string
}

func (m *cpuModel) Inputs() []Spec              { return m.inputs }
func (m *cpuModel) Outputs() []Spec             { return m.outputs }
func (m *cpuModel) Metadata() map[string]string { return m.metadata }

func (m *cpuModel) NewTensors() (*Tensors, error) {
	t := &Tensors{owner: m}
	make := func(specs []Spec, values *[]ort.Value, data *[][]float32) error {
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
	if err := errors.Join(make(m.inputs, &t.runtime.in, &t.In), make(m.outputs, &t.runtime.out, &t.Out)); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

func (m *cpuModel) Run(t *Tensors) error {
	if t.owner != m {
		return ErrTensors
	}
	return m.session.Run(t.runtime.in, t.runtime.out)
}

func (m *cpuModel) Close() error {
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
