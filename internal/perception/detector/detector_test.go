package detector

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
	"rtmdl/internal/perception/detector/detectortest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var lights = []string{"red", "yellow", "green"}

func newDetector(t testing.TB, width, height, cells int64) *Detector {
	t.Helper()
	d, err := New(detectortest.NewModel(lights, width, height, cells), lights, 0)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func find(t testing.TB, d *Detector, frame *camera.Frame, out [][]float32) []perception.Detection {
	t.Helper()
	found, err := d.Find(frame, out)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestNewRefusesNetworksThatDoNotFit(t *testing.T) {
	spec := func(name string, shape ...int64) device.Spec { return device.Spec{Name: name, Shape: shape} }
	for _, test := range []struct {
		name   string
		change func(m *detectortest.Model)
		want   error
		text   string
	}{
		{"no inputs", func(m *detectortest.Model) { m.In = nil }, perception.ErrContract, "inputs []"},
		{"two inputs", func(m *detectortest.Model) { m.In = append(m.In, m.In[0]) }, perception.ErrContract, "inputs"},
		{"another input", func(m *detectortest.Model) { m.In[0].Name = "x" }, perception.ErrContract, "inputs are [{x "},
		{"a batch", func(m *detectortest.Model) { m.In[0].Shape[0] = 2 }, perception.ErrContract, "[2 3 240 320]"},
		{"grey pictures", func(m *detectortest.Model) { m.In[0].Shape[1] = 1 }, perception.ErrContract, "[1 1 240 320]"},
		{"a flat input", func(m *detectortest.Model) { m.In[0].Shape = []int64{1, 230400} }, perception.ErrContract, "[1 230400]"},
		{"one output", func(m *detectortest.Model) { m.Out = m.Out[:1] }, perception.ErrContract, "outputs"},
		{"outputs the other way round", func(m *detectortest.Model) { slices.Reverse(m.Out) }, perception.ErrContract, "scores"},
		{"five numbers a box", func(m *detectortest.Model) { m.Out[0] = spec("boxes", 1, 9, 5) }, perception.ErrContract, "[1 9 5]"},
		{"a flat output", func(m *detectortest.Model) { m.Out[0] = spec("boxes", 9, 4) }, perception.ErrContract, "[9 4]"},
		{"other cells in the scores", func(m *detectortest.Model) { m.Out[1] = spec("scores", 1, 8, 3) }, perception.ErrContract, "[1 8 3]"},
		{"scores for two labels", func(m *detectortest.Model) { m.Out[1] = spec("scores", 1, 9, 2) }, perception.ErrContract, "[1 9 2]"},
		{"no labels", func(m *detectortest.Model) { delete(m.Meta, "labels") }, perception.ErrLabels, "[red yellow green]"},
		{"labels in another order", func(m *detectortest.Model) { m.Meta["labels"] = "green,yellow,red" }, perception.ErrLabels, "[green yellow red]"},
		{"no threshold", func(m *detectortest.Model) { delete(m.Meta, "score_threshold") }, perception.ErrContract, "score_threshold = ''"},
		{"no number", func(m *detectortest.Model) { m.Meta["score_threshold"] = "high" }, perception.ErrContract, "score_threshold = 'high'"},
		{"NaN", func(m *detectortest.Model) { m.Meta["iou_threshold"] = "NaN" }, perception.ErrContract, "iou_threshold = 'NaN'"},
		{"a threshold of 1", func(m *detectortest.Model) { m.Meta["score_threshold"] = "1" }, perception.ErrContract, "score_threshold = '1'"},
		{"no temperature of scores", func(m *detectortest.Model) { m.Meta["temperature"] = "warm" }, perception.ErrContract, "temperature = 'warm'"},
		{"a temperature of 0", func(m *detectortest.Model) { m.Meta["temperature"] = "0" }, perception.ErrContract, "temperature = '0'"},
		{"a temperature of NaN", func(m *detectortest.Model) { m.Meta["temperature"] = "NaN" }, perception.ErrContract, "temperature = 'NaN'"},
		{"a threshold below 0", func(m *detectortest.Model) { m.Meta["score_threshold"] = "-0.1" }, perception.ErrContract, "'-0.1'"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := detectortest.NewModel(lights, 320, 240, 9)
			test.change(m)
			d, err := New(m, lights, 0)
			if d != nil || !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.text) {
				t.Errorf("error %v", err)
			}
		})
	}
	for _, threshold := range []float64{-0.1, 1.1, math.NaN(), math.Inf(1)} {
		if d, err := New(detectortest.NewModel(lights, 320, 240, 9), lights, threshold); d != nil || err == nil {
			t.Errorf("a score threshold of %v was accepted", threshold)
		}
	}
}

