package draw

import (
	"image"
	"image/color"
	"math"
	"testing"

	"pgregory.net/rapid"

	"rtmdl/internal/ros/msg"
)

func grey(width, height int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	fill(img, img.Rect, color.RGBA{0x80, 0x80, 0x80, 0xff})
	return img
}

func TestABoxIsDrawnWhereItIs(t *testing.T) {
	img := grey(320, 240)
	Boxes(img, []Box{{X: 100, Y: 80, Width: 60, Height: 90, Label: "green", Score: 0.97}})
	green := ClassColor("green")
	for _, p := range []image.Point{{100, 120}, {159, 120}, {130, 80}, {130, 169}} {
		if got := img.RGBAAt(p.X, p.Y); got != green {
			t.Errorf("the edge at %v is %v", p, got)
		}
	}
	grey := color.RGBA{0x80, 0x80, 0x80, 0xff}
	for _, p := range []image.Point{{130, 120}, {95, 120}, {165, 120}, {130, 175}} {
		if got := img.RGBAAt(p.X, p.Y); got != grey {
			t.Errorf("beside the edge at %v is %v", p, got)
		}
	}
	if got := img.RGBAAt(98, 120); got != black {
		t.Errorf("outside of the edge is %v, want black", got)
	}
	plate, ink := 0, 0
	for y := 60; y < 78; y++ {
		for x := 98; x < 190; x++ {
			switch img.RGBAAt(x, y) {
			case green:
				plate++
			case black:
				ink++
			}
		}
	}
	if plate < 100 || ink < 100 {
		t.Errorf("the label has %d pixels of colour and %d of ink", plate, ink)
	}
}

func TestDetectionsBecomeBoxes(t *testing.T) {
	m := &msg.Detection2DArray{Detections: []msg.Detection2D{
		msg.NewDetection2D(msg.Header{}, "red", 0.5, 10, 20, 30, 40),
		msg.NewDetection2D(msg.Header{}, "red", 0.5, 0, 0, 10, 20),
		{},
	}}
	m.Detections[0].Results = append(m.Detections[0].Results,
		msg.ObjectHypothesisWithPose{Hypothesis: msg.ObjectHypothesis{ClassID: "green", Score: 0.75}})
	m.Detections[1].BBox.Center.Theta = math.Pi / 2
	got := FromDetections(m)
	if got[0] != (Box{10, 20, 30, 40, "green", 0.75}) {
		t.Errorf("best hypothesis: %+v", got[0])
	}
	if b := got[1]; math.Abs(b.X+5) > 1e-9 || math.Abs(b.Y-5) > 1e-9 || math.Abs(b.Width-20) > 1e-9 {
		t.Errorf("rotated by a quarter: %+v", b)
	}
	if b := got[2]; b.Label != "?" || !math.IsNaN(b.Score) || caption(b) != "?" {
		t.Errorf("no hypothesis: %+v", b)
	}
}

func TestAnyNumbersCanBeDrawn(t *testing.T) {
	odd := []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300, -1e300, 0, -5, 1e9}
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.OneOf(rapid.SampledFrom(odd), rapid.Float64Range(-50, 200))
		img := grey(rapid.IntRange(1, 120).Draw(t, "width"), rapid.IntRange(1, 90).Draw(t, "height"))
		Boxes(img, []Box{{
			X: number.Draw(t, "x"), Y: number.Draw(t, "y"), Width: number.Draw(t, "w"), Height: number.Draw(t, "h"),
			Label: rapid.String().Draw(t, "label"), Score: number.Draw(t, "score"),
		}})
		Banner(img, rapid.String().Draw(t, "text"), "red")
		for i := 3; i < len(img.Pix); i += 4 {
			if img.Pix[i] != 0xff {
				t.Fatalf("pixel %d has become transparent", i/4)
			}
		}
	})
}

func TestClassColours(t *testing.T) {
	if first, again := ClassColor("stop"), ClassColor("stop"); first != again || ClassColor("red") == ClassColor("green") {
		t.Error("colours are not stable, or not distinct")
	}
}

func BenchmarkBoxes(b *testing.B) {
	img := grey(640, 480)
	boxes := []Box{{20, 30, 60, 120, "red", 0.9}, {200, 200, 60, 120, "yellow", 0.5}, {400, 100, 90, 90, "green", 0.7}}
	b.ReportAllocs()
	for b.Loop() {
		Boxes(img, boxes)
	}
}
