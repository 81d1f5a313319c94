// Package device runs networks. A Device is an accelerator as the scheduler sees it: a number of slots, each of
// which runs one inference at a time. It knows neither ROS nor OpenCV, so that its tests run wherever ONNX
// Runtime's library is.
package device

import "errors"

var (
	// ErrModel is returned by Load for a file that is missing, empty, truncated or no network, and for a
	// network whose tensors are not what its user needs.
	ErrModel = errors.New("model")
	// ErrLibrary is returned when ONNX Runtime's library can't be loaded.
	ErrLibrary = errors.New("ONNX Runtime")
	// ErrTensors is returned by Run for tensors that another network made.
	ErrTensors = errors.New("tensors of another model")
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
	// NewTensors makes a set of tensors for one inference at a time; the caller closes it.
	NewTensors() (*Tensors, error)
	// Run computes t.Out from t.In on the calling thread and the device's own, and returns when it is done.
	Run(t *Tensors) error
	// Close frees the network; tensors that it made must have been closed.
	Close() error
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

// Tensors hold the inputs and outputs of one inference. The slices point into the runtime's memory: they are
// valid until Close, in row-major order, and belong to whoever holds the Tensors.
type Tensors struct {
	In  [][]float32 // one for each of Model.Inputs
	Out [][]float32 // one for each of Model.Outputs

	owner   *cpuModel
	runtime runtimeTensors
}

// Close frees the tensors. It may be called more than once.
func (t *Tensors) Close() error { return t.runtime.close() }

// WarmUp runs a network once on zeros, so that the first real inference is not the slowest.
func WarmUp(m Model) error {
	t, err := m.NewTensors()
	if err != nil {
		return err
	}
	return errors.Join(m.Run(t), t.Close())
}
