package trafficlight

import (
	"errors"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"rtmdl/internal/camera"
	"rtmdl/internal/perception"
	"rtmdl/internal/perception/detector/detectortest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var lights = []string{"red", "yellow", "green"}

func TestNewRefusesNetworksThatDoNotFit(t *testing.T) {
	for _, test := range []struct {
		name, key, value string
		want             error
		text             string
	}{
		{"what no detector takes", "labels", "red", perception.ErrLabels, "[red yellow green]"},
		{"no threshold of the state", "state_threshold", "", perception.ErrContract, "state_threshold = ''"},
		{"a threshold that can't be", "state_threshold", "1.5", perception.ErrContract, "state_threshold = '1.5'"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := detectortest.NewModel(lights, 320, 240, 9)
			m.Meta[test.key] = test.value
			d, err := New(m, lights, 0)
			if d != nil || !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.text) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestPost(t *testing.T) {
	type cell struct{ x1, y1, x2, y2, red, yellow, green float32 }
	for _, test := range []struct { // the thresholds of score and state are 0.4 and 0.6
		name  string
		cells []cell
		want  string // labels that are found
		state string
	}{
		{"nothing", nil, "", Unknown},
		{"a light", []cell{{10, 5, 30, 25, 0.9, 0, 0}}, "red", "red"},
		{"just at the threshold", []cell{{0, 0, 10, 10, 0, 0, 0.6}, {50, 0, 60, 10, 0, 0.5, 0}}, "green yellow", "green"},
		{"found, but too unsure for a state", []cell{{0, 0, 10, 10, 0.5, 0, 0}}, "red", Unknown},
		{"the state of the largest", []cell{{0, 0, 10, 10, 0.95, 0, 0}, {50, 0, 70, 40, 0, 0, 0.7}}, "red green", "green"},
		{"the state of the largest that is sure", []cell{{0, 0, 10, 10, 0.95, 0, 0}, {50, 0, 70, 40, 0, 0, 0.5}}, "red green", "red"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, err := New(detectortest.NewModel(lights, 100, 50, int64(len(test.cells))), lights, 0)
			if err != nil {
				t.Fatal(err)
			}
			out := make([][]float32, 2)
			for _, c := range test.cells {
				out[0] = append(out[0], c.x1, c.y1, c.x2, c.y2)
				out[1] = append(out[1], c.red, c.yellow, c.green)
			}
			value, err := d.Post(detectortest.Frame(200, 200), out)
			if err != nil {
				t.Fatal(err)
			}
			got := value.(Result)
			var labels []string
			for _, f := range got.Detections {
				labels = append(labels, f.Label)
			}
			if strings.Join(labels, " ") != test.want || got.State != test.state {
				t.Errorf("%+v; wanted are %s, state %s", got, test.want, test.state)
			}
		})
	}
}

func TestABadFrameIsTheCamerasError(t *testing.T) {
	d, err := New(detectortest.NewModel(lights, 2, 2, 1), lights, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Post(detectortest.BadFrame(), [][]float32{make([]float32, 4), make([]float32, 3)}); !errors.Is(err, camera.ErrEncoding) {
		t.Errorf("error %v", err)
	}
}
