package trafficlight

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/perception"
	"rtmdl/internal/ros/msg"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// specModel is a network of which only the description matters.
type specModel struct {
	device.Model
	in, out []device.Spec
	meta    map[string]string
}

func (m *specModel) Inputs() []device.Spec       { return m.in }
func (m *specModel) Outputs() []device.Spec      { return m.out }
func (m *specModel) Metadata() map[string]string { return m.meta }

var lights = []string{"red", "yellow", "green"}

// newModel describes a network for pictures of width x height with so many cells.
func newModel(width, height, cells int64) *specModel {
	return &specModel{
		in:  []device.Spec{{Name: "image", Shape: []int64{1, 3, height, width}}},
		out: []device.Spec{{Name: "boxes", Shape: []int64{1, cells, 4}}, {Name: "scores", Shape: []int64{1, cells, 3}}},
		meta: map[string]string{
			"labels": "red,yellow,green", "score_threshold": "0.4", "state_threshold": "0.6", "iou_threshold": "0.5",
		},
	}
}

func newDetector(t testing.TB, width, height, cells int64) *Detector {
	t.Helper()
	d, err := New(newModel(width, height, cells), lights, 0)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// newFrame returns a bgr8 frame; without pixels they are black.
func newFrame(width, height int, bgr ...byte) *camera.Frame {
	if bgr == nil {
		bgr = make([]byte, 3*width*height)
	}
	return camera.FromImage(&msg.Image{
		Width: uint32(width), Height: uint32(height), Encoding: "bgr8", Step: uint32(3 * width), Data: bgr,
	}, 1)
}

func TestNewRefusesNetworksThatDoNotFit(t *testing.T) {
	spec := func(name string, shape ...int64) device.Spec { return device.Spec{Name: name, Shape: shape} }
	for _, test := range []struct {
		name   string
		change func(m *specModel)
		want   error
		text   string
	}{
		{"no inputs", func(m *specModel) { m.in = nil }, perception.ErrContract, "inputs []"},
		{"two inputs", func(m *specModel) { m.in = append(m.in, m.in[0]) }, perception.ErrContract, "inputs"},
		{"another input", func(m *specModel) { m.in[0].Name = "x" }, perception.ErrContract, "inputs are [{x "},
		{"a batch", func(m *specModel) { m.in[0].Shape[0] = 2 }, perception.ErrContract, "[2 3 240 320]"},
		{"grey pictures", func(m *specModel) { m.in[0].Shape[1] = 1 }, perception.ErrContract, "[1 1 240 320]"},
		{"a flat input", func(m *specModel) { m.in[0].Shape = []int64{1, 230400} }, perception.ErrContract, "[1 230400]"},
		{"one output", func(m *specModel) { m.out = m.out[:1] }, perception.ErrContract, "outputs"},
		{"outputs the other way round", func(m *specModel) { slices.Reverse(m.out) }, perception.ErrContract, "scores"},
		{"five numbers a box", func(m *specModel) { m.out[0] = spec("boxes", 1, 9, 5) }, perception.ErrContract, "[1 9 5]"},
		{"a flat output", func(m *specModel) { m.out[0] = spec("boxes", 9, 4) }, perception.ErrContract, "[9 4]"},
		{"other cells in the scores", func(m *specModel) { m.out[1] = spec("scores", 1, 8, 3) }, perception.ErrContract, "[1 8 3]"},
		{"scores for two labels", func(m *specModel) { m.out[1] = spec("scores", 1, 9, 2) }, perception.ErrContract, "[1 9 2]"},
		{"no labels", func(m *specModel) { delete(m.meta, "labels") }, perception.ErrLabels, "[red yellow green]"},
		{"labels in another order", func(m *specModel) { m.meta["labels"] = "green,yellow,red" }, perception.ErrLabels, "[green yellow red]"},
		{"no threshold", func(m *specModel) { delete(m.meta, "state_threshold") }, perception.ErrContract, "state_threshold = ''"},
		{"no number", func(m *specModel) { m.meta["score_threshold"] = "high" }, perception.ErrContract, "score_threshold = 'high'"},
		{"NaN", func(m *specModel) { m.meta["iou_threshold"] = "NaN" }, perception.ErrContract, "iou_threshold = 'NaN'"},
		{"a threshold of 1", func(m *specModel) { m.meta["score_threshold"] = "1" }, perception.ErrContract, "score_threshold = '1'"},
		{"a threshold below 0", func(m *specModel) { m.meta["score_threshold"] = "-0.1" }, perception.ErrContract, "'-0.1'"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := newModel(320, 240, 9)
			test.change(m)
			d, err := New(m, lights, 0)
			if d != nil || !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.text) {
				t.Errorf("error %v", err)
			}
		})
	}
	for _, threshold := range []float64{-0.1, 1.1, math.NaN(), math.Inf(1)} {
		if d, err := New(newModel(320, 240, 9), lights, threshold); d != nil || err == nil {
			t.Errorf("a score threshold of %v was accepted", threshold)
		}
	}
}

