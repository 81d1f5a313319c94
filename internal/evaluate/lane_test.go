package evaluate

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"rtmdl/internal/perception/accuracy"
)

// drawnLanes writes a data set with one picture of each split: two white lines on a dark floor, and their mask.
func drawnLanes(t *testing.T) string {
	t.Helper()
	data := t.TempDir()
	folder := filepath.Join(data, "lanes")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	picture, mask := image.NewRGBA(image.Rect(0, 0, 512, 256)), image.NewGray(image.Rect(0, 0, 512, 256))
	for y := range 256 {
		for x := range 512 {
			level := uint8(70)
			left, right := 230-0.8*float64(y), 290+0.7*float64(y)
			if half := 2 + 0.04*float64(y); math.Abs(float64(x)-left) < half || math.Abs(float64(x)-right) < half {
				level = 240
				mask.SetGray(x, y, color.Gray{Y: 255})
			}
			picture.Set(x, y, color.Gray{Y: level})
		}
	}
	var jpg, p bytes.Buffer
	if err := jpeg.Encode(&jpg, picture, nil); err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(&p, mask); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"a.jpg": jpg.Bytes(), "a.png": p.Bytes(), "b.jpg": jpg.Bytes(),
		"index.csv": []byte("file,mask,split,source\na.jpg,a.png,test,drawn\nb.jpg,lost.png,train,drawn\n"),
	} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return data
}

func TestLanesAreEvaluatedBySource(t *testing.T) {
	data := drawnLanes(t)
	figures, err := Lane(t.Context(), Options{Data: data, Models: "../../models"})
	if err != nil {
		t.Fatal(err)
	}
	if len(figures) != 4 || figures[0].Name != "IoU, drawn" || figures[1].Name != "F1 at 3 px, drawn" || figures[0].Count != 1 {
		t.Fatalf("%v", figures)
	}
	if !(figures[1].Value > 0.5) { // no picture of the kind that it was trained on, but plain to see
		t.Errorf("%v", figures)
	}
	if !(figures[2].Value >= 0 && figures[2].Value <= 2 && figures[3].Value > 0.5 && figures[3].Value <= 1) {
		t.Errorf("%v", figures[2:])
	}
	if _, err := Lane(t.Context(), Options{Data: data, Models: "../../models", Split: "train"}); err == nil {
		t.Error("a mask that is missing is not noticed")
	}
}

func TestMasksAreStretchedAsFramesAre(t *testing.T) {
	data := drawnLanes(t)
	truth, err := readMask(filepath.Join(data, "lanes", "a.png"), 256, 128)
	if err != nil {
		t.Fatal(err)
	}
	// Row 64 of the small mask is rows 128 and 129 of the large one: lines about x = 127 and 379, 14 wide.
	want := make([]bool, 256)
	for x := range want {
		want[x] = math.Abs(float64(x)+0.5-63.7) < 3.6 || math.Abs(float64(x)+0.5-190.2) < 3.6
	}
	if o := accuracy.CompareMasks(truth[64*256:65*256], want, 256, 1); o.F1() != 1 || o.IoU() < 0.7 {
		t.Errorf("%+v", o)
	}
}

func TestDistancesOfLines(t *testing.T) {
	distances := [][]float64{{1, math.NaN(), 3}, nil, {2}}
	if m, s := medianSeen(distances), shareSeen(distances); m != 2 || s != 0.75 {
		t.Errorf("median %v, share %v", m, s)
	}
	if m := medianSeen([][]float64{{math.NaN()}}); !math.IsNaN(m) {
		t.Errorf("median %v of nothing", m)
	}
}
