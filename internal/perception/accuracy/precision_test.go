package accuracy

import (
	"math"
	"testing"

	"rtmdl/internal/perception"
)

// box is a 10 x 10 box whose left edge is at x.
func box(label string, x, score float64) perception.Detection {
	return perception.Detection{Label: label, Score: score, X: x, Width: 10, Height: 10}
}

func TestAveragePrecision(t *testing.T) {
	type boxes = []perception.Detection
	for _, test := range []struct {
		name   string
		photos []Photo
		want   float64
	}{
		{"no photos", nil, math.NaN()},
		{"no box of the label", []Photo{{Truth: boxes{box("green", 0, 0)}, Found: boxes{box("red", 0, 1)}}}, math.NaN()},
		{"all found", []Photo{{Truth: boxes{box("red", 0, 0), box("red", 50, 0)}, Found: boxes{box("red", 50, 0.2), box("red", 0, 0.1)}}}, 1},
		{"nothing found", []Photo{{Truth: boxes{box("red", 0, 0)}}}, 0},
		{"half of the boxes found", []Photo{{Truth: boxes{box("red", 0, 0), box("red", 50, 0)}, Found: boxes{box("red", 0, 1)}}}, 0.5},
		{"a better false alarm", []Photo{{Truth: boxes{box("red", 0, 0)}, Found: boxes{box("red", 0, 0.5), box("red", 50, 0.9)}}}, 0.5},
		{"a worse false alarm", []Photo{{Truth: boxes{box("red", 0, 0)}, Found: boxes{box("red", 0, 0.5), box("red", 50, 0.4)}}}, 1},
		{"a false alarm in a photo without boxes", []Photo{
			{Truth: boxes{box("red", 0, 0)}, Found: boxes{box("red", 0, 0.5)}}, {Found: boxes{box("red", 0, 0.9)}}}, 0.5},
		{"the second hit on a box is a false alarm", []Photo{{Truth: boxes{box("red", 0, 0), box("red", 90, 0)},
			Found: boxes{box("red", 0, 0.9), box("red", 1, 0.8), box("red", 90, 0.7)}}}, 0.5 + 0.5*2/3},
		{"the envelope covers a dip", []Photo{ // precisions 0, 1/2, 2/3: the envelope is 2/3 for both boxes
			{Truth: boxes{box("red", 0, 0), box("red", 50, 0)}, Found: boxes{box("red", 90, 0.9), box("red", 0, 0.8), box("red", 50, 0.7)}}}, 2.0 / 3},
		{"a label that is wrong", []Photo{{Truth: boxes{box("red", 0, 0)}, Found: boxes{box("green", 0, 1)}}}, 0},
		{"overlap of just a half", []Photo{{Truth: boxes{box("red", 0, 0)},
			Found: boxes{{Label: "red", Score: 1, Width: 10, Height: 5}}}}, 1},
		{"overlap of less than a half", []Photo{{Truth: boxes{box("red", 0, 0)}, Found: boxes{box("red", 3.4, 1)}}}, 0},
		{"only the box that overlaps most counts", []Photo{{Truth: boxes{box("red", 0, 0), box("red", 2, 0)},
			Found: boxes{box("red", 0, 0.9), box("red", 0.5, 0.8)}}}, 0.5},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := AveragePrecision(test.photos, "red", 0.5)
			if math.Abs(got-test.want) > 1e-12 || math.IsNaN(got) != math.IsNaN(test.want) {
				t.Errorf("%v, and must be %v", got, test.want)
			}
		})
	}
}

func TestMeanIsOverTheLabelsThatShow(t *testing.T) {
	photos := []Photo{{
		Truth: []perception.Detection{box("red", 0, 0), box("green", 50, 0)},
		Found: []perception.Detection{box("red", 0, 1), box("yellow", 50, 1)},
	}}
	mean, each := Mean(photos, []string{"red", "yellow", "green"}, 0.5)
	if mean != 0.5 || each[0] != 1 || !math.IsNaN(each[1]) || each[2] != 0 {
		t.Errorf("mean %v of %v", mean, each)
	}
	if mean, _ := Mean(nil, []string{"red"}, 0.5); !math.IsNaN(mean) {
		t.Errorf("mean %v of nothing", mean)
	}
}

func TestLargest(t *testing.T) {
	large := perception.Detection{Label: "green", Width: 20, Height: 20}
	if got := Largest([]perception.Detection{box("red", 0, 0.9), large, box("yellow", 0, 1)}); got != "green" {
		t.Error(got)
	}
	if got := Largest(nil); got != "" {
		t.Error(got)
	}
}

func TestPhotosAreNotChanged(t *testing.T) {
	found := []perception.Detection{box("red", 0, 0.1), box("red", 50, 0.9)}
	AveragePrecision([]Photo{{Truth: found[:1], Found: found}}, "red", 0.5)
	if found[0].Score != 0.1 {
		t.Error("the detections were sorted in place")
	}
}
