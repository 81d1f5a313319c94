package draw

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"golang.org/x/image/font"

	"rtmdl/internal/ros/msg"
)

// Box is an upright box to draw, in pixels of the picture. Parts outside of the picture are cut off.
type Box struct {
	X, Y          float64 // upper left corner
	Width, Height float64
	Label         string  // such as red; the colour goes by it
	Score         float64 // 0 to 1; NaN: not shown
}

// FromDetections returns the boxes of a message, each with its best hypothesis. A rotated box becomes the upright one
// around it.
func FromDetections(m *msg.Detection2DArray) []Box {
	boxes := make([]Box, 0, len(m.Detections))
	for i := range m.Detections {
		d := &m.Detections[i]
		sin, cos := math.Sincos(d.BBox.Center.Theta)
		sin, cos = math.Abs(sin), math.Abs(cos)
		w := d.BBox.SizeX*cos + d.BBox.SizeY*sin
		h := d.BBox.SizeX*sin + d.BBox.SizeY*cos
		b := Box{
			X: d.BBox.Center.Position.X - w/2, Y: d.BBox.Center.Position.Y - h/2, Width: w, Height: h,
			Label: "?", Score: math.NaN(),
		}
		for j := range d.Results {
			if h := &d.Results[j].Hypothesis; j == 0 || h.Score > b.Score {
				b.Label, b.Score = h.ClassID, h.Score
			}
		}
		boxes = append(boxes, b)
	}
	return boxes
}

var (
	black = color.RGBA{0x10, 0x12, 0x14, 0xff}
	white = color.RGBA{0xff, 0xff, 0xff, 0xff}
)

// ClassColor returns the colour of a class: red, yellow and green for these; grey for unknown; of a few others, by
// the name, for any other.
func ClassColor(label string) color.RGBA {
	switch label {
	case "red":
		return color.RGBA{0xe5, 0x34, 0x2f, 0xff}
	case "yellow":
		return color.RGBA{0xf5, 0xc3, 0x18, 0xff}
	case "green":
		return color.RGBA{0x2e, 0xb8, 0x5c, 0xff}
	case "", "?", "unknown", "none":
		return color.RGBA{0x9a, 0xa0, 0xa6, 0xff}
	}
	others := [...]color.RGBA{
		{0x3d, 0x8b, 0xfd, 0xff}, {0xb1, 0x5c, 0xf0, 0xff}, {0xf2, 0x7c, 0x22, 0xff}, {0x18, 0xb5, 0xb0, 0xff},
		{0xe8, 0x4d, 0x9a, 0xff}, {0x8a, 0xa8, 0x2a, 0xff},
	}
	hash := uint32(2166136261) // FNV-1a, so that a class keeps its colour
	for i := range len(label) {
		hash = (hash ^ uint32(label[i])) * 16777619
	}
	return others[hash%uint32(len(others))]
}

// Boxes draws boxes with their labels and scores. The width of lines and the size of letters go by the picture's width.
func Boxes(img *image.RGBA, boxes []Box) {
	face := newFace(textSize(img.Rect.Dx()))
	defer face.Close()
	line := max(2, img.Rect.Dx()/320)
	for _, b := range boxes { // all frames first: labels stay readable
		frame(img, rectangle(b, img.Rect), line, ClassColor(b.Label))
	}
	for _, b := range boxes {
		label(img, face, rectangle(b, img.Rect), line, caption(b), ClassColor(b.Label))
	}
}

// Banner writes a line of text on the colour of a class into the upper left corner: the state of the frame.
func Banner(img *image.RGBA, text, class string) {
	face := newFace(textSize(img.Rect.Dx()))
	defer face.Close()
	plate(img, face, img.Rect.Min, text, ClassColor(class))
}

func caption(b Box) string {
	if math.IsNaN(b.Score) {
		return b.Label
	}
	return fmt.Sprintf("%s %.2f", b.Label, b.Score)
}

// rectangle rounds a box to pixels and keeps it, for any numbers at all, just outside of the picture at most.
func rectangle(b Box, bounds image.Rectangle) image.Rectangle {
	clamp := func(v float64, low, high int) int {
		if !(v > float64(low)) { // NaN too
			return low
		}
		return int(math.Round(math.Min(v, float64(high))))
	}
	const margin = 8
	x0, y0 := clamp(b.X, -margin, bounds.Dx()+margin), clamp(b.Y, -margin, bounds.Dy()+margin)
	x1, y1 := clamp(b.X+b.Width, x0, bounds.Dx()+margin), clamp(b.Y+b.Height, y0, bounds.Dy()+margin)
	return image.Rect(x0, y0, x1, y1).Add(bounds.Min)
}

// frame draws the outline of r: coloured, between thin black lines.
func frame(img *image.RGBA, r image.Rectangle, line int, c color.RGBA) {
	Outline(img, r.Inset(-line/2-1), line+2, black)
	Outline(img, r.Inset(-line/2), line, c)
}

// Outline draws the edge of a rectangle, line pixels wide, inside of it; what lies outside of the image is left out.
func Outline(img *image.RGBA, r image.Rectangle, line int, c color.RGBA) {
	fill(img, image.Rect(r.Min.X, r.Min.Y, r.Max.X, r.Min.Y+line), c)
	fill(img, image.Rect(r.Min.X, r.Max.Y-line, r.Max.X, r.Max.Y), c)
	fill(img, image.Rect(r.Min.X, r.Min.Y, r.Min.X+line, r.Max.Y), c)
	fill(img, image.Rect(r.Max.X-line, r.Min.Y, r.Max.X, r.Max.Y), c)
}

func fill(img *image.RGBA, r image.Rectangle, c color.RGBA) {
	r = r.Intersect(img.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		row := img.Pix[img.PixOffset(r.Min.X, y):]
		for x := range r.Dx() {
			row[4*x], row[4*x+1], row[4*x+2], row[4*x+3] = c.R, c.G, c.B, c.A
		}
	}
}

// label writes a plate above the box, or below or inside of it where there is no room.
func label(img *image.RGBA, face font.Face, r image.Rectangle, line int, text string, c color.RGBA) {
	size := plateSize(face, text)
	at := image.Pt(r.Min.X-line/2-1, r.Min.Y-line/2-1-size.Y)
	if at.Y < img.Rect.Min.Y {
		at.Y = r.Max.Y + line/2 + 1
	}
	if at.Y+size.Y > img.Rect.Max.Y {
		at.Y = r.Min.Y + line
	}
	at.X = max(min(at.X, img.Rect.Max.X-size.X), img.Rect.Min.X)
	at.Y = max(min(at.Y, img.Rect.Max.Y-size.Y), img.Rect.Min.Y)
	plate(img, face, at, text, c)
}
