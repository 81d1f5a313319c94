package evaluate

import (
	"errors"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rtmdl/internal/perception"
)

func TestConfusionCountsEveryPair(t *testing.T) {
	var m Confusion
	for range 3 {
		m.Add(Case{Pairs: []Pair{{"red", "red", 1}, {"red", "green", 2}}})
	}
	m.Add(Case{Pairs: []Pair{{"green", "unknown", 1}}})
	file := filepath.Join(t.TempDir(), "m.csv")
	if err := m.Write(file); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if want := "truth,green,red,unknown\ngreen,0,0,1\nred,6,3,0\nunknown,0,0,0\n"; string(got) != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := m.Mistakes(1); len(got) != 1 || got[0] != (Pair{"red", "green", 6}) {
		t.Errorf("most frequent mistake %v", got)
	}
	svg := filepath.Join(t.TempDir(), "m.svg")
	if err := m.Write(svg); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(svg)
	if !strings.Contains(string(text), ">6<") || !strings.Contains(string(text), ">unknown<") {
		t.Error("the picture lacks a count or a name")
	}
}

func TestConfusionOfNothingIsAnError(t *testing.T) {
	var m Confusion
	if err := m.Write(filepath.Join(t.TempDir(), "m.csv")); !errors.Is(err, ErrData) {
		t.Errorf("error %v", err)
	}
}

func TestSheetShowsTheWorstFirst(t *testing.T) {
	picture := filepath.Join("..", "..", "nodes", "suite", "testdata", "light.jpg")
	var s Sheet
	s.Add(Case{File: "right.jpg"})
	for i := range 40 {
		s.Add(Case{File: picture, Truth: "red", Told: "green", Badness: float64(i + 1),
			Wanted: []perception.Detection{{Label: "red", X: 10, Y: 10, Width: 50, Height: 5000}}})
	}
	if len(s.worst) != sheetColumns*sheetRows || s.worst[0].Badness != 40 || s.worst[len(s.worst)-1].Badness != 11 {
		t.Fatalf("%d kept, from %v to %v", len(s.worst), s.worst[0].Badness, s.worst[len(s.worst)-1].Badness)
	}
	out := filepath.Join(t.TempDir(), "sheet.jpg")
	if err := s.Write(out); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // read only
	got, err := jpeg.Decode(file)
	if err != nil || got.Bounds() != image.Rect(0, 0, sheetColumns*cellWidth, sheetRows*cellHeight) {
		t.Errorf("bounds %v, error %v", got.Bounds(), err)
	}
	s.Add(Case{File: "nowhere.jpg", Badness: 99})
	if err := s.Write(out); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a picture that is gone: %v", err)
	}
}
