// Package device runs networks. A Device is an accelerator as the scheduler sees it: a number of slots, each of
// which runs one inference at a time. It knows neither ROS nor OpenCV, so that its tests run wherever ONNX
// Runtime's library is.
package device

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

var (
	// ErrModel is returned by Load for a file that is missing, empty, truncated or no network, and for a
	// network whose tensors are not what its user needs.
	ErrModel = errors.New("model")
	// ErrLibrary is returned when ONNX Runtime's library can't be loaded.
	ErrLibrary = errors.New("ONNX Runtime")
	// ErrDevice is returned by Open for a device that there is not, or that can't run here: its text says what to do.
	ErrDevice = errors.New("device")
	// ErrTensors is returned by Run for tensors that another network made, and for closed ones.
	ErrTensors = errors.New("tensors are closed or another model's")
	// ErrClosed is returned by a model's methods after its Close.
	ErrClosed = errors.New("the model is closed")
)

// Device is an accelerator. Load and Run are safe for concurrent use, Close comes last.
type Device interface {
	// Name says what it is, such as cpu.
	Name() string
	// Bind makes the calling goroutine's thread fit to run inferences (locks it, sets its cores) and returns
	// what undoes that.
	Bind() (release func(), err error)
	// Load reads a network from an ONNX file. Errors wrap ErrModel or ErrLibrary.
	Load(path string) (Model, error)
	// Close frees the device; its models must have been closed.
	Close() error
}

// Model is a network that is ready to run.
type Model interface {
	// Inputs and Outputs describe the tensors, in the order of the file.
	Inputs() []Spec
	Outputs() []Spec
	// Metadata returns the file's custom metadata: labels, thresholds, and so on.
	Metadata() map[string]string
	// NewTensors makes a set of tensors for one inference at a time, all zeros; the caller closes it.
	NewTensors() (*Tensors, error)
	// Run computes t.Out from t.In on the calling thread and the device's own, and returns when it is done.
	// Runs on different tensors may overlap. Errors: ErrTensors, ErrClosed, or the runtime's own.
	Run(t *Tensors) error
	// Close waits for runs under way and frees the network. It may be called more than once.
	Close() error
}

// Stopper is a Model whose runs can be stopped. All that ONNX Runtime runs are.
type Stopper interface {
	Model
	// RunContext is Run until ctx ends: then it returns at the next node of the network, and t.Out is of no use. Its
	// error wraps ctx's then, and nil says that the run was done before. A GPU still ends what it was given.
	RunContext(ctx context.Context, t *Tensors) error
}

// Spec describes one tensor of 32-bit floats.
type Spec struct {
	Name  string
	Shape []int64 // static: every size >= 1
}

// Size returns the number of elements.
func (s Spec) Size() int64 {
	n := int64(1)
	for _, d := range s.Shape {
		n *= d
	}
	return n
}

// Tensors hold the inputs and outputs of one inference, each in row-major order. They belong to whoever holds
// them, one user at a time.
type Tensors struct {
	In  [][]float32 // one for each of Model.Inputs; nil once closed
	Out [][]float32 // one for each of Model.Outputs; nil once closed

	own     any          // what the device that made them keeps with them
	free    func() error // nil: nothing to free
	closing sync.Once
	err     error // of free
}

// NewTensors makes tensors over slices of the caller's, for a device of another package. Close calls free (nil:
// nothing is to be freed), once.
func NewTensors(in, out [][]float32, free func() error) *Tensors {
	return &Tensors{In: in, Out: out, free: free}
}

// Close frees the tensors, which no run may be using. It may be called more than once.
func (t *Tensors) Close() error {
	t.closing.Do(func() {
		t.In, t.Out = nil, nil
		if t.free != nil {
			t.err = t.free()
		}
	})
	return t.err
}

// warmUpLimit is how long a first run may take: more than any device needs to get ready.
const warmUpLimit = time.Minute

// WarmUp runs a network once on zeros, so that the first real inference is not the slowest. Where runs can be stopped, one that
// has not ended in a minute is: the error wraps ErrModel.
func WarmUp(m Model) error { return warmUp(m, warmUpLimit) }

func warmUp(m Model, limit time.Duration) error {
	t, err := m.NewTensors()
	if err != nil {
		return err
	}
	stopper, ok := m.(Stopper)
	if !ok {
		return errors.Join(m.Run(t), t.Close())
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if err = stopper.RunContext(ctx, t); errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("%w: its first run has not ended in %v: it or the device hangs", ErrModel, limit)
	}
	return errors.Join(err, t.Close())
}
