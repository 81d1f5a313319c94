package device

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// newGPUDevice opens a device that RTMDL_DEVICES names, such as cuda,tensorrt: those that must run here, with the ONNX
// Runtime of RTMDL_DEVICE_LIBRARY.
func newGPUDevice(t *testing.T, name string) Device {
	t.Helper()
	if !slices.Contains(strings.Split(os.Getenv("RTMDL_DEVICES"), ","), name) {
		t.Skipf("RTMDL_DEVICES does not name %s: it takes an NVIDIA GPU (docs/gpu.md)", name)
	}
	d, err := Open(name, Options{Library: library})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestGPUConforms(t *testing.T) {
	for _, name := range []string{"cuda", "tensorrt"} {
		t.Run(name, func(t *testing.T) {
			d := newGPUDevice(t, name)
			if d.Name() != name {
				t.Errorf("its name is %s", d.Name())
			}
			conformance(t, d, network)
		})
	}
}

// TestGPUComputesWhatTheCPUComputes compares all networks on random inputs, in the units of their outputs: shares, and
// pixels of pictures of some hundred.
func TestGPUComputesWhatTheCPUComputes(t *testing.T) {
	const most = 1e-2
	files, err := filepath.Glob("../../models/*/*.onnx")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range []string{"cuda", "tensorrt"} {
		t.Run(name, func(t *testing.T) {
			gpu, cpu := newGPUDevice(t, name), newCPU(t)
			for _, file := range files {
				t.Run(filepath.Base(filepath.Dir(file))+"/"+filepath.Base(file), func(t *testing.T) {
					worst := 0.0
					want, got := runFile(t, cpu, file), runFile(t, gpu, file)
					for i := range want {
						for j := range want[i] {
							worst = max(worst, math.Abs(float64(want[i][j])-float64(got[i][j])))
						}
					}
					t.Logf("largest difference %.2g", worst)
					if strings.HasSuffix(file, "q.onnx") {
						return // INT8 values are rounded another way there, and a step more or less goes on through the network
					}
					if !(worst <= most) {
						t.Errorf("outputs differ by %g, at most %g wanted", worst, most)
					}
				})
			}
		})
	}
}

func runFile(t *testing.T, d Device, file string) [][]float32 {
	m, err := d.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return run(t, m, newTensors(t, m), 1)
}

func TestAGPUThatIsNotThereIsNamed(t *testing.T) {
	for _, name := range []string{"cuda", "tensorrt"} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(name, Options{Library: library})
			if err == nil {
				t.Skip("this machine has it")
			}
			t.Log(err)
			if !errors.Is(err, ErrDevice) || !strings.Contains(err.Error(), "device "+name+": ") {
				t.Errorf("error %v", err)
			}
			conformsStill := newCPU(t) // what failed leaves the library usable
			if m, err := conformsStill.Load(network); err != nil {
				t.Error(err)
			} else if err := errors.Join(WarmUp(m), m.Close()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTheProbeIsANetworkOfOneNode(t *testing.T) {
	want := oneNode("Relu", tensorInfo{"in", onnxFloat, []uint64{1}}, tensorInfo{"out", onnxFloat, []uint64{1}}, nil)
	if probeNetwork != string(want) {
		t.Errorf("it is %q, and must be %q", probeNetwork, want)
	}
}

func TestTheProbeRuns(t *testing.T) {
	newCPU(t)
	options, err := newOptions(1, false)
	if err != nil {
		t.Fatal(err)
	}
	defer options.Destroy() //nolint:errcheck // the test has its result
	for in, want := range map[float32]float32{3: 3, -2: 0} {
		if out, err := runProbe(options, in); err != nil || out != want {
			t.Errorf("of %v it computes %v, error %v", in, out, err)
		}
	}
}
