package sign

import (
	"errors"
	"math"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"rtmdl/internal/device"
	"rtmdl/internal/perception"
	"rtmdl/internal/perception/detector/detectortest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var labels = []string{"stop", "give_way"}

func newClassifierModel() *detectortest.Model {
	return &detectortest.Model{
		In:   []device.Spec{{Name: "image", Shape: []int64{1, 3, 1, 2}}},
		Out:  []device.Spec{{Name: "scores", Shape: []int64{1, 3}}},
		Meta: map[string]string{"labels": "stop,give_way,not_a_sign"},
	}
}

func TestNewClassifierRefusesNetworksThatDoNotFit(t *testing.T) {
	for name, test := range map[string]struct {
		change func(m *detectortest.Model)
		want   error
		text   string
	}{
		"no input":                     {func(m *detectortest.Model) { m.In = nil }, perception.ErrContract, "inputs []"},
		"a flat input":                 {func(m *detectortest.Model) { m.In[0].Shape = []int64{1, 6} }, perception.ErrContract, "[1 6]"},
		"grey pictures":                {func(m *detectortest.Model) { m.In[0].Shape[1] = 1 }, perception.ErrContract, "[1 1 1 2]"},
		"no score of what is no sign":  {func(m *detectortest.Model) { m.Out[0].Shape[1] = 2 }, perception.ErrContract, "[1 2]"},
		"no label of what is no sign":  {func(m *detectortest.Model) { m.Meta["labels"] = "stop,give_way" }, perception.ErrLabels, "[stop give_way]"},
		"another network's labels":     {func(m *detectortest.Model) { m.Meta["labels"] = "red" }, perception.ErrLabels, "[red]"},
		"an output more than is asked": {func(m *detectortest.Model) { m.Out = append(m.Out, m.Out[0]) }, perception.ErrContract, "outputs"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newClassifierModel()
			test.change(m)
			if c, err := NewClassifier(m, labels); c != nil || !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.text) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestTheClassifierTellsTheBestLabel(t *testing.T) {
	c, err := NewClassifier(newClassifierModel(), labels)
	if err != nil {
		t.Fatal(err)
	}
	in := [][]float32{make([]float32, 6)}
	if err := c.Pre(detectortest.Frame(2, 1, 255, 0, 0, 0, 0, 255), in); err != nil || in[0][1] != 1 || in[0][4] != 1 {
		t.Errorf("%v, error %v", in, err)
	}
	nan := float32(math.NaN())
	for _, test := range []struct {
		scores []float32
		want   string
	}{
		{[]float32{0.7, 0.2, 0.1}, "stop"},
		{[]float32{0.1, 0.5, 0.4}, "give_way"},
		{[]float32{0.1, 0.2, 0.7}, NotASign},
		{[]float32{nan, nan, nan}, NotASign},
	} {
		if got, err := c.Post(nil, [][]float32{test.scores}); err != nil || got != test.want {
			t.Errorf("%v: %v, error %v", test.scores, got, err)
		}
	}
}
