package device

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	ort "github.com/yalue/onnxruntime_go"
)

// load reads a network for the device that options choose.
func load(path string, options func() (*ort.SessionOptions, error)) (Model, error) {
	if err := checkFile(path); err != nil {
		return nil, err
	}
	m := &session{}
	if err := m.readSpecs(path); err != nil {
		return nil, err
	}
	chosen, err := options()
	if err != nil {
		return nil, err
	}
	defer chosen.Destroy() //nolint:errcheck // nothing to be done about it
	m.session, err = ort.NewDynamicAdvancedSession(path, names(m.inputs), names(m.outputs), chosen)
	if err != nil {
		return nil, fmt.Errorf("%w %s: %w", ErrModel, path, err)
	}
	if m.metadata, err = readMetadata(m.session); err != nil {
		return nil, errors.Join(fmt.Errorf("%w %s: %w", ErrModel, path, err), m.Close())
	}
	return m, nil
}

// newOptions are what sessions of all devices have in common. Waiting threads sleep unless wanted otherwise: spinning
// would take the core from the others.
func newOptions(threads int, spinning bool) (*ort.SessionOptions, error) {
	options, err := ort.NewSessionOptions()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLibrary, err)
	}
	spin := "0"
	if spinning {
		spin = "1"
	}
	err = errors.Join(
		options.SetIntraOpNumThreads(threads),
		options.SetInterOpNumThreads(1),
		options.AddSessionConfigEntry("session.intra_op.allow_spinning", spin),
	)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", ErrLibrary, err), options.Destroy())
	}
	return options, nil
}

// session is a Model that ONNX Runtime runs, on whatever device its options chose.
type session struct {
	inputs, outputs []Spec
	metadata        map[string]string

	mu      sync.RWMutex // read while a run is under way: Close waits for it
	session *ort.DynamicAdvancedSession
}

var _ Stopper = (*session)(nil)

// readSpecs looks at the network on the processor, whatever the device: a GPU would take seconds.
func (m *session) readSpecs(path string) error {
	options, err := newOptions(1, false)
	if err != nil {
		return err
	}
	defer options.Destroy() //nolint:errcheck // nothing to be done about it
	ins, outs, err := ort.GetInputOutputInfoWithOptions(path, options)
	if err != nil {
		return fmt.Errorf("%w %s: not a network that ONNX Runtime can read: %w", ErrModel, path, err)
	}
	if m.inputs, err = toSpecs(path, ins); err != nil {
		return err
	}
	m.outputs, err = toSpecs(path, outs)
	return err
}

func (m *session) Inputs() []Spec              { return m.inputs }
func (m *session) Outputs() []Spec             { return m.outputs }
func (m *session) Metadata() map[string]string { return m.metadata }

// sessionTensors is what Tensors.own is here: ONNX Runtime's view of the slices.
type sessionTensors struct {
	model   *session
	in, out []ort.Value
}

func (m *session) NewTensors() (*Tensors, error) {
	own := &sessionTensors{model: m}
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

func (c *sessionTensors) free() error {
	var errs []error
	for _, v := range slices.Concat(c.in, c.out) {
		errs = append(errs, v.Destroy())
	}
	c.model, c.in, c.out = nil, nil, nil
	return errors.Join(errs...)
}

func (m *session) Run(t *Tensors) error { return m.run(t, nil) }

// RunContext implements Stopper.
func (m *session) RunContext(ctx context.Context, t *Tensors) error {
	options, err := ort.NewRunOptions()
	if err != nil {
		return err
	}
	defer options.Destroy() //nolint:errcheck // nothing to be done about it
	told := make(chan struct{})
	forget := context.AfterFunc(ctx, func() {
		defer close(told)
		options.Terminate() //nolint:errcheck // then the run ends by itself
	})
	err = m.run(t, options)
	if !forget() {
		<-told // before the options go
	}
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	return err
}

func (m *session) run(t *Tensors, options *ort.RunOptions) error {
	own, ok := t.own.(*sessionTensors)
	if !ok || own.model != m {
		return ErrTensors
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.session == nil {
		return ErrClosed
	}
	return m.session.RunWithOptions(own.in, own.out, options)
}

func (m *session) Close() error {
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
