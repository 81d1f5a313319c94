// Package evaluate measures what the car runs, a task's vision code around its network on ONNX Runtime, on the
// labelled splits of the data sets.
package evaluate

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"

	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/manifest"
	"rtmdl/internal/perception"
	"rtmdl/internal/ros/msg"
)

// ErrData is returned for a folder without the data that a task is evaluated on, and for a split that is empty.
var ErrData = errors.New("data")

// unsure is the score from which on all that was found counts, for average precision.
const unsure = 1e-7

// Options say what is evaluated, on what.
type Options struct {
	Data     string              // folder that holds the data sets' folders
	Split    string              // "": test; all: every picture
	Models   string              // folder of the manifest
	Variant  string              // level of the manifest; "": w100
	Library  string              // ONNX Runtime's; "": device.DefaultLibrary
	Progress func(done, all int) // called after each picture; nil: nobody is told
	Case     func(Case)          // called after each picture with what was told of it; nil: nobody is told
}

// Figure is a point estimate with its 95 % interval.
type Figure struct {
	Name             string
	Value, Low, High float64
	Count            int // of samples that it is made of
}

// MarshalJSON writes null for what is not a number: a figure of no samples.
func (f Figure) MarshalJSON() ([]byte, error) {
	number := func(v float64) *float64 {
		if math.IsNaN(v) {
			return nil
		}
		return &v
	}
	return json.Marshal(struct {
		Name  string   `json:"name"`
		Value *float64 `json:"value"`
		Low   *float64 `json:"low"`
		High  *float64 `json:"high"`
		Count int      `json:"count"`
	}{f.Name, number(f.Value), number(f.Low), number(f.High), f.Count})
}

// String is one line of text.
func (f Figure) String() string {
	return fmt.Sprintf("%s: %.4f (95 %%: %.4f to %.4f; %d)", f.Name, f.Value, f.Low, f.High, f.Count)
}

// takes reports whether a picture of a split is evaluated.
func (o *Options) takes(split string) bool {
	return o.Split == "all" || split == cmp.Or(o.Split, "test")
}

// variant is Options.Variant or its default.
func (o *Options) variant() string { return cmp.Or(o.Variant, "w100") }

// network is one that is loaded, with tensors of its own. Not for concurrent use.
type network struct {
	device  device.Device
	model   device.Model
	tensors *device.Tensors
	labels  []string
}

// open loads a level or an extra of a task. The caller closes it.
func open(o *Options, task, name string) (_ *network, err error) {
	m, err := manifest.Load(o.Models, task+"/"+name)
	if err != nil {
		return nil, err
	}
	known := m.Task(task)
	n := &network{labels: known.Labels}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.close())
		}
	}()
	n.device, err = device.NewCPU(device.Options{Library: cmp.Or(o.Library, device.DefaultLibrary), Cores: device.Cores()})
	if err != nil {
		return nil, err
	}
	if n.model, err = n.device.Load(m.Path(known.Network(name))); err != nil {
		return nil, err
	}
	n.tensors, err = n.model.NewTensors()
	return n, err
}

// run takes a frame as far as the network's outputs, which are good until the next run.
func (n *network) run(v perception.Vision, frame *camera.Frame) ([][]float32, error) {
	if err := v.Pre(frame, n.tensors.In); err != nil {
		return nil, err
	}
	return n.tensors.Out, n.model.Run(n.tensors)
}

// runFile is run of a JPEG or PNG file, as the frame that it returns too. Errors name the file.
func (n *network) runFile(v perception.Vision, path string) (*camera.Frame, [][]float32, error) {
	frame, err := readFrame(path)
	if err != nil {
		return nil, nil, err
	}
	out, err := n.run(v, frame)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return frame, out, nil
}

func (n *network) close() error {
	var errs []error
	if n.tensors != nil {
		errs = append(errs, n.tensors.Close())
	}
	if n.model != nil {
		errs = append(errs, n.model.Close())
	}
	if n.device != nil {
		errs = append(errs, n.device.Close())
	}
	return errors.Join(errs...)
}

// readFrame reads a JPEG or PNG file as the frame of a compressed topic.
func readFrame(path string) (*camera.Frame, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	frame := camera.FromCompressed(&msg.CompressedImage{Data: data}, 1)
	if frame.Err() != nil {
		return nil, fmt.Errorf("%s: %w", path, frame.Err())
	}
	return frame, nil
}

// each calls f for every item, with progress, until one fails or ctx ends.
func each[T any](ctx context.Context, o *Options, items []T, f func(T) error) error {
	for i, item := range items {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f(item); err != nil {
			return err
		}
		if o.Progress != nil {
			o.Progress(i+1, len(items))
		}
	}
	return nil
}
