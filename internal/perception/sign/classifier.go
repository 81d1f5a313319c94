package sign

import (
	"fmt"
	"slices"
	"strings"

	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/perception"
)

// NotASign is what a classifier tells of a crop that shows none. No detection has this label.
const NotASign = "not_a_sign"

// Classifier is the vision code around the second half of a network alone. The suite does not run it: it is there
// for figures on crops. It is safe for concurrent use.
//
// The network's contract: input "image" [1,3,H,W], a crop of one sign with a margin of a tenth, stretched to W x H,
// RGB from 0 to 1; output "scores" [1,C+1], one for each label and the last one for NotASign.
type Classifier struct {
	labels        []string
	width, height int
}

var _ perception.Vision = (*Classifier)(nil)

// NewClassifier makes a classifier for a network with the labels of the whole one. Errors wrap
// perception.ErrContract or perception.ErrLabels.
func NewClassifier(model device.Model, labels []string) (*Classifier, error) {
	in := model.Inputs()
	if len(in) != 1 || len(in[0].Shape) != 4 {
		return nil, fmt.Errorf("%w: inputs %v; wanted is image", perception.ErrContract, in)
	}
	all := append(slices.Clone(labels), NotASign)
	if trained := strings.Split(model.Metadata()["labels"], ","); !slices.Equal(trained, all) {
		return nil, fmt.Errorf("%w: the label file says %v, the classifier was trained with %v", perception.ErrLabels, labels, trained)
	}
	h, w := in[0].Shape[2], in[0].Shape[3]
	if err := perception.Expect("inputs", in, []device.Spec{{Name: "image", Shape: []int64{1, 3, h, w}}}); err != nil {
		return nil, err
	}
	if err := perception.Expect("outputs", model.Outputs(), []device.Spec{{Name: "scores", Shape: []int64{1, int64(len(all))}}}); err != nil {
		return nil, err
	}
	return &Classifier{labels: all, width: int(w), height: int(h)}, nil
}

// Pre implements perception.Vision; the frame is a crop.
func (c *Classifier) Pre(frame *camera.Frame, in [][]float32) error {
	return perception.Planes(frame, c.width, c.height, in[0])
}

// Post implements perception.Vision. The result is the crop's label, a string.
func (c *Classifier) Post(_ *camera.Frame, out [][]float32) (any, error) {
	best := len(c.labels) - 1 // also where the scores are no numbers
	for i, s := range out[0] {
		if s > out[0][best] {
			best = i
		}
	}
	return c.labels[best], nil
}
