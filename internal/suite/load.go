package suite

import (
	"errors"
	"fmt"
	"slices"

	"rtmdl/internal/device"
	"rtmdl/internal/manifest"
	"rtmdl/internal/perception"
)

// Network is a task's network, loaded, with the vision code around it. The caller closes the model.
type Network struct {
	Path   string
	Model  device.Model
	Vision perception.Vision
}

// Load loads a level, which must be one of those that the manifest was loaded with, and runs it once, so that the first
// frame is not the slowest. A scoreThreshold of 0 is the network's own.
func (t *Task) Load(d device.Device, m *manifest.Manifest, level string, scoreThreshold float64) (_ Network, err error) {
	known := m.Task(t.Name)
	file := known.Network(level)
	n := Network{Path: m.Path(file)}
	if n.Model, err = d.Load(m.Checked(file)); err != nil {
		return Network{}, fmt.Errorf("task %s: %w", t.Name, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.Model.Close())
		}
	}()
	if n.Vision, err = t.Vision(n.Model, known.Labels, scoreThreshold); err != nil {
		return Network{}, fmt.Errorf("%s: %w", n.Path, err)
	}
	if err := device.WarmUp(n.Model); err != nil {
		return Network{}, fmt.Errorf("%s: %w", n.Path, err)
	}
	return n, nil
}

// Tasks returns all tasks, in the order in which the status tells of them.
func Tasks() []Task { return slices.Clone(tasks) }
