// Package sign finds traffic signs in whole frames and tells the class of each.
package sign

import (
	"image"

	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/perception"
	"rtmdl/internal/perception/detector"
)

// Name is the task's name: that of its node, its topics and its folder of models.
const Name = "sign"

// Result is what a frame shows.
type Result struct {
	// Detections have labels of models/sign/labels.txt; the best first, empty when there is no sign.
	Detections []perception.Detection
}

var _ perception.Painter = Result{}

// Paint implements perception.Painter.
func (r Result) Paint(img *image.RGBA) { perception.Paint(img, r.Detections) }

// Detector is the vision code around one network of the family, which must fulfil the contract of
// detector.Detector. The network looks for signs, cuts out the best few and classifies them, all in one graph, so
// that here nothing is left to do but to read the boxes. It is safe for concurrent use.
type Detector struct{ *detector.Detector }

var _ perception.Vision = (*Detector)(nil)

// New makes a detector for a network with its labels. A scoreThreshold of 0 takes the one that was chosen in
// training; else it is at most 1, and one of calibrated scores. Errors wrap perception.ErrContract or perception.ErrLabels.
func New(model device.Model, labels []string, scoreThreshold float64) (*Detector, error) {
	d, err := detector.New(model, labels, scoreThreshold)
	if err != nil {
		return nil, err
	}
	return &Detector{d}, nil
}

// Post implements perception.Vision. The result is a Result.
func (d *Detector) Post(frame *camera.Frame, out [][]float32) (any, error) {
	found, err := d.Find(frame, out)
	if err != nil {
		return nil, err
	}
	return Result{Detections: found}, nil
}
