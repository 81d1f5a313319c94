// Package perception has what the vision code of all tasks shares. Each task lives in a folder of its own below:
// Pre turns a frame into a network's inputs, Post turns its outputs into a result.
package perception

import (
	"errors"
	"fmt"
	"image"
	"slices"

	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/draw"
)

var (
	// ErrLabels is returned for labels that do not fit a network.
	ErrLabels = errors.New("labels")
	// ErrContract is returned for a network whose tensors or metadata are not what its task needs.
	ErrContract = errors.New("network does not fit the task")
)

// Vision is the code of one task around one network. Pre and Post are called on CPU workers, for different
// frames at once; they keep nothing of their arguments.
type Vision interface {
	// Pre writes the network's inputs. Errors are those of camera.Frame.BGR.
	Pre(frame *camera.Frame, in [][]float32) error
	// Post reads the network's outputs and returns the task's result, a Painter, which nobody changes afterwards.
	Post(frame *camera.Frame, out [][]float32) (any, error)
}

// Painter is a task's result that can be shown to people: Paint draws it onto the frame's picture.
type Painter interface{ Paint(img *image.RGBA) }

// Paint draws detections with labels and scores.
func Paint(img *image.RGBA, found []Detection) {
	boxes := make([]draw.Box, len(found))
	for i, d := range found {
		boxes[i] = draw.Box{X: d.X, Y: d.Y, Width: d.Width, Height: d.Height, Label: d.Label, Score: d.Score}
	}
	draw.Boxes(img, boxes)
}

// Detection is one object found in a frame.
type Detection struct {
	Label string  // stable text label, such as red
	Score float64 // confidence, 0 to 1: the share of such detections that are right, as far as that was measured
	// The upright box in pixels of the frame: its upper left corner, width and height (>= 0), inside the frame.
	X, Y, Width, Height float64
}

// Area returns the area of the box in square pixels.
func (d Detection) Area() float64 { return d.Width * d.Height }

// IoU returns the intersection of two boxes over their union, 0 to 1, whatever their labels.
func (d Detection) IoU(o Detection) float64 {
	w := min(d.X+d.Width, o.X+o.Width) - max(d.X, o.X)
	h := min(d.Y+d.Height, o.Y+o.Height) - max(d.Y, o.Y)
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h / (d.Area() + o.Area() - w*h)
}

// Expect checks that a network's tensors are exactly those wanted, in order. Errors wrap ErrContract.
func Expect(kind string, got, want []device.Spec) error {
	same := slices.EqualFunc(got, want, func(a, b device.Spec) bool {
		return a.Name == b.Name && slices.Equal(a.Shape, b.Shape)
	})
	if !same {
		return fmt.Errorf("%w: %s are %v, and must be %v", ErrContract, kind, got, want)
	}
	return nil
}
