// Package detectortest has what tests of detectors are made of: networks of which only the description matters, and
// frames.
package detectortest

import (
	"strings"

	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/ros/msg"
)

// Model describes a network and can't run. A test may change it before it is used.
type Model struct {
	device.Model
	In, Out []device.Spec
	Meta    map[string]string
}

// NewModel describes a network that fulfils the contract of detector.Detector, with the thresholds 0.4 for scores,
// 0.6 for states and 0.5 for overlaps.
func NewModel(labels []string, width, height, cells int64) *Model {
	return &Model{
		In: []device.Spec{{Name: "image", Shape: []int64{1, 3, height, width}}},
		Out: []device.Spec{
			{Name: "boxes", Shape: []int64{1, cells, 4}}, {Name: "scores", Shape: []int64{1, cells, int64(len(labels))}},
		},
		Meta: map[string]string{
			"labels":          strings.Join(labels, ","),
			"score_threshold": "0.4", "state_threshold": "0.6", "iou_threshold": "0.5",
		},
	}
}

// Inputs implements device.Model.
func (m *Model) Inputs() []device.Spec { return m.In }

// Outputs implements device.Model.
func (m *Model) Outputs() []device.Spec { return m.Out }

// Metadata implements device.Model.
func (m *Model) Metadata() map[string]string { return m.Meta }

// Frame returns a bgr8 frame; without pixels it is black.
func Frame(width, height int, bgr ...byte) *camera.Frame {
	if bgr == nil {
		bgr = make([]byte, 3*width*height)
	}
	return camera.FromImage(&msg.Image{
		Width: uint32(width), Height: uint32(height), Encoding: "bgr8", Step: uint32(3 * width), Data: bgr,
	}, 1)
}

// BadFrame returns a frame whose encoding nobody knows.
func BadFrame() *camera.Frame { return camera.FromImage(&msg.Image{Encoding: "bayer_rggb8"}, 1) }
