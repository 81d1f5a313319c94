// Package trafficlight finds traffic lights in whole frames and tells the state of each, and of the frame.
package trafficlight

import (
	"fmt"
	"image"
	"slices"
	"strconv"
	"strings"

	"gocv.io/x/gocv"

	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/draw"
	"rtmdl/internal/perception"
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

// Detector is the vision code around one network of the family. It is safe for concurrent use.
//
// The network's contract: input "image" [1,3,H,W], the frame stretched to W x H, RGB from 0 to 1; outputs
// "boxes" [1,N,4], corners x1, y1, x2, y2 in pixels of the input, and "scores" [1,N,3], from 0 to 1.
type Detector struct {
	labels         []string
	width, height  int     // of the network's input
	cells          int     // N
	scoreThreshold float64 // a detection scores at least this
	stateThreshold float64 // a state is told from at least this
	overlap        float64 // of two boxes that overlap by more (IoU), the better one stays
}

var _ perception.Vision = (*Detector)(nil)

// New makes a detector for a network with its labels. A scoreThreshold of 0 takes the one that was chosen in
// training; else it is at most 1. Errors wrap perception.ErrContract or perception.ErrLabels.
func New(model device.Model, labels []string, scoreThreshold float64) (*Detector, error) {
	if !(scoreThreshold >= 0 && scoreThreshold <= 1) { // written so that NaN fails
		return nil, fmt.Errorf("score threshold %v: must be from 0 to 1", scoreThreshold)
	}
	in, out, meta := model.Inputs(), model.Outputs(), model.Metadata()
	if len(in) != 1 || len(in[0].Shape) != 4 || len(out) != 2 || len(out[0].Shape) != 3 {
		return nil, fmt.Errorf("%w: inputs %v, outputs %v; wanted are image and boxes, scores", perception.ErrContract, in, out)
	}
	if trained := strings.Split(meta["labels"], ","); !slices.Equal(trained, labels) {
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
	for _, v := range []struct {
		key   string
		value *float64
	}{{"score_threshold", &d.scoreThreshold}, {"state_threshold", &d.stateThreshold}, {"iou_threshold", &d.overlap}} {
		f, err := strconv.ParseFloat(meta[v.key], 64)
		if err != nil || !(f > 0 && f < 1) {
			return nil, fmt.Errorf("%w: its metadata has %s = '%s'; wanted is a number between 0 and 1",
				perception.ErrContract, v.key, meta[v.key])
		}
		*v.value = f
	}
	if scoreThreshold > 0 {
		d.scoreThreshold = scoreThreshold
	}
	return d, nil
}

// Pre implements perception.Vision: the frame, stretched to the network's size, as RGB planes from 0 to 1.
func (d *Detector) Pre(frame *camera.Frame, in [][]float32) error {
	pix, w, h, err := frame.BGR()
	if err != nil {
		return err
	}
	if w == d.width && h == d.height {
		planes(in[0], pix)
		return nil
	}
	src, err := gocv.NewMatFromBytes(h, w, gocv.MatTypeCV8UC3, pix)
	if err != nil {
		return fmt.Errorf("%w: %w", camera.ErrDamaged, err)
	}
	defer src.Close() //nolint:errcheck // frees memory
	small := gocv.NewMat()
	defer small.Close()                     //nolint:errcheck // frees memory
	interpolation := gocv.InterpolationArea // averages: a lamp of few pixels is not skipped when shrinking
	if w < d.width || h < d.height {
		interpolation = gocv.InterpolationLinear
	}
	gocv.Resize(src, &small, image.Pt(d.width, d.height), 0, 0, interpolation)
	bgr, err := small.DataPtrUint8() // valid until small is closed
	if err != nil {
		return err
	}
	planes(in[0], bgr)
	return nil
}

// planes writes packed BGR as planes of red, green and blue, from 0 to 1.
func planes(to []float32, bgr []byte) {
	n := len(bgr) / 3
	red, green, blue := to[:n], to[n:2*n], to[2*n:3*n]
	for i := range n {
		blue[i], green[i], red[i] = unit[bgr[3*i]], unit[bgr[3*i+1]], unit[bgr[3*i+2]]
	}
}

// unit has a sample's value from 0 to 1.
var unit = func() (t [256]float32) {
	for i := range t {
		t[i] = float32(i) / 255
	}
	return t
}()

// Post implements perception.Vision. The result is a Result.
func (d *Detector) Post(frame *camera.Frame, out [][]float32) (any, error) {
	_, w, h, err := frame.BGR()
	if err != nil {
		return nil, err
	}
	candidates := d.candidates(out[0], out[1], float64(w), float64(h))
	found := suppress(candidates, d.overlap)
	return Result{Detections: found, State: d.state(found)}, nil
}

// candidates are the cells that score enough, as boxes in pixels of the frame.
func (d *Detector) candidates(boxes, scores []float32, w, h float64) []perception.Detection {
	scaleX, scaleY := w/float64(d.width), h/float64(d.height)
	classes := len(d.labels)
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
		if !(score >= d.scoreThreshold) { // written so that NaN is left out
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
