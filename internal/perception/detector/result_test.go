package detector_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rtmdl/internal/camera"
	"rtmdl/internal/perception"
	"rtmdl/internal/perception/detector"
	"rtmdl/internal/perception/detector/detectortest"
)

var signs = []string{"stop", "give_way"}

func TestNewRefusesWhatIsNoDetector(t *testing.T) {
	for name, test := range map[string]struct {
		change    func(m *detectortest.Model)
		threshold float64
		want      error // nil: any
	}{
		"another network's labels": {func(m *detectortest.Model) { m.Meta["labels"] = "red,yellow" }, 0, perception.ErrLabels},
		"scores for 'not a sign'":  {func(m *detectortest.Model) { m.Out[1].Shape[2] = 3 }, 0, perception.ErrContract},
		"no threshold":             {func(m *detectortest.Model) { delete(m.Meta, "score_threshold") }, 0, perception.ErrContract},
		"a threshold above 1":      {func(*detectortest.Model) {}, 1.1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			m := detectortest.NewModel(signs, 672, 400, 8)
			test.change(m)
			if d, err := detector.New(m, signs, test.threshold); d != nil || err == nil || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestPost(t *testing.T) {
	out := [][]float32{
		{10, 10, 20, 20, 40, 10, 50, 20, 70, 10, 80, 20},
		{0.1, 0.8, 0.9, 0, 0.3, 0.39}, // the threshold is 0.4
	}
	for _, test := range []struct {
		name      string
		threshold float64
		want      []perception.Detection
	}{
		{"the best first", 0, []perception.Detection{
			{Label: "stop", Score: 0.9, X: 80, Y: 40, Width: 20, Height: 40}, {Label: "give_way", Score: 0.8, X: 20, Y: 40, Width: 20, Height: 40}}},
		{"a threshold that was chosen", 0.85, []perception.Detection{{Label: "stop", Score: 0.9, X: 80, Y: 40, Width: 20, Height: 40}}},
		{"nothing that is sure enough", 1, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, err := detector.New(detectortest.NewModel(signs, 100, 50, 3), signs, test.threshold)
			if err != nil {
				t.Fatal(err)
			}
			value, err := d.Post(detectortest.Frame(200, 200), out)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(detector.Result{Detections: test.want}, value, cmpopts.EquateApprox(0, 1e-5)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestABadFrameIsTheCamerasError(t *testing.T) {
	d, err := detector.New(detectortest.NewModel(signs, 2, 2, 1), signs, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Post(detectortest.BadFrame(), [][]float32{make([]float32, 4), make([]float32, 2)}); !errors.Is(err, camera.ErrEncoding) {
		t.Errorf("error %v", err)
	}
}
