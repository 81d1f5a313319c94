package accuracy

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rtmdl/internal/perception"
)

func TestMicroF1(t *testing.T) {
	type boxes = []perception.Detection
	for _, test := range []struct {
		name   string
		photos []Photo
		want   float64
	}{
		{"nothing at all", []Photo{{}}, math.NaN()},
		{"all found", []Photo{{Truth: boxes{box("red", 0, 0), box("green", 50, 0)}, Found: boxes{box("green", 50, 1), box("red", 0, 1)}}}, 1},
		{"half of the boxes found", []Photo{{Truth: boxes{box("red", 0, 0), box("red", 50, 0)}, Found: boxes{box("red", 0, 1)}}}, 2.0 / 3},
		{"a wrong label", []Photo{{Truth: boxes{box("red", 0, 0)}, Found: boxes{box("green", 0, 1)}}}, 0},
		{"a label that is not asked for", []Photo{{Truth: boxes{box("red", 0, 0)}, Found: boxes{box("red", 0, 1), box("blue", 0, 1)}}}, 2.0 / 3},
		{"a box that is hit twice", []Photo{{Truth: boxes{box("red", 0, 0)}, Found: boxes{box("red", 0, 1), box("red", 1, 0.9)}}}, 2.0 / 3},
		{"over all photographs", []Photo{{Truth: boxes{box("red", 0, 0)}, Found: boxes{box("red", 0, 1)}}, {Found: boxes{box("green", 0, 1)}}}, 2.0 / 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := MicroF1(test.photos, []string{"red", "green"}, 0.5)
			if math.Abs(got-test.want) > 1e-12 || math.IsNaN(got) != math.IsNaN(test.want) {
				t.Errorf("%v, and must be %v", got, test.want)
			}
		})
	}
}

func TestWithoutSmall(t *testing.T) {
	small := perception.Detection{Label: "red", X: 100, Width: 9, Height: 9}
	on := perception.Detection{Label: "green", Score: 0.5, X: 100, Width: 9, Height: 10}
	beside := perception.Detection{Label: "red", Score: 0.9, X: 106, Width: 9, Height: 9}
	wide := perception.Detection{Label: "red", Width: 10, Height: 10}
	found := []perception.Detection{on, box("red", 0, 1), beside, box("red", 200, 0.1)}
	p := Photo{Truth: []perception.Detection{small, wide}, Found: found}
	want := Photo{Truth: []perception.Detection{wide}, Found: []perception.Detection{box("red", 0, 1), beside, box("red", 200, 0.1)}}
	if diff := cmp.Diff(want, WithoutSmall(p, 10, 0.5)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(on, found[0]); diff != "" {
		t.Error("the photograph was changed: ", diff)
	}
	between := perception.Detection{Label: "red", X: 0.4, Width: 9.6, Height: 10} // on both, most on the wide one
	both := Photo{Truth: []perception.Detection{{Label: "red", X: 1, Width: 9, Height: 9}, wide}, Found: []perception.Detection{between}}
	if got := WithoutSmall(both, 10, 0.5); len(got.Found) != 1 {
		t.Errorf("%+v", got)
	}
}
