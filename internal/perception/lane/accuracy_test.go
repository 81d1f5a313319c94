package lane

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/ros/msg"
)

const network = "../../../models/lane/w100.onnx"

// TestAccuracyOnTheSample holds the network, with all that is around it, to a floor on frames that come with the
// project and that no network was trained on: of the labelled points, so many must have the fitted line beside them.
func TestAccuracyOnTheSample(t *testing.T) {
	frames := readLabelled(t, "testdata/road")
	if len(frames) != 21 {
		t.Errorf("%d frames", len(frames))
	}
	const (
		tolerance = 6    // pixels of 640x360, about half the width of the paint at the lower edge
		least     = 0.92 // measured: 0.971
	)
	finder, model := loadFinder(t)
	tensors, err := model.NewTensors()
	if err != nil {
		t.Fatal(err)
	}
	defer tensors.Close() //nolint:errcheck // frees memory
	right, all, both, sum := 0, 0, 0, 0.0
	for _, f := range frames {
		data, err := os.ReadFile(f.file)
		if err != nil {
			t.Fatal(err)
		}
		frame := camera.FromCompressed(&msg.CompressedImage{Data: data}, 1)
		if err := finder.Pre(frame, tensors.In); err != nil {
			t.Fatal(f.file, err)
		}
		if err := model.Run(tensors); err != nil {
			t.Fatal(err)
		}
		value, err := finder.Post(frame, tensors.Out)
		if err != nil {
			t.Fatal(err)
		}
		r := value.(Result)
		check(t, r)
		if r.Offset != nil {
			both++
		}
		for name, l := range map[string]Line{"left": r.Left, "right": r.Right} {
			worst := 0.0
			for _, p := range f.lines[name] {
				all++
				if d := beside(l, p); d <= tolerance {
					right++
					sum += d
				} else {
					worst = max(worst, d)
				}
			}
			if worst > 0 {
				t.Logf("%s, %s: %.1f pixels off, confidence %.2f", f.file, name, worst, l.Confidence)
			}
		}
	}
	t.Logf("%d of %d points within %d pixels, %.3f, %.2f pixels off on average; an offset in %d of %d frames",
		right, all, tolerance, float64(right)/float64(all), sum/float64(right), both, len(frames))
	if share := float64(right) / float64(all); !(share >= least) {
		t.Errorf("%.3f of the points have the line beside them, and must be at least %v", share, least)
	}
}

// beside returns how far a line passes from a labelled point, straight across, infinite where the line does not reach
// its row. It may end a few rows before.
func beside(l Line, p Point) float64 {
	const rows = 6
	n := len(l.Points)
	if n == 0 || p.Y > l.Points[0].Y+rows || p.Y < l.Points[n-1].Y-rows {
		return math.Inf(1)
	}
	i := 1
	for i < n-1 && l.Points[i].Y > p.Y {
		i++
	}
	a, b := l.Points[i-1], l.Points[i]
	return math.Abs(a.X + (b.X-a.X)*(p.Y-a.Y)/(b.Y-a.Y) - p.X)
}

// labelled is a frame with its lines, by name.
type labelled struct {
	file  string
	lines map[string][]Point
}

// readLabelled reads lines.csv: file, line, points ("x y;x y;...").
func readLabelled(t *testing.T, folder string) []labelled {
	t.Helper()
	file, err := os.Open(filepath.Join(folder, "lines.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var frames []labelled
	for _, row := range rows[1:] {
		path := filepath.Join(folder, row[0])
		if len(frames) == 0 || frames[len(frames)-1].file != path {
			frames = append(frames, labelled{path, map[string][]Point{}})
		}
		for text := range strings.SplitSeq(row[2], ";") {
			var p Point
			if _, err := fmt.Sscan(text, &p.X, &p.Y); err != nil {
				t.Fatalf("%s, %s: %q: %v", row[0], row[1], text, err)
			}
			f := frames[len(frames)-1]
			f.lines[row[1]] = append(f.lines[row[1]], p)
		}
	}
	return frames
}

func loadFinder(t testing.TB) (*Finder, device.Model) {
	t.Helper()
	d, err := device.NewCPU(device.Options{})
	if err != nil {
		t.Fatal(err)
	}
	model, err := d.Load(network)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := model.Close(); err != nil {
			t.Error(err)
		}
	})
	finder, err := New(model, []string{"marking"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return finder, model
}
