package evaluate

import (
	"fmt"
	"math"
	"path/filepath"
	"testing"

	"rtmdl/internal/manifest"
	"rtmdl/internal/perception"
	"rtmdl/internal/perception/accuracy"
)

func TestFrameFigures(t *testing.T) {
	labels := make([]string, signClasses)
	for i := range labels {
		labels[i] = fmt.Sprint(i)
	}
	box := func(class int, x, score float64) perception.Detection {
		return perception.Detection{Label: labels[class], Score: score, X: x, Width: 20, Height: 20}
	}
	type boxes = []perception.Detection
	truth := boxes{box(0, 0, 0), box(11, 50, 0), box(38, 100, 0), box(14, 150, 0)}
	found := boxes{box(1, 0, 0.9), box(11, 50, 0.9), box(14, 150, 0.3)} // a wrong class of the right group; one is missed
	frame := roadFrame{found: accuracy.Photo{Truth: truth, Found: found}, told: accuracy.Photo{Truth: truth, Found: found[:2]}}
	want := []float64{2.0 / 6, 2.0 / 3, 1, 1, 0, 0.75, 0.4} // the last: two of 0.9, one a hit
	got := frameFigures([]roadFrame{frame, {}}, labels)
	if len(got) != len(want) {
		t.Fatalf("%v", got)
	}
	for i, f := range got {
		if math.Abs(f.Value-want[i]) > 1e-12 || f.Count != 2 {
			t.Errorf("%v, and must be %v", f, want[i])
		}
	}
}

func TestModelsWithoutAClassifierAlone(t *testing.T) {
	whole, err := manifest.Load("../../models")
	if err != nil {
		t.Fatal(err)
	}
	kept, err := whole.Keep(filepath.Join(t.TempDir(), "kept"), "sign", []string{"w100"})
	if err != nil {
		t.Fatal(err)
	}
	figures, err := Sign(t.Context(), Options{Data: "../perception/sign/testdata", Models: kept.Folder, Split: "all"})
	if err != nil || len(figures) != 7 || figures[0].Count != 20 {
		t.Errorf("%v, error %v", figures, err)
	}
}

func TestTheGroupsHaveNoClassInCommon(t *testing.T) {
	seen := map[int]bool{}
	for _, g := range signGroups {
		for _, c := range g.classes {
			if seen[c] || c < 0 || c >= signClasses {
				t.Errorf("class %d of %s", c, g.name)
			}
			seen[c] = true
		}
	}
	if len(seen) != signClasses-8 {
		t.Errorf("%d classes in groups", len(seen))
	}
}
