package accuracy

import (
	"cmp"
	"math"
	"slices"

	"rtmdl/internal/perception"
)

// Photo is a labelled photograph with what was found in it.
type Photo struct {
	Truth []perception.Detection // scores are not looked at
	Found []perception.Detection // in any order, down to scores as low as possible
}

// AveragePrecision returns the area under the precision envelope of one label, over all points of recall, 0 to 1.
// A detection hits if of all boxes of its label in the photograph it overlaps most with one (intersection over
// union of at least overlap) that no better detection has hit. It returns NaN where no photograph shows the label.
func AveragePrecision(photos []Photo, label string, overlap float64) float64 {
	var marks []mark
	boxes := 0
	for _, p := range photos {
		truth := only(p.Truth, label)
		boxes += len(truth)
		marks = append(marks, match(only(p.Found, label), truth, overlap)...)
	}
	if boxes == 0 {
		return math.NaN()
	}
	slices.SortStableFunc(marks, func(a, b mark) int { return cmp.Compare(b.score, a.score) })
	precisions := make([]float64, len(marks))
	hits := 0
	for i, m := range marks {
		if m.hit {
			hits++
		}
		precisions[i] = float64(hits) / float64(i+1)
	}
	area, envelope := 0.0, 0.0
	for i := len(marks) - 1; i >= 0; i-- {
		envelope = max(envelope, precisions[i])
		if marks[i].hit { // here recall rises, by one box
			area += envelope / float64(boxes)
		}
	}
	return area
}

// Mean returns the average precision of each label, and the mean over those that show; NaN if none does.
func Mean(photos []Photo, labels []string, overlap float64) (mean float64, each []float64) {
	shown, sum := 0, 0.0
	for _, l := range labels {
		ap := AveragePrecision(photos, l, overlap)
		each = append(each, ap)
		if !math.IsNaN(ap) {
			shown++
			sum += ap
		}
	}
	return sum / float64(shown), each
}

// Largest returns the label of the largest box, "" of none.
func Largest(boxes []perception.Detection) string {
	label, area := "", 0.0
	for _, b := range boxes {
		if b.Area() > area {
			label, area = b.Label, b.Area()
		}
	}
	return label
}

// mark is a detection that hit a box, or none.
type mark struct {
	score float64
	hit   bool
}

// match marks the detections of one photograph and label.
func match(found, truth []perception.Detection, overlap float64) []mark {
	slices.SortStableFunc(found, func(a, b perception.Detection) int { return cmp.Compare(b.Score, a.Score) })
	taken := make([]bool, len(truth))
	marks := make([]mark, len(found))
	for i, f := range found {
		marks[i].score = f.Score
		best, most := -1, overlap
		for j, t := range truth {
			if o := f.IoU(t); o >= most && (best < 0 || o > most) {
				best, most = j, o
			}
		}
		if best >= 0 && !taken[best] {
			taken[best], marks[i].hit = true, true
		}
	}
	return marks
}

func only(boxes []perception.Detection, label string) (out []perception.Detection) {
	for _, b := range boxes {
		if b.Label == label {
			out = append(out, b)
		}
	}
	return out
}
