package evaluate

import (
	"cmp"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"rtmdl/internal/device"
	"rtmdl/internal/perception"
	"rtmdl/internal/perception/accuracy"
	"rtmdl/internal/perception/detector"
	"rtmdl/internal/perception/sign"
	trafficlight "rtmdl/internal/perception/traffic_light"
)

// uncalibrated is a network without its temperature.
type uncalibrated struct{ device.Model }

func (u uncalibrated) Metadata() map[string]string {
	m := maps.Clone(u.Model.Metadata())
	delete(m, "temperature")
	return m
}

// TestCalibrationChangesScoresAlone compares what is told with and without the temperature, on the photographs that come
// with the project: labels, boxes, order and states are the same, scores rise with the uncalibrated ones, and are nearer
// to the share of hits.
func TestCalibrationChangesScoresAlone(t *testing.T) {
	lights, err := accuracy.ReadCinta("../perception/traffic_light/testdata/traffic_lights")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		task   string
		photos func(labels []string) ([]accuracy.Labelled, error)
		vision func(device.Model, []string) (perception.Vision, error)
		told   func(any) ([]perception.Detection, string)
	}{
		{
			trafficlight.Name, func([]string) ([]accuracy.Labelled, error) { return lights, nil },
			func(m device.Model, labels []string) (perception.Vision, error) {
				return trafficlight.New(m, labels, 0)
			},
			func(v any) ([]perception.Detection, string) {
				return v.(trafficlight.Result).Detections, v.(trafficlight.Result).State
			},
		},
		{
			sign.Name, func(labels []string) ([]accuracy.Labelled, error) {
				return accuracy.ReadSignFrames(filepath.Join("../perception/sign/testdata", "sign_frames"), labels)
			},
			func(m device.Model, labels []string) (perception.Vision, error) { return detector.New(m, labels, 0) },
			func(v any) ([]perception.Detection, string) { return v.(detector.Result).Detections, "" },
		},
	} {
		t.Run(test.task, func(t *testing.T) {
			n, err := open(&Options{Models: "../../models"}, test.task, "w100")
			if err != nil {
				t.Fatal(err)
			}
			defer n.close() //nolint:errcheck // of a test
			with, err1 := test.vision(n.model, n.labels)
			without, err2 := test.vision(uncalibrated{n.model}, n.labels)
			photos, err3 := test.photos(n.labels)
			if err1 != nil || err2 != nil || err3 != nil {
				t.Fatal(err1, err2, err3)
			}
			calibrated, plain := make([]accuracy.Photo, len(photos)), make([]accuracy.Photo, len(photos))
			var scores [][2]float64 // without, and with
			for i, p := range photos {
				frame, out, err := n.runFile(with, p.File)
				if err != nil {
					t.Fatal(err)
				}
				a, err1 := with.Post(frame, out)
				b, err2 := without.Post(frame, out)
				if err1 != nil || err2 != nil {
					t.Fatal(err1, err2)
				}
				calibrated[i].Truth, plain[i].Truth = p.Truth, p.Truth
				var stateA, stateB string
				calibrated[i].Found, stateA = test.told(a)
				plain[i].Found, stateB = test.told(b)
				if stateA != stateB || len(calibrated[i].Found) != len(plain[i].Found) {
					t.Fatalf("%s: %v %s, and without %v %s", p.File, calibrated[i].Found, stateA, plain[i].Found, stateB)
				}
				for j, d := range calibrated[i].Found {
					other := plain[i].Found[j]
					scores = append(scores, [2]float64{other.Score, d.Score})
					if d.Score = other.Score; d != other {
						t.Errorf("%s: %v, and without %v", p.File, d, other)
					}
				}
			}
			slices.SortFunc(scores, func(a, b [2]float64) int { return cmp.Compare(a[0], b[0]) })
			if !slices.IsSortedFunc(scores, func(a, b [2]float64) int { return cmp.Compare(a[1], b[1]) }) {
				t.Errorf("scores do not rise together: %v", scores)
			}
			before, after := accuracy.CalibrationError(plain, n.labels, 0.5), accuracy.CalibrationError(calibrated, n.labels, 0.5)
			t.Logf("%d detections, calibration error %.3f, and without %.3f", len(scores), after, before)
			if len(scores) < len(photos)/2 || !(after < before) {
				t.Error("calibration does not help")
			}
		})
	}
}
