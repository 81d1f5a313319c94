package device

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	ort "github.com/yalue/onnxruntime_go"
)

// gpu is an NVIDIA GPU: ONNX Runtime with its CUDA provider (cuda), or with TensorRT for what that can run and CUDA for
// the rest (tensorrt).
//
// Each session has CUDA streams of its own, which ONNX Runtime makes, a run at a time on each: runs that overlap in time
// may overlap on the GPU, if it has room. Streams have no priorities. Each run copies its inputs to the GPU and its
// outputs back, and returns when they are there. CUDA computes in full 32 bits, no TF32: what was measured of a network
// on the processor holds here too. TensorRT makes its plan of a network anew at each Load, and keeps none on disk.
type gpu struct {
	name    string
	options Options
}

var _ Device = (*gpu)(nil)

// newGPU loads ONNX Runtime and runs a tiny network on the GPU, so that whatever is missing is said here.
func newGPU(name string, o Options) (*gpu, error) {
	if _, err := checkCores(o.Cores); err != nil {
		return nil, err
	}
	if err := start(o.Library); err != nil {
		return nil, err
	}
	o.Cores = slices.Clone(o.Cores)
	d := &gpu{name, o}
	if err := d.probe(); err != nil {
		return nil, err
	}
	return d, nil
}

// Name implements Device.
func (d *gpu) Name() string { return d.name }

// Bind implements Device: the thread may run on any of the device's cores.
func (d *gpu) Bind() (func(), error) { return Pin(d.options.Cores) }

// Close implements Device.
func (d *gpu) Close() error { return nil }

// Load implements Device.
func (d *gpu) Load(path string) (Model, error) {
	return load(path, func() (*ort.SessionOptions, error) { return d.sessionOptions(d.options.Whole) })
}

func (d *gpu) sessionOptions(whole bool) (_ *ort.SessionOptions, err error) {
	options, err := newOptions(1, false)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, options.Destroy())
		}
	}()
	if whole {
		if err := options.AddSessionConfigEntry("session.disable_cpu_ep_fallback", "1"); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrLibrary, err)
		}
	}
	if d.name == "tensorrt" {
		if err := d.appendTensorRT(options); err != nil {
			return nil, fmt.Errorf("%w tensorrt: %w (it takes an ONNX Runtime with the TensorRT provider, TensorRT's libraries "+
				"(libnvinfer) in LD_LIBRARY_PATH, and all that cuda takes)", ErrDevice, err)
		}
	}
	if err := d.appendCUDA(options); err != nil {
		return nil, fmt.Errorf("%w %s: %w (it takes an ONNX Runtime with the CUDA provider (onnxruntime-gpu; parameter "+
			"onnxruntime_library names it), its libonnxruntime_providers_*.so beside it, and the libraries of the CUDA it was "+
			"built for (libcudart, libcublas, libcudnn) in LD_LIBRARY_PATH)", ErrDevice, d.name, err)
	}
	return options, nil
}

func (d *gpu) appendTensorRT(options *ort.SessionOptions) error {
	o, err := ort.NewTensorRTProviderOptions()
	if err != nil {
		return err
	}
	defer o.Destroy() //nolint:errcheck // nothing to be done about it
	if err := o.Update(map[string]string{"device_id": strconv.Itoa(d.options.GPU)}); err != nil {
		return err
	}
	return options.AppendExecutionProviderTensorRT(o)
}

func (d *gpu) appendCUDA(options *ort.SessionOptions) error {
	o, err := ort.NewCUDAProviderOptions()
	if err != nil {
		return err
	}
	defer o.Destroy() //nolint:errcheck // nothing to be done about it
	// All in one map: Update resets what it isn't given. Heuristic: trying all algorithms at each Load takes seconds.
	if err := o.Update(map[string]string{
		"device_id": strconv.Itoa(d.options.GPU), "use_tf32": "0", "cudnn_conv_algo_search": "HEURISTIC",
	}); err != nil {
		return err
	}
	return options.AppendExecutionProviderCUDA(o)
}

// probeNetwork is an ONNX file of one node, out = Relu(in), of one number each. A test makes it anew.
const probeNetwork = "\b\a:9\n\x0f\n\x02in\x12\x03out\"\x04Relu\x12\x01g" +
	"Z\x10\n\x02in\x12\n\n\b\b\x01\x12\x04\n\x02\b\x01b\x11\n\x03out\x12\n\n\b\b\x01\x12\x04\n\x02\b\x01B\x02\x10\r"

// probe runs that network on the GPU.
func (d *gpu) probe() error {
	options, err := d.sessionOptions(true)
	if err != nil {
		return err
	}
	defer options.Destroy() //nolint:errcheck // nothing to be done about it
	const in = 3
	out, err := runProbe(options, in)
	if err == nil && out != in {
		err = fmt.Errorf("it computes %v for %v", out, in)
	}
	if err != nil {
		return fmt.Errorf("%w %s: GPU %d runs no network: %w; see what nvidia-smi says of GPUs and driver, and whether the "+
			"driver is new enough for the CUDA that ONNX Runtime was built for", ErrDevice, d.name, d.options.GPU, err)
	}
	return nil
}

func runProbe(options *ort.SessionOptions, value float32) (float32, error) {
	session, err := ort.NewDynamicAdvancedSessionWithONNXData([]byte(probeNetwork), []string{"in"}, []string{"out"}, options)
	if err != nil {
		return 0, err
	}
	defer session.Destroy() //nolint:errcheck // nothing to be done about it
	in, err := ort.NewTensor(ort.NewShape(1), []float32{value})
	if err != nil {
		return 0, err
	}
	defer in.Destroy() //nolint:errcheck // nothing to be done about it
	out, err := ort.NewEmptyTensor[float32](ort.NewShape(1))
	if err != nil {
		return 0, err
	}
	defer out.Destroy() //nolint:errcheck // nothing to be done about it
	err = session.Run([]ort.Value{in}, []ort.Value{out})
	return out.GetData()[0], err
}
