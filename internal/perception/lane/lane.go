// Package lane finds the two borders of the lane that the camera is in: lines in the picture, and, given how the
// camera is mounted, the lane's middle on the ground.
package lane

import (
	"fmt"
	"image"
	"math"
	"slices"
	"strconv"
	"strings"

	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/draw"
	"rtmdl/internal/perception"
)

// Name is the task's name: that of its node, its topics and its folder of models.
const Name = "lane"

// The names of the two lines, where they are drawn.
const (
	Left  = "left"
	Right = "right"
)

// Result is what a frame shows of the lane. Lengths are in pixels of the frame, points from its upper left corner.
type Result struct {
	Width, Height int // of the frame
	// Left and Right are the nearest lines on either side of the middle of the frame's lower edge.
	Left, Right Line
	// Offset is where the camera is in the lane; nil unless both lines were seen near the lower edge.
	Offset *Offset
}

var _ perception.Painter = Result{}

// Paint implements perception.Painter: the lines that were seen.
func (r Result) Paint(img *image.RGBA) {
	var lines []draw.Line
	for _, l := range []struct {
		name string
		line Line
	}{{Left, r.Left}, {Right, r.Right}} {
		d := draw.Line{Label: l.name}
		for _, p := range l.line.Points {
			d.Points = append(d.Points, [2]float64{p.X, p.Y})
		}
		lines = append(lines, d)
	}
	draw.Lines(img, lines)
}

// Line is one border of the lane.
type Line struct {
	// Confidence is the mean probability of the marking along the line, 0 to 1, rows without any count as 0.
	// It is 0 exactly where no line was seen.
	Confidence float64
	// Points are the line's vertices from the nearest (lowest) to the farthest, Y strictly falling: two at least,
	// or none where no line was seen.
	Points []Point
}

// Seen reports whether there is a line.
func (l Line) Seen() bool { return len(l.Points) > 0 }

// At returns X of the line in the row y, straight between its vertices; not a number where y is beyond them.
func (l Line) At(y float64) float64 {
	for i, p := range l.Points {
		if p.Y > y {
			continue
		}
		if p.Y == y {
			return p.X
		}
		if i == 0 {
			break
		}
		before := l.Points[i-1]
		return p.X + (before.X-p.X)*(y-p.Y)/(before.Y-p.Y)
	}
	return math.NaN()
}

// Point is a point of a frame: X to the right, Y downwards, in pixels.
type Point struct{ X, Y float64 }

// Offset is where the camera is in the lane, measured at the frame's lower edge, to which the lines are extended.
type Offset struct {
	LaneWidth float64 // pixels, > 0
	Pixels    float64 // middle of the frame less middle of the lane; positive: right of the lane's middle
}

// Share returns the offset as a share of the lane's width: -0.5 over the left line, 0.5 over the right one.
func (o Offset) Share() float64 { return o.Pixels / o.LaneWidth }

// Finder is the vision code around one network of the family. It is safe for concurrent use.
//
// The network's contract: input "image" [1,3,H,W], the frame stretched to W x H, RGB from 0 to 1; output "marking"
// [1,1,H,W], for each pixel the probability that it belongs to a line, 0 to 1.
type Finder struct {
	width, height int                  // of the network's input and output
	trained       float64              // the threshold that was chosen in training
	threshold     perception.Threshold // a pixel is marked from this probability on
}

var (
	_ perception.Vision  = (*Finder)(nil)
	_ perception.Tunable = (*Finder)(nil)
)

// New makes a finder for a network with its labels. A threshold of 0 takes the one that was chosen in training; else
// it is at most 1. Errors wrap perception.ErrContract or perception.ErrLabels.
func New(model device.Model, labels []string, threshold float64) (*Finder, error) {
	if !(threshold >= 0 && threshold <= 1) { // written so that NaN fails
		return nil, fmt.Errorf("threshold %v: must be from 0 to 1", threshold)
	}
	in, out, meta := model.Inputs(), model.Outputs(), model.Metadata()
	if len(in) != 1 || len(in[0].Shape) != 4 {
		return nil, fmt.Errorf("%w: inputs are %v; wanted is one, image [1,3,H,W]", perception.ErrContract, in)
	}
	if trained := strings.Split(meta["labels"], ","); !slices.Equal(trained, labels) || len(labels) != 1 {
		return nil, fmt.Errorf("%w: the label file says %v, the network was trained with %v; wanted is one", perception.ErrLabels, labels, trained)
	}
	h, w := in[0].Shape[2], in[0].Shape[3]
	if h < 16 || w < 16 {
		return nil, fmt.Errorf("%w: its input is %d x %d pixels; wanted are at least 16 x 16", perception.ErrContract, w, h)
	}
	if err := perception.Expect("inputs", in, []device.Spec{{Name: "image", Shape: []int64{1, 3, h, w}}}); err != nil {
		return nil, err
	}
	if err := perception.Expect("outputs", out, []device.Spec{{Name: labels[0], Shape: []int64{1, 1, h, w}}}); err != nil {
		return nil, err
	}
	trained, err := strconv.ParseFloat(meta["marking_threshold"], 64)
	if err != nil || !(trained > 0 && trained < 1) {
		return nil, fmt.Errorf("%w: its metadata has marking_threshold = '%s'; wanted is a number between 0 and 1",
			perception.ErrContract, meta["marking_threshold"])
	}
	f := &Finder{width: int(w), height: int(h), trained: trained}
	f.SetScoreThreshold(threshold)
	return f, nil
}

// SetScoreThreshold implements perception.Tunable: from this probability on a pixel is marked.
func (f *Finder) SetScoreThreshold(t float64) {
	if t == 0 {
		t = f.trained
	}
	f.threshold.Set(t)
}

// Size returns the size of the network's input and of its map of probabilities, in pixels.
func (f *Finder) Size() (width, height int) { return f.width, f.height }

// Threshold returns the probability from which on a pixel is marked.
func (f *Finder) Threshold() float64 { return f.threshold.Get() }

// Pre implements perception.Vision.
func (f *Finder) Pre(frame *camera.Frame, in [][]float32) error {
	return perception.Planes(frame, f.width, f.height, in[0])
}

// Post implements perception.Vision. The result is a Result.
func (f *Finder) Post(frame *camera.Frame, out [][]float32) (any, error) {
	_, w, h, err := frame.BGR()
	if err != nil {
		return nil, err
	}
	t := trace(out[0], f.width, f.height, f.threshold.Get())
	left, right := t.part(t.nearest())
	scaleX, scaleY := float64(w)/float64(f.width), float64(h)/float64(f.height)
	r := Result{Width: w, Height: h, Left: left.line(t, scaleX, scaleY), Right: right.line(t, scaleX, scaleY)}
	if left.near(t) && right.near(t) {
		l, r2 := left.bottom*scaleX, right.bottom*scaleX
		r.Offset = &Offset{LaneWidth: r2 - l, Pixels: float64(w)/2 - (l+r2)/2}
	}
	return r, nil
}