func TestPreWritesTheInput(t *testing.T) {
	d := newDetector(t, 2, 1, 1)
	in := [][]float32{make([]float32, 6)}
	if err := d.Pre(detectortest.Frame(2, 1, 255, 51, 0, 0, 0, 255), in); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]float32{0, 1, 0.2, 0, 1, 0}, in[0], cmpopts.EquateApprox(0, 1e-6)); diff != "" {
		t.Error(diff)
	}
}

func TestABadFrameIsTheCamerasError(t *testing.T) {
	d := newDetector(t, 2, 2, 1)
	if err := d.Pre(detectortest.BadFrame(), [][]float32{make([]float32, 12)}); !errors.Is(err, camera.ErrEncoding) {
		t.Errorf("pre: %v", err)
	}
	if _, err := d.Find(detectortest.BadFrame(), [][]float32{make([]float32, 4), make([]float32, 3)}); !errors.Is(err, camera.ErrEncoding) {
		t.Errorf("find: %v", err)
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

func TestFind(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	light := func(label string, score, x, y, w, h float64) perception.Detection {
		return perception.Detection{Label: label, Score: score, X: x, Y: y, Width: w, Height: h}
	}
	type found = []perception.Detection
	for _, test := range []struct { // the input is 100 x 50, the frame 200 x 200
		name  string
		cells []cell
		want  found
	}{
		{"nothing", nil, nil},
		{"a box, scaled to the frame", []cell{{10, 5, 30, 25, 0.9, 0, 0}}, found{light("red", 0.9, 20, 20, 40, 80)}},
		{"the best label", []cell{{10, 5, 30, 25, 0.3, 0.7, 0.65}}, found{light("yellow", 0.7, 20, 20, 40, 80)}},
		{"just at the threshold", []cell{{0, 0, 10, 10, 0, 0, 0.6}, {50, 0, 60, 10, 0, 0.5, 0}},
			found{light("green", 0.6, 0, 0, 20, 40), light("yellow", 0.5, 100, 0, 20, 40)}},
		{"below the threshold", []cell{{0, 0, 10, 10, 0.39, 0, 0}}, nil},
		{"the best first", []cell{{0, 0, 10, 10, 0.7, 0, 0}, {50, 0, 60, 10, 0, 0.8, 0}},
			found{light("yellow", 0.8, 100, 0, 20, 40), light("red", 0.7, 0, 0, 20, 40)}},
		{"of two that overlap the better, whatever their labels", []cell{{0, 0, 10, 10, 0.7, 0, 0}, {1, 0, 11, 10, 0, 0.8, 0}},
			found{light("yellow", 0.8, 2, 0, 20, 40)}},
		{"two that overlap by less than the threshold", []cell{{0, 0, 10, 10, 0.8, 0, 0}, {4, 0, 14, 10, 0, 0.7, 0}},
			found{light("red", 0.8, 0, 0, 20, 40), light("yellow", 0.7, 8, 0, 20, 40)}},
		{"one that overlaps only what was suppressed", []cell{{0, 0, 10, 10, 0.9, 0, 0}, {3, 0, 13, 10, 0, 0.8, 0}, {6, 0, 16, 10, 0, 0, 0.7}},
			found{light("red", 0.9, 0, 0, 20, 40), light("green", 0.7, 12, 0, 20, 40)}},
		{"a box that sticks out", []cell{{-20, -5, 110, 60, 0.9, 0, 0}}, found{light("red", 0.9, 0, 0, 200, 200)}},
		{"a box without bounds", []cell{{-inf, -inf, inf, inf, 0.9, 0, 0}}, found{light("red", 0.9, 0, 0, 200, 200)}},
		{"boxes outside", []cell{{-20, 0, -1, 10, 0.9, 0, 0}, {101, 0, 120, 10, 0.9, 0, 0}, {0, 51, 10, 90, 0.9, 0, 0}}, nil},
		{"a box the other way round", []cell{{30, 25, 10, 5, 0.9, 0, 0}}, nil},
		{"boxes of less than a pixel", []cell{{10, 10, 10.4, 30, 0.9, 0, 0}, {10, 10, 30, 10.2, 0.9, 0, 0}}, nil},
		{"corners that are no numbers", []cell{{nan, 0, 10, 10, 0.9, 0, 0}, {0, nan, 10, 10, 0.9, 0, 0}, {0, 0, nan, 10, 0.9, 0, 0},
			{0, 0, 10, nan, 0.9, 0, 0}, {nan, nan, nan, nan, nan, nan, nan}}, nil},
		{"scores that are no numbers", []cell{{0, 0, 10, 10, nan, nan, nan}, {0, 0, 10, 10, nan, 0.9, 0}},
			nil},
		{"a score above 1", []cell{{0, 0, 10, 10, inf, 0, 0}}, found{light("red", 1, 0, 0, 20, 40)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := newDetector(t, 100, 50, int64(len(test.cells)))
			got := find(t, d, detectortest.Frame(200, 200), outputs(test.cells...))
			if diff := cmp.Diff(test.want, got, cmpopts.EquateApprox(0, 1e-5), cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheScoreThresholdMayBeChosen(t *testing.T) {
	d, err := New(detectortest.NewModel(lights, 100, 50, 2), lights, 0.2)
	if err != nil {
		t.Fatal(err)
	}
	got := find(t, d, detectortest.Frame(200, 200), outputs(cell{0, 0, 10, 10, 0.3, 0, 0}, cell{50, 0, 60, 10, 0.1, 0, 0}))
	if len(got) != 1 || got[0].Label != "red" {
		t.Errorf("%+v", got)
	}
}

// TestScoresAreCalibrated has a temperature of 0.5, which squares the odds.
func TestScoresAreCalibrated(t *testing.T) {
	out := outputs(cell{0, 0, 10, 10, 0.75, 0, 0}, cell{20, 20, 30, 30, 0, 0.45, 0}, cell{40, 40, 50, 50, 0, 0, 1}, cell{60, 60, 70, 70, 0.39, 0, 0})
	m := detectortest.NewModel(lights, 100, 100, 4)
	m.Meta["temperature"] = "0.5"
	for _, test := range []struct {
		name      string
		threshold float64
		want      []float64
	}{
		{"the network's threshold, 0.4, is for scores as they are", 0, []float64{1, 0.9, 0.45 * 0.45 / (0.45*0.45 + 0.55*0.55)}},
		{"one that is chosen is for calibrated ones", 0.41, []float64{1, 0.9}},
		{"a low one lets all pass", 1e-9, []float64{1, 0.9, 0.45 * 0.45 / (0.45*0.45 + 0.55*0.55), 0.39 * 0.39 / (0.39*0.39 + 0.61*0.61)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, err := New(m, lights, test.threshold)
			if err != nil {
				t.Fatal(err)
			}
			var got []float64
			for _, f := range find(t, d, detectortest.Frame(100, 100), out) {
				got = append(got, f.Score)
			}
			if diff := cmp.Diff(test.want, got, cmpopts.EquateApprox(0, 1e-6)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestANetworkGoneWildIsBounded(t *testing.T) {
	const cells = 5000
	d := newDetector(t, cells*10, 50, cells)
	all := make([]cell, cells)
	for i := range all {
		all[i] = cell{float32(i * 10), 0, float32(i*10 + 8), 40, 0.5 + float32(i)/1e5, 0, 0}
	}
	got := find(t, d, detectortest.Frame(16000, 50), outputs(all...))
	if len(got) != maxDetections || got[0].Score < got[99].Score {
		t.Errorf("%d detections", len(got))
	}
}

func BenchmarkFind(b *testing.B) {
	for name, lightCells := range map[string]int{"none": 0, "two lights": 18, "all cells": 1200} {
		b.Run(name, func(b *testing.B) {
			d := newDetector(b, 320, 240, 1200)
			cells := make([]cell, 1200)
			for i := range lightCells {
				x := float32(i / 9 % 30 * 10)
				cells[i] = cell{x, 0, x + 8, 40, 0.5 + float32(i)/1e4, 0, 0}
			}
			frame, out := detectortest.Frame(640, 480), outputs(cells...)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.Find(frame, out); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
