package trafficlight

import (
	"cmp"
	"slices"

	"rtmdl/internal/perception"
)

// suppress is greedy non-maximum suppression over all labels, since a light has one state: the best detection
// stays, those that overlap it by more than the threshold (intersection over union) go, and so on. The best
// come first. (OpenCV's NMSBoxes works on whole pixels, which is coarse for lights of ten.)
func suppress(found []perception.Detection, threshold float64) []perception.Detection {
	slices.SortStableFunc(found, func(a, b perception.Detection) int { return cmp.Compare(b.Score, a.Score) })
	var kept []perception.Detection
	for _, f := range found {
		if !slices.ContainsFunc(kept, func(k perception.Detection) bool { return iou(f, k) > threshold }) {
			kept = append(kept, f)
		}
	}
	return kept
}

// iou is the intersection of two boxes over their union, 0 to 1.
func iou(a, b perception.Detection) float64 {
	w := min(a.X+a.Width, b.X+b.Width) - max(a.X, b.X)
	h := min(a.Y+a.Height, b.Y+b.Height) - max(a.Y, b.Y)
	if w <= 0 || h <= 0 {
		return 0
	}
	return w * h / (a.Area() + b.Area() - w*h)
}
