package job

import (
	"cmp"
	"errors"
	"fmt"

	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/manifest"
	"rtmdl/internal/monotonic"
	"rtmdl/internal/perception"
	"rtmdl/internal/profile"
	"rtmdl/internal/ros/msg"
	"rtmdl/internal/suite"
)

// Levels are networks that are loaded, with the threads on which the suite runs their stages. It is a Bench of whole
// jobs; not for concurrent use.
type Levels struct {
	*profile.Inferences

	vision   []perception.Vision // by level
	next     []int               // by level: the picture of its next job. All get the same ones
	pictures [][]byte            // JPEG or PNG
	device   device.Device
	cpu      *profile.Thread
}

var _ profile.Bench = (*Levels)(nil)

// Options say what is timed.
type Options struct {
	Models           *manifest.Manifest // loaded with all of the tasks
	Tasks            []suite.Task       // at least one
	Device           string             // as device.Open has it; "": cpu
	Library          string             // ONNX Runtime's; "": device.DefaultLibrary
	CPU, Accelerator []int              // cores; none: wherever the system puts the threads
	Slots            int                // inferences at once that share the accelerator's cores; 0: 1
	Pictures         [][]byte           // JPEG or PNG, at least one
}

// Open loads all levels of the tasks. Errors are those of loading a network. The caller closes them.
func Open(o Options) (_ *Levels, err error) {
	l := &Levels{pictures: o.Pictures}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.Close())
		}
	}()
	if l.device, err = device.Open(cmp.Or(o.Device, "cpu"), device.Options{Library: o.Library, Cores: o.Accelerator, Slots: o.Slots}); err != nil {
		return nil, err
	}
	if l.cpu, err = profile.NewThread(func() (func(), error) { return device.Pin(o.CPU[:min(1, len(o.CPU))]) }); err != nil {
		return nil, err
	}
	if l.Inferences, err = profile.NewInferences(l.device); err != nil {
		return nil, err
	}
	for i := range o.Tasks {
		if err := l.load(&o.Tasks[i], o.Models); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// load adds the levels of a task.
func (l *Levels) load(t *suite.Task, m *manifest.Manifest) error {
	known := m.Task(t.Name)
	for i := range known.Levels {
		network, err := t.Load(l.device, m, known.Levels[i].Name, 0)
		if err != nil {
			return err
		}
		l.vision, l.next = append(l.vision, network.Vision), append(l.next, 0)
		if err := l.Add(profile.NewLevel(known, &known.Levels[i]), network.Model); err != nil {
			return err
		}
	}
	return nil
}

// Job implements profile.Bench. The frame is a new one, so that Pre decodes it.
func (l *Levels) Job(level int) (took profile.Stages, err error) {
	n, vision := &l.All[level], l.vision[level]
	frame := camera.FromCompressed(&msg.CompressedImage{Data: l.pictures[l.next[level]]}, monotonic.Now())
	l.next[level] = (l.next[level] + 1) % len(l.pictures)
	if took[profile.Pre], err = l.cpu.Timed(func() error { return vision.Pre(frame, n.Tensors.In) }); err != nil {
		return took, fmt.Errorf("%s/%s, pre: %w", n.Task, n.Name, err)
	}
	if took[profile.Infer], err = l.Run(level); err != nil {
		return took, err
	}
	if took[profile.Post], err = l.cpu.Timed(func() error { _, err := vision.Post(frame, n.Tensors.Out); return err }); err != nil {
		return took, fmt.Errorf("%s/%s, post: %w", n.Task, n.Name, err)
	}
	return took, nil
}

// Spin implements profile.Bench.
func (l *Levels) Spin() error { return cmp.Or(l.SpinOn("cpu", l.cpu), l.Inferences.Spin()) }

// Close ends the threads and frees the networks. It may be called with levels that were opened in part.
func (l *Levels) Close() error {
	var errs []error
	if l.cpu != nil {
		l.cpu.Close()
	}
	if l.Inferences != nil {
		errs = append(errs, l.Inferences.Close())
	}
	if l.device != nil {
		errs = append(errs, l.device.Close())
	}
	return errors.Join(errs...)
}
