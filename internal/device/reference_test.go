package device

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// mostDifference is how far a logit may be from PyTorch's. Coordinates are compared in pixels.
const mostDifference = 1e-3

// TestAgainstPyTorch compares the networks in RTMDL_MODELS with what PyTorch computes of the same pictures, in the folder
// RTMDL_REFERENCE (models/train/reference.py writes it; internal/setup/train_smoke.sh runs both).
func TestAgainstPyTorch(t *testing.T) {
	folder, models := os.Getenv("RTMDL_REFERENCE"), os.Getenv("RTMDL_MODELS")
	if folder == "" {
		t.Skip("RTMDL_REFERENCE names no folder with PyTorch's results")
	}
	levels, err := filepath.Glob(filepath.Join(folder, "*", "*", "*.f32"))
	if err != nil || len(levels) == 0 {
		t.Fatalf("%s has no results of PyTorch: %v", folder, err)
	}
	d, err := NewCPU(Options{Library: library})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close() //nolint:errcheck // the test has its result
	seen := map[string]bool{}
	for _, file := range levels {
		level := filepath.Dir(file)
		if seen[level] {
			continue
		}
		seen[level] = true
		task := filepath.Dir(level)
		name := filepath.Base(task) + "/" + filepath.Base(level)
		t.Run(name, func(t *testing.T) { compare(t, d, filepath.Join(models, name+".onnx"), task, level) })
	}
}

func compare(t *testing.T, d Device, path, task, level string) {
	m, err := d.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close() //nolint:errcheck // the test has its result
	tensors, err := m.NewTensors()
	if err != nil {
		t.Fatal(err)
	}
	defer tensors.Close() //nolint:errcheck // the test has its result
	images, err := os.ReadFile(filepath.Join(task, "images.u8"))
	if err != nil {
		t.Fatal(err)
	}
	size := len(tensors.In[0])
	n := len(images) / size
	wanted := make([][]float32, len(tensors.Out))
	for i, spec := range m.Outputs() {
		wanted[i] = readFloats(t, filepath.Join(level, spec.Name+".f32"), n*len(tensors.Out[i]))
	}
	worst := make([]float64, len(wanted))
	compared := 0
	for k := range n {
		for i, v := range images[k*size : (k+1)*size] {
			tensors.In[0][i] = float32(v) / 255
		}
		if err := m.Run(tensors); err != nil {
			t.Fatal(err)
		}
		for i, spec := range m.Outputs() {
			for j, got := range tensors.Out[i] {
				want := wanted[i][k*len(tensors.Out[i])+j]
				difference := math.Abs(float64(got) - float64(want))
				if spec.Name != "boxes" {
					if min(want, 1-want, got, 1-got) < 1e-3 { // so near to 0 or 1, the rounding of a 32-bit share is a logit of 1e-4 and more
						continue
					}
					difference = math.Abs(logit(got) - logit(want))
				}
				compared++
				worst[i] = max(worst[i], difference)
			}
		}
	}
	text := ""
	for i, spec := range m.Outputs() {
		text += fmt.Sprintf(" %s %.2g", spec.Name, worst[i])
		if spec.Name != "boxes" && worst[i] > mostDifference {
			t.Errorf("%s: a logit differs by %g, at most %g wanted", spec.Name, worst[i], mostDifference)
		}
	}
	if compared == 0 {
		t.Error("nothing was compared")
	}
	t.Logf("%d pictures, largest differences:%s", n, text)
}

func logit(p float32) float64 { return math.Log(float64(p) / (1 - float64(p))) }

func readFloats(t *testing.T, path string, n int) []float32 {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) != 4*n {
		t.Fatalf("%s has %d bytes, %d are needed", path, len(data), 4*n)
	}
	values := make([]float32, n)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return values
}
