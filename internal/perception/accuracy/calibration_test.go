package accuracy

import (
	"math"
	"testing"

	"rtmdl/internal/perception"
)

func TestCalibrationError(t *testing.T) {
	type boxes = []perception.Detection
	truth := boxes{box("red", 0, 0), box("green", 50, 0)}
	for _, test := range []struct {
		name  string
		found []boxes // of photographs that show the truth
		want  float64
	}{
		{"sure and right", []boxes{{box("red", 0, 1), box("green", 50, 1)}}, 0},
		{"sure and wrong", []boxes{{box("green", 0, 1)}}, 1},
		{"half sure, half right", []boxes{{box("red", 0, 0.5), box("red", 50, 0.5)}}, 0},
		{"too sure in one bin, not sure enough in another", []boxes{
			{box("red", 0, 0.9), box("green", 0, 0.9)}, {box("red", 0, 1), box("green", 50, 0.1)}, {box("green", 50, 0.15)}, {},
		}, (0.9 + 0.9 + 1 - 2 + math.Abs(0.1+0.15-2)) / 5},
		{"the second of two on one box is wrong", []boxes{{box("red", 0, 1), box("red", 0, 0.5)}}, 0.25},
		{"nothing told", []boxes{{}}, math.NaN()},
	} {
		t.Run(test.name, func(t *testing.T) {
			var photos []Photo
			for _, found := range test.found {
				photos = append(photos, Photo{Truth: truth, Found: found})
			}
			got := CalibrationError(photos, []string{"red", "yellow", "green"}, 0.5)
			if math.Abs(got-test.want) > 1e-12 || math.IsNaN(got) != math.IsNaN(test.want) {
				t.Errorf("%v, and must be %v", got, test.want)
			}
		})
	}
}
