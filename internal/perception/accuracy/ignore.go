package accuracy

import (
	"slices"

	"rtmdl/internal/perception"
)

// WithoutSmall returns a photograph without its boxes narrower than width pixels, and without the detections that
// are on them: those that of all boxes, whatever the labels, overlap most with a small one, by at least overlap.
func WithoutSmall(p Photo, width, overlap float64) Photo {
	small := func(t perception.Detection) bool { return t.Width < width }
	onSmall := func(f perception.Detection) bool {
		best, most := perception.Detection{}, 0.0
		for _, t := range p.Truth {
			if o := f.IoU(t); o > most {
				best, most = t, o
			}
		}
		return most >= overlap && small(best)
	}
	return Photo{
		Truth: slices.DeleteFunc(slices.Clone(p.Truth), small),
		Found: slices.DeleteFunc(slices.Clone(p.Found), onSmall),
	}
}
