package perception

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rtmdl/internal/camera"
	"rtmdl/internal/perception/detector/detectortest"
)

func TestPlanesAreOfRedGreenAndBlue(t *testing.T) {
	got := make([]float32, 3*2*2)
	if err := Planes(detectortest.Frame(2, 2, 255, 128, 0, 1, 2, 3, 51, 102, 153, 0, 0, 255), 2, 2, got); err != nil {
		t.Fatal(err)
	}
	want := []float32{
		0, 3 / 255., 153 / 255., 1, // red
		128 / 255., 2 / 255., 102 / 255., 0, // green
		1, 1 / 255., 51 / 255., 0, // blue
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-6)); diff != "" {
		t.Error(diff)
	}
}

func TestPlanesStretchTheFrame(t *testing.T) {
	for _, test := range []struct {
		name          string
		width, height int
		blue          []byte
		want          []float32 // of the blue plane, 2 x 1 pixels
	}{
		{"smaller: every pixel counts", 4, 2, []byte{10, 20, 100, 200, 30, 40, 200, 100}, []float32{25 / 255., 150 / 255.}},
		{"larger", 1, 1, []byte{51}, []float32{0.2, 0.2}},
		{"wider and not as high", 4, 1, []byte{0, 0, 255, 255}, []float32{0, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var bgr []byte
			for _, b := range test.blue {
				bgr = append(bgr, b, 0, 0)
			}
			got := make([]float32, 3*2)
			if err := Planes(detectortest.Frame(test.width, test.height, bgr...), 2, 1, got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(slices.Concat(make([]float32, 4), test.want), got, cmpopts.EquateApprox(0, 0.003)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPlanesOfTheOddestShapes(t *testing.T) {
	to := make([]float32, 3*320*240)
	for _, size := range [][2]int{{1, 1}, {1, camera.MaxSide}, {camera.MaxSide, 1}, {camera.MaxSide, 2}, {3, 5000}, {4096, 4096}} {
		if err := Planes(detectortest.Frame(size[0], size[1]), 320, 240, to); err != nil {
			t.Errorf("%v: %v", size, err)
		}
	}
}

func TestPlanesOfABadFrameAreTheCamerasError(t *testing.T) {
	if err := Planes(detectortest.BadFrame(), 2, 2, make([]float32, 12)); !errors.Is(err, camera.ErrEncoding) {
		t.Errorf("error %v", err)
	}
}

func BenchmarkPlanes(b *testing.B) {
	for name, size := range map[string][2]int{"320x240": {320, 240}, "640x480": {640, 480}, "1280x720": {1280, 720}} {
		b.Run(name, func(b *testing.B) {
			frame, to := detectortest.Frame(size[0], size[1]), make([]float32, 3*320*240)
			b.ReportAllocs()
			for b.Loop() {
				if err := Planes(frame, 320, 240, to); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
