package accuracy

import "math"

// bins are those of CalibrationError, of equal width.
const bins = 10

// CalibrationError returns the expected calibration error of what was told, 0 to 1: by how much mean score and share of
// hits differ within ten bins of scores, weighted by how many detections these have (Guo et al., On Calibration of
// Modern Neural Networks, ICML 2017). A detection hits as in AveragePrecision. It returns NaN where nothing was told.
// Few detections give more than none even of perfect scores.
func CalibrationError(photos []Photo, labels []string, overlap float64) float64 {
	var surplus [bins]float64 // of scores over hits
	told := 0
	for _, p := range photos {
		for _, l := range labels {
			for _, m := range match(only(p.Found, l), only(p.Truth, l), overlap) {
				told++
				bin := &surplus[min(int(m.score*bins), bins-1)]
				*bin += m.score
				if m.hit {
					*bin--
				}
			}
		}
	}
	sum := 0.0
	for _, s := range surplus {
		sum += math.Abs(s)
	}
	return sum / float64(told)
}
