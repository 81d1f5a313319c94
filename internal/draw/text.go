package draw

import (
	"image"
	"image/color"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// maxText is how many bytes of a text are drawn; labels come from outside.
const maxText = 80

// parsed is the typeface; faces of it are not safe for concurrent use, so that each drawing has its own.
var parsed = sync.OnceValue(func() *opentype.Font {
	f, err := opentype.Parse(gobold.TTF)
	if err != nil {
		panic("draw: the built-in typeface is damaged: " + err.Error()) // part of the program
	}
	return f
})

// textSize returns the size of letters, in pixels, for a picture of the width.
func textSize(width int) float64 { return max(11, min(float64(width)/34, 40)) }

func newFace(size float64) font.Face {
	face, err := opentype.NewFace(parsed(), &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		panic("draw: " + err.Error()) // cannot happen: it only checks options that are left out
	}
	return face
}

// plateSize returns the size of a plate with the text, its margins included, in pixels.
func plateSize(face font.Face, text string) image.Point {
	m := face.Metrics()
	pad := padding(face)
	return image.Pt(font.MeasureString(face, cut(text)).Ceil()+2*pad, (m.Ascent+m.Descent).Ceil()+pad)
}

func padding(face font.Face) int { return max(2, face.Metrics().Height.Ceil()/5) }

// plate writes text on a filled rectangle with a black edge, its upper left corner at the point.
func plate(img *image.RGBA, face font.Face, at image.Point, text string, c color.RGBA) {
	size := plateSize(face, text)
	r := image.Rectangle{at, at.Add(size)}
	fill(img, r, black)
	fill(img, r.Inset(1), c)
	ink := black
	if luminance(c) < 0.35 {
		ink = white
	}
	pad := padding(face)
	drawer := font.Drawer{
		Dst: img, Src: image.NewUniform(ink), Face: face,
		Dot: fixed.P(at.X+pad, at.Y+pad/2+face.Metrics().Ascent.Ceil()),
	}
	drawer.DrawString(cut(text))
}

func cut(text string) string {
	if len(text) > maxText {
		return text[:maxText] + "…"
	}
	return text
}

// luminance returns how bright a colour looks, about, from 0 to 1.
func luminance(c color.RGBA) float64 {
	return (0.3*float64(c.R) + 0.59*float64(c.G) + 0.11*float64(c.B)) / 255
}
