package accuracy

// MicroF1 returns the harmonic mean of precision and recall over all labels together, 0 to 1: a detection is right
// where it hits as in AveragePrecision. What was found must be what is told, above the threshold in use. It returns
// NaN where there is neither a box nor a detection.
func MicroF1(photos []Photo, labels []string, overlap float64) float64 {
	hits, boxes, found := 0, 0, 0
	for _, p := range photos {
		boxes += len(p.Truth)
		found += len(p.Found)
		for _, l := range labels {
			truth, told := only(p.Truth, l), only(p.Found, l)
			if len(truth) == 0 || len(told) == 0 {
				continue
			}
			for _, m := range match(told, truth, overlap) {
				if m.hit {
					hits++
				}
			}
		}
	}
	return 2 * float64(hits) / float64(boxes+found)
}
