package draw

import (
	"image"
	"image/color"
	"math"

	"rtmdl/internal/ros/msg"
)

// Line is a polyline to draw, in pixels of the picture. Parts outside of the picture are cut off; points that are not
// finite are left out.
type Line struct {
	Points [][2]float64 // x, y
	Label  string       // such as left; the colour goes by it
}

// FromLanes returns the lines of a message.
func FromLanes(m *msg.LaneLines) []Line {
	line := func(label string, l *msg.LaneLine) Line {
		d := Line{Label: label}
		for _, p := range l.Points {
			d.Points = append(d.Points, [2]float64{p.X, p.Y})
		}
		return d
	}
	return []Line{line("left", &m.Left), line("right", &m.Right)}
}

// Lines draws polylines, black edged. The width of lines goes by the picture's width.
func Lines(img *image.RGBA, lines []Line) {
	width := float64(max(2, img.Rect.Dx()/200))
	for _, edge := range []bool{true, false} {
		for _, l := range lines {
			points := finite(l.Points)
			for i := 1; i < len(points); i++ {
				if edge {
					segment(img, points[i-1], points[i], width+2, black)
				} else {
					segment(img, points[i-1], points[i], width, ClassColor(l.Label))
				}
			}
		}
	}
}

func finite(points [][2]float64) (kept [][2]float64) {
	for _, p := range points {
		if x := p[0] + p[1]; !math.IsNaN(x) && !math.IsInf(x, 0) {
			kept = append(kept, p)
		}
	}
	return kept
}

// segment fills all pixels whose centre is at most half the width from the line between two points, which are
// brought near the picture first, so that the work is bounded.
func segment(img *image.RGBA, a, b [2]float64, width float64, c color.RGBA) {
	r := img.Rect
	margin := width + 1
	low := [2]float64{float64(r.Min.X) - margin, float64(r.Min.Y) - margin}
	high := [2]float64{float64(r.Max.X) + margin, float64(r.Max.Y) + margin}
	for axis := range 2 { // cut off what lies beyond each side (Liang and Barsky, one axis at a time)
		if a[axis] > b[axis] {
			a, b = b, a
		}
		if b[axis] < low[axis] || a[axis] > high[axis] {
			return
		}
		slope := (b[1-axis] - a[1-axis]) / (b[axis] - a[axis])
		if a[axis] < low[axis] {
			a[1-axis] += slope * (low[axis] - a[axis])
			a[axis] = low[axis]
		}
		if b[axis] > high[axis] {
			b[1-axis] += slope * (high[axis] - b[axis])
			b[axis] = high[axis]
		}
	}
	half := width / 2
	box := image.Rect(
		int(math.Floor(min(a[0], b[0])-half)), int(math.Floor(min(a[1], b[1])-half)),
		int(math.Ceil(max(a[0], b[0])+half)), int(math.Ceil(max(a[1], b[1])+half)),
	).Intersect(r)
	dx, dy := b[0]-a[0], b[1]-a[1]
	square := dx*dx + dy*dy
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			px, py := float64(x)+0.5-a[0], float64(y)+0.5-a[1]
			along := 0.0
			if square > 0 {
				along = min(max((px*dx+py*dy)/square, 0), 1)
			}
			if px, py = px-along*dx, py-along*dy; px*px+py*py <= half*half {
				img.SetRGBA(x, y, c)
			}
		}
	}
}
