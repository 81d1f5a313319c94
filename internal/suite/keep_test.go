package suite

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"rtmdl/internal/device"
	"rtmdl/internal/manifest"
)

// TestKeptLevelsComputeTheSame keeps some levels of every family, with holes in what they shared, and runs them beside
// those of the whole one.
func TestKeptLevelsComputeTheSame(t *testing.T) {
	d, err := device.NewCPU(device.Options{Library: device.DefaultLibrary, Cores: []int{0}})
	if err != nil {
		t.Fatal(err)
	}
	whole, err := manifest.Load("../../models")
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		var names []string
		for i, l := range whole.Task(task.Name).Levels {
			if i%2 == 0 {
				names = append(names, l.Name)
			}
		}
		kept, err := whole.Keep(filepath.Join(t.TempDir(), "kept"), task.Name, names)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			want, got := outputs(t, d, &task, whole, name), outputs(t, d, &task, kept, name)
			if !slices.EqualFunc(want, got, slices.Equal) {
				t.Errorf("%s/%s has other outputs", task.Name, name)
			}
		}
	}
}

// outputs runs a level on noise, always the same.
func outputs(t *testing.T, d device.Device, task *Task, m *manifest.Manifest, level string) [][]float32 {
	t.Helper()
	n, err := task.Load(d, m, level, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Model.Close() //nolint:errcheck // of a test
	tensors, err := n.Model.NewTensors()
	if err != nil {
		t.Fatal(err)
	}
	defer tensors.Close() //nolint:errcheck // of a test
	noise := rand.New(rand.NewPCG(1, 2))
	for i := range tensors.In[0] {
		tensors.In[0][i] = noise.Float32()
	}
	if err := n.Model.Run(tensors); err != nil {
		t.Fatal(err)
	}
	var out [][]float32
	for _, o := range tensors.Out {
		out = append(out, slices.Clone(o))
	}
	return out
}
