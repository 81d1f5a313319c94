package detector

import (
	"cmp"
	"slices"

	"rtmdl/internal/perception"
)

// maxDetections bounds what a frame can show, so that a network gone wild does not cost the time of others.
const maxDetections = 100

// suppress is greedy non-maximum suppression over all labels, since an object has one: the best detection
// stays, those that overlap it by more than the threshold (intersection over union) go, and so on. The best
// come first. It changes the order of found. (OpenCV's NMSBoxes works on whole pixels, which is coarse for objects
// of ten.)
func suppress(found []perception.Detection, threshold float64) []perception.Detection {
	slices.SortStableFunc(found, func(a, b perception.Detection) int { return cmp.Compare(b.Score, a.Score) })
	var kept []perception.Detection
	for _, f := range found {
		if len(kept) == maxDetections {
			break
		}
		if !slices.ContainsFunc(kept, func(k perception.Detection) bool { return f.IoU(k) > threshold }) {
			kept = append(kept, f)
		}
	}
	return kept
}