func TestPreWritesPlanesOfRedGreenAndBlue(t *testing.T) {
	d := newDetector(t, 2, 2, 1)
	in := [][]float32{make([]float32, 3*2*2)}
	if err := d.Pre(newFrame(2, 2, 255, 128, 0, 1, 2, 3, 51, 102, 153, 0, 0, 255), in); err != nil {
		t.Fatal(err)
	}
	want := []float32{
		0, 3 / 255., 153 / 255., 1, // red
		128 / 255., 2 / 255., 102 / 255., 0, // green
		1, 1 / 255., 51 / 255., 0, // blue
	}
	if diff := cmp.Diff(want, in[0], cmpopts.EquateApprox(0, 1e-6)); diff != "" {
		t.Error(diff)
	}
}

func TestPreStretchesTheFrame(t *testing.T) {
	for _, test := range []struct {
		name          string
		width, height int
		blue          []byte
		want          []float32 // of the blue plane, 2 x 1 pixels
	}{
		{"smaller: every pixel counts", 4, 2, []byte{10, 20, 100, 200, 30, 40, 200, 100}, []float32{25 / 255., 150 / 255.}},
		{"larger", 1, 1, []byte{51}, []float32{0.2, 0.2}},
		{"wider and not as high", 4, 1, []byte{0, 0, 255, 255}, []float32{0, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := newDetector(t, 2, 1, 1)
			var bgr []byte
			for _, b := range test.blue {
				bgr = append(bgr, b, 0, 0)
			}
			in := [][]float32{make([]float32, 3*2)}
			if err := d.Pre(newFrame(test.width, test.height, bgr...), in); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(slices.Concat(make([]float32, 4), test.want), in[0], cmpopts.EquateApprox(0, 0.003)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPreTakesFramesOfTheOddestShapes(t *testing.T) {
	d := newDetector(t, 320, 240, 1)
	in := [][]float32{make([]float32, 3*320*240)}
	for _, size := range [][2]int{{1, 1}, {1, camera.MaxSide}, {camera.MaxSide, 1}, {camera.MaxSide, 2}, {3, 5000}, {4096, 4096}} {
		if err := d.Pre(newFrame(size[0], size[1]), in); err != nil {
			t.Errorf("%v: %v", size, err)
		}
	}
}

func TestABadFrameIsTheCamerasError(t *testing.T) {
	d := newDetector(t, 2, 2, 1)
	bad := camera.FromImage(&msg.Image{Encoding: "yuv422"}, 1)
	if err := d.Pre(bad, [][]float32{make([]float32, 12)}); !errors.Is(err, camera.ErrEncoding) {
		t.Errorf("pre: %v", err)
	}
	if _, err := d.Post(bad, [][]float32{make([]float32, 4), make([]float32, 3)}); !errors.Is(err, camera.ErrEncoding) {
		t.Errorf("post: %v", err)
	}
}

// cell is a cell's output: a box in pixels of the network's input, and the scores of red, yellow and green.
type cell struct{ x1, y1, x2, y2, red, yellow, green float32 }

func outputs(cells ...cell) [][]float32 {
	out := [][]float32{nil, nil}
	for _, c := range cells {
		out[0] = append(out[0], c.x1, c.y1, c.x2, c.y2)
		out[1] = append(out[1], c.red, c.yellow, c.green)
	}
	return out
}

func TestPost(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	light := func(label string, score, x, y, w, h float64) perception.Detection {
		return perception.Detection{Label: label, Score: score, X: x, Y: y, Width: w, Height: h}
	}
	type found = []perception.Detection
	for _, test := range []struct { // the input is 100 x 50, the frame 200 x 200
		name  string
		cells []cell
		want  found
		state string
	}{
		{"nothing", nil, nil, Unknown},
		{"a box, scaled to the frame", []cell{{10, 5, 30, 25, 0.9, 0, 0}}, found{light("red", 0.9, 20, 20, 40, 80)}, "red"},
		{"the best label", []cell{{10, 5, 30, 25, 0.3, 0.7, 0.65}}, found{light("yellow", 0.7, 20, 20, 40, 80)}, "yellow"},
		{"just at the threshold", []cell{{0, 0, 10, 10, 0, 0, 0.6}, {50, 0, 60, 10, 0, 0.5, 0}},
			found{light("green", 0.6, 0, 0, 20, 40), light("yellow", 0.5, 100, 0, 20, 40)}, "green"},
		{"below the threshold", []cell{{0, 0, 10, 10, 0.39, 0, 0}}, nil, Unknown},
		{"found, but too unsure for a state", []cell{{0, 0, 10, 10, 0.5, 0, 0}}, found{light("red", 0.5, 0, 0, 20, 40)}, Unknown},
		{"the best first", []cell{{0, 0, 10, 10, 0.7, 0, 0}, {50, 0, 60, 10, 0, 0.8, 0}},
			found{light("yellow", 0.8, 100, 0, 20, 40), light("red", 0.7, 0, 0, 20, 40)}, "yellow"},
		{"of two that overlap the better, whatever their labels", []cell{{0, 0, 10, 10, 0.7, 0, 0}, {1, 0, 11, 10, 0, 0.8, 0}},
			found{light("yellow", 0.8, 2, 0, 20, 40)}, "yellow"},
		{"two that overlap by less than the threshold", []cell{{0, 0, 10, 10, 0.8, 0, 0}, {4, 0, 14, 10, 0, 0.7, 0}},
			found{light("red", 0.8, 0, 0, 20, 40), light("yellow", 0.7, 8, 0, 20, 40)}, "red"},
		{"one that overlaps only what was suppressed", []cell{{0, 0, 10, 10, 0.9, 0, 0}, {3, 0, 13, 10, 0, 0.8, 0}, {6, 0, 16, 10, 0, 0, 0.7}},
			found{light("red", 0.9, 0, 0, 20, 40), light("green", 0.7, 12, 0, 20, 40)}, "red"},
		{"the state of the largest", []cell{{0, 0, 10, 10, 0.95, 0, 0}, {50, 0, 70, 40, 0, 0, 0.7}},
			found{light("red", 0.95, 0, 0, 20, 40), light("green", 0.7, 100, 0, 40, 160)}, "green"},
		{"the state of the largest that is sure", []cell{{0, 0, 10, 10, 0.95, 0, 0}, {50, 0, 70, 40, 0, 0, 0.5}},
			found{light("red", 0.95, 0, 0, 20, 40), light("green", 0.5, 100, 0, 40, 160)}, "red"},
		{"a box that sticks out", []cell{{-20, -5, 110, 60, 0.9, 0, 0}}, found{light("red", 0.9, 0, 0, 200, 200)}, "red"},
		{"a box without bounds", []cell{{-inf, -inf, inf, inf, 0.9, 0, 0}}, found{light("red", 0.9, 0, 0, 200, 200)}, "red"},
		{"boxes outside", []cell{{-20, 0, -1, 10, 0.9, 0, 0}, {101, 0, 120, 10, 0.9, 0, 0}, {0, 51, 10, 90, 0.9, 0, 0}}, nil, Unknown},
		{"a box the other way round", []cell{{30, 25, 10, 5, 0.9, 0, 0}}, nil, Unknown},
		{"boxes of less than a pixel", []cell{{10, 10, 10.4, 30, 0.9, 0, 0}, {10, 10, 30, 10.2, 0.9, 0, 0}}, nil, Unknown},
		{"corners that are no numbers", []cell{{nan, 0, 10, 10, 0.9, 0, 0}, {0, nan, 10, 10, 0.9, 0, 0}, {0, 0, nan, 10, 0.9, 0, 0},
			{0, 0, 10, nan, 0.9, 0, 0}, {nan, nan, nan, nan, nan, nan, nan}}, nil, Unknown},
		{"scores that are no numbers", []cell{{0, 0, 10, 10, nan, nan, nan}, {0, 0, 10, 10, nan, 0.9, 0}},
			nil, Unknown},
		{"a score above 1", []cell{{0, 0, 10, 10, inf, 0, 0}}, found{light("red", 1, 0, 0, 20, 40)}, "red"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := newDetector(t, 100, 50, int64(len(test.cells)))
			got := post(t, d, newFrame(200, 200), outputs(test.cells...))
			if diff := cmp.Diff(test.want, got.Detections, cmpopts.EquateApprox(0, 1e-5), cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
			if got.State != test.state {
				t.Errorf("state %s, and must be %s", got.State, test.state)
			}
		})
	}
}

func TestTheScoreThresholdMayBeChosen(t *testing.T) {
	d, err := New(newModel(100, 50, 2), lights, 0.2)
	if err != nil {
		t.Fatal(err)
	}
	got := post(t, d, newFrame(200, 200), outputs(cell{0, 0, 10, 10, 0.3, 0, 0}, cell{50, 0, 60, 10, 0.1, 0, 0}))
	if len(got.Detections) != 1 || got.State != Unknown {
		t.Errorf("%+v", got)
	}
}

func TestANetworkGoneWildIsBounded(t *testing.T) {
	const cells = 5000
	d := newDetector(t, cells*10, 50, cells)
	all := make([]cell, cells)
	for i := range all {
		all[i] = cell{float32(i * 10), 0, float32(i*10 + 8), 40, 0.5 + float32(i)/1e5, 0, 0}
	}
	got := post(t, d, newFrame(16000, 50), outputs(all...)).Detections
	if len(got) != maxDetections || got[0].Score < got[99].Score {
		t.Errorf("%d detections", len(got))
	}
}

func BenchmarkPre(b *testing.B) {
	for name, size := range map[string][2]int{"320x240": {320, 240}, "640x480": {640, 480}, "1280x720": {1280, 720}} {
		b.Run(name, func(b *testing.B) {
			d := newDetector(b, 320, 240, 1200)
			frame, in := newFrame(size[0], size[1]), [][]float32{make([]float32, 3*320*240)}
			b.ReportAllocs()
			for b.Loop() {
				if err := d.Pre(frame, in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkPost(b *testing.B) {
	for name, lightCells := range map[string]int{"none": 0, "two lights": 18, "all cells": 1200} {
		b.Run(name, func(b *testing.B) {
			d := newDetector(b, 320, 240, 1200)
			cells := make([]cell, 1200)
			for i := range lightCells {
				x := float32(i / 9 % 30 * 10)
				cells[i] = cell{x, 0, x + 8, 40, 0.5 + float32(i)/1e4, 0, 0}
			}
			frame, out := newFrame(640, 480), outputs(cells...)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.Post(frame, out); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func post(t testing.TB, d *Detector, frame *camera.Frame, out [][]float32) Result {
	t.Helper()
	value, err := d.Post(frame, out)
	if err != nil {
		t.Fatal(err)
	}
	return value.(Result)
}
