package draw

import (
	"image"
	"image/color"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestALineIsDrawnWhereItIs(t *testing.T) {
	img := grey(400, 200)
	Lines(img, []Line{{Points: [][2]float64{{50, 150}, {math.NaN(), 3}, {150, 50}, {390, 50}}, Label: "left"}})
	colour, grey := ClassColor("left"), color.RGBA{0x80, 0x80, 0x80, 0xff}
	for _, p := range []image.Point{{50, 149}, {100, 99}, {150, 50}, {300, 50}, {389, 50}} {
		if got := img.RGBAAt(p.X, p.Y); got != colour {
			t.Errorf("the line at %v is %v", p, got)
		}
	}
	for _, p := range []image.Point{{100, 110}, {100, 90}, {300, 54}, {300, 45}, {396, 50}, {40, 160}} {
		if got := img.RGBAAt(p.X, p.Y); got != grey {
			t.Errorf("beside the line at %v is %v", p, got)
		}
	}
}

func TestALineFromFarOutsideIsCutWhereItEnters(t *testing.T) {
	img := grey(100, 100)
	Lines(img, []Line{{Points: [][2]float64{{-1e6, -1e6}, {1e6, 1e6}}, Label: "left"}})
	for i := range 100 {
		if got := img.RGBAAt(i, i); got != ClassColor("left") {
			t.Fatalf("the diagonal at %d is %v", i, got)
		}
	}
	if img.RGBAAt(60, 40) != (color.RGBA{0x80, 0x80, 0x80, 0xff}) {
		t.Error("beside the diagonal something is drawn")
	}
}

func TestAnyLineCanBeDrawn(t *testing.T) {
	odd := []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e300, -1e300, 0, -5, 1e9}
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.OneOf(rapid.SampledFrom(odd), rapid.Float64Range(-50, 200))
		img := grey(rapid.IntRange(1, 120).Draw(t, "width"), rapid.IntRange(1, 90).Draw(t, "height"))
		var l Line
		for range rapid.IntRange(0, 4).Draw(t, "points") {
			l.Points = append(l.Points, [2]float64{number.Draw(t, "x"), number.Draw(t, "y")})
		}
		Lines(img, []Line{l})
	})
}
