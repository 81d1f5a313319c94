// Package trafficlight finds traffic lights in whole frames and tells the state of each, and of the frame.
package trafficlight

import (
	"image"

	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/draw"
	"rtmdl/internal/perception"
	"rtmdl/internal/perception/detector"
)

// Name is the task's name: that of its node, its topics and its folder of models.
const Name = "traffic_light"

// Unknown is the state of a frame that shows no light, or none that the network is sure of.
const Unknown = "unknown"

// Result is what a frame shows.
type Result struct {
	// Detections have the labels red, yellow or green; the best first, empty when there is no light.
	Detections []perception.Detection
	// State is the label of the largest light whose state is sure enough, or Unknown.
	State string
}

var _ perception.Painter = Result{}

// Paint implements perception.Painter.
func (r Result) Paint(img *image.RGBA) {
	perception.Paint(img, r.Detections)
	draw.Banner(img, r.State, r.State)
}

// Detector is the vision code around one network of the family, which must fulfil the contract of detector.Detector
// and have a state_threshold in its metadata. It is safe for concurrent use.
type Detector struct {
	*detector.Detector
	stateThreshold float64 // a state is told from at least this, calibrated
}

var _ perception.Vision = (*Detector)(nil)

// New makes a detector for a network with its labels. A scoreThreshold of 0 takes the one that was chosen in
// training; else it is at most 1, and one of calibrated scores. Errors wrap perception.ErrContract or perception.ErrLabels.
func New(model device.Model, labels []string, scoreThreshold float64) (*Detector, error) {
	d, err := detector.New(model, labels, scoreThreshold)
	if err != nil {
		return nil, err
	}
	stateThreshold, err := detector.Threshold(model, "state_threshold")
	if err != nil {
		return nil, err
	}
	return &Detector{d, d.Calibrated(stateThreshold)}, nil
}

// Post implements perception.Vision. The result is a Result.
func (d *Detector) Post(frame *camera.Frame, out [][]float32) (any, error) {
	found, err := d.Find(frame, out)
	if err != nil {
		return nil, err
	}
	return Result{Detections: found, State: d.state(found)}, nil
}

// state is that of the largest light whose state is sure enough: the nearest, most likely the one that counts for
// the car. The threshold was chosen for this rule (models/train).
func (d *Detector) state(found []perception.Detection) string {
	state, area := Unknown, 0.0
	for _, f := range found {
		if f.Score >= d.stateThreshold && f.Area() > area {
			state, area = f.Label, f.Area()
		}
	}
	return state
}
