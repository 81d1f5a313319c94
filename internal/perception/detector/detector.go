// Package detector is the vision code of networks that give boxes with a score for each label. The tasks that find
// objects are built around it.
package detector

import (
	"fmt"
	"image"
	"slices"
	"strconv"
	"strings"

	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/perception"
)

var (
	_ perception.Tunable = (*Detector)(nil)
	_ perception.Vision  = (*Detector)(nil)
	_ perception.Painter = Result{}
)

// Result is what a frame shows.
type Result struct {
	Detections []perception.Detection // the best first; empty when there is nothing
}

// Paint implements perception.Painter.
func (r Result) Paint(img *image.RGBA) { perception.Paint(img, r.Detections) }

// Detector is the vision code around one network. It is safe for concurrent use.
//
// The network's contract: input "image" [1,3,H,W], the frame stretched to W x H, RGB from 0 to 1; outputs
// "boxes" [1,N,4], corners x1, y1, x2, y2 in pixels of the input, and "scores" [1,N,C], from 0 to 1, one for each
// label. Its metadata has labels, separated by commas, score_threshold and iou_threshold, which are for the scores as
// they are, and may have temperature: the logits of scores are divided by it before anybody sees them.
type Detector struct {
	labels         []string
	width, height  int                  // of the network's input
	cells          int                  // N
	trained        float64              // the threshold that was chosen in training
	scoreThreshold perception.Threshold // a detection scores at least this, uncalibrated
	calibration    calibration
	overlap        float64 // of two boxes that overlap by more (IoU), the better one stays
}

// New makes a detector for a network with its labels. A scoreThreshold of 0 takes the one that was chosen in
// training; else it is at most 1, and one of calibrated scores, as Find returns them. Errors wrap perception.ErrContract or perception.ErrLabels.
func New(model device.Model, labels []string, scoreThreshold float64) (*Detector, error) {
	if !(scoreThreshold >= 0 && scoreThreshold <= 1) { // written so that NaN fails
		return nil, fmt.Errorf("score threshold %v: must be from 0 to 1", scoreThreshold)
	}
	in, out := model.Inputs(), model.Outputs()
	if len(in) != 1 || len(in[0].Shape) != 4 || len(out) != 2 || len(out[0].Shape) != 3 {
		return nil, fmt.Errorf("%w: inputs %v, outputs %v; wanted are image and boxes, scores", perception.ErrContract, in, out)
	}
	if trained := strings.Split(model.Metadata()["labels"], ","); !slices.Equal(trained, labels) {
		return nil, fmt.Errorf("%w: the label file says %v, the network was trained with %v", perception.ErrLabels, labels, trained)
	}
	h, w, n := in[0].Shape[2], in[0].Shape[3], out[0].Shape[1]
	if err := perception.Expect("inputs", in, []device.Spec{{Name: "image", Shape: []int64{1, 3, h, w}}}); err != nil {
		return nil, err
	}
	if err := perception.Expect("outputs", out, []device.Spec{
		{Name: "boxes", Shape: []int64{1, n, 4}}, {Name: "scores", Shape: []int64{1, n, int64(len(labels))}},
	}); err != nil {
		return nil, err
	}
	d := &Detector{labels: slices.Clone(labels), width: int(w), height: int(h), cells: int(n)}
	var err error
	if d.trained, err = Threshold(model, "score_threshold"); err != nil {
		return nil, err
	}
	if d.overlap, err = Threshold(model, "iou_threshold"); err != nil {
		return nil, err
	}
	if d.calibration, err = readCalibration(model); err != nil {
		return nil, err
	}
	d.SetScoreThreshold(scoreThreshold)
	return d, nil
}

// SetScoreThreshold implements perception.Tunable.
func (d *Detector) SetScoreThreshold(t float64) {
	if t > 0 {
		d.scoreThreshold.Set(d.calibration.undo(t))
	} else {
		d.scoreThreshold.Set(d.trained)
	}
}

// Threshold reads a threshold that was chosen in training, between 0 and 1, from a network's metadata. Errors wrap
// perception.ErrContract.
func Threshold(model device.Model, key string) (float64, error) {
	text := model.Metadata()[key]
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !(f > 0 && f < 1) {
		return 0, fmt.Errorf("%w: its metadata has %s = '%s'; wanted is a number between 0 and 1", perception.ErrContract, key, text)
	}
	return f, nil
}

// Pre writes the network's input. Errors are those of camera.Frame.BGR.
func (d *Detector) Pre(frame *camera.Frame, in [][]float32) error {
	return perception.Planes(frame, d.width, d.height, in[0])
}

// Calibrated returns what Find makes of a score of the network, 0 to 1.
func (d *Detector) Calibrated(score float64) float64 { return d.calibration.apply(score) }

// Post implements perception.Vision. The result is a Result.
func (d *Detector) Post(frame *camera.Frame, out [][]float32) (any, error) {
	found, err := d.Find(frame, out)
	if err != nil {
		return nil, err
	}
	return Result{found}, nil
}

// Find reads the network's outputs: what the frame shows, the best first, each object once, with calibrated scores.
// Errors are those of camera.Frame.BGR.
func (d *Detector) Find(frame *camera.Frame, out [][]float32) ([]perception.Detection, error) {
	_, w, h, err := frame.BGR()
	if err != nil {
		return nil, err
	}
	found := suppress(d.candidates(out[0], out[1], float64(w), float64(h)), d.overlap)
	for i := range found {
		found[i].Score = d.Calibrated(found[i].Score)
	}
	return found, nil
}

// candidates are the cells that score enough, as boxes in pixels of the frame.
func (d *Detector) candidates(boxes, scores []float32, w, h float64) []perception.Detection {
	scaleX, scaleY := w/float64(d.width), h/float64(d.height)
	classes, threshold := len(d.labels), d.scoreThreshold.Get()
	var found []perception.Detection
	for i := range d.cells {
		cell := scores[i*classes : (i+1)*classes]
		best := 0
		for c := range cell {
			if cell[c] > cell[best] {
				best = c
			}
		}
		score := float64(cell[best])
		if !(score >= threshold) { // written so that NaN is left out
			continue
		}
		x1 := min(max(float64(boxes[i*4])*scaleX, 0), w)
		y1 := min(max(float64(boxes[i*4+1])*scaleY, 0), h)
		x2 := min(max(float64(boxes[i*4+2])*scaleX, x1), w)
		y2 := min(max(float64(boxes[i*4+3])*scaleY, y1), h)
		if !(x2-x1 >= 1 && y2-y1 >= 1) {
			continue
		}
		found = append(found, perception.Detection{Label: d.labels[best], Score: min(score, 1), X: x1, Y: y1, Width: x2 - x1, Height: y2 - y1})
	}
	return found
}
