package profile

import (
	"math"
	"slices"
	"time"
)

// Summary is what is kept of a stage's times.
type Summary struct {
	Count            int           // of samples
	Median, P90, P99 time.Duration // by nearest rank; 0 without samples
	CV               float64       // standard deviation over mean; 0 of fewer than two samples
	// Low and High bound the median with 95 % confidence where Bounded; otherwise they are the least and the most.
	Low, High time.Duration
	Bounded   bool // there are enough samples for an interval
}

// Narrow is an interval that is narrow enough whatever the precision: what a clock read and a cache miss add.
const Narrow = 10 * time.Microsecond

// Summarize summarizes samples, which it leaves as they are.
func Summarize(samples []time.Duration) Summary {
	s := Summary{Count: len(samples)}
	if s.Count == 0 {
		return s
	}
	sorted := slices.Sorted(slices.Values(samples))
	s.Median, s.P90, s.P99 = rank(sorted, 0.5), rank(sorted, 0.9), rank(sorted, 0.99)
	s.CV = variation(samples)
	low := medianRank(s.Count)
	s.Bounded = low > 0
	low = max(low, 1)
	s.Low, s.High = sorted[low-1], sorted[s.Count-low]
	return s
}

// Converged reports whether the median's interval is no wider than a share of the median, or than Narrow.
func (s Summary) Converged(precision float64) bool {
	width := s.High - s.Low
	return s.Bounded && (width <= Narrow || float64(width) <= precision*float64(s.Median))
}

// Width returns the width of the median's interval as a share of the median; 0 where that is 0.
func (s Summary) Width() float64 {
	if s.Median == 0 {
		return 0
	}
	return float64(s.High-s.Low) / float64(s.Median)
}

// rank returns the share's quantile by nearest rank of sorted samples, of which there are some.
func rank(sorted []time.Duration, share float64) time.Duration {
	i := int(math.Ceil(share*float64(len(sorted)) - 1e-9)) // 0.9*10 is a little more than 9 in some factors
	return sorted[max(i, 1)-1]
}

// medianRank returns the largest rank k, from 1, such that the median lies between the k-th sample and the k-th from
// the end with at least 95 % confidence, whatever the distribution: the number of samples below it is binomial with
// one half. 0: n is too small for any (below 6).
func medianRank(n int) int {
	const tail = 0.025
	all, _ := math.Lgamma(float64(n + 1))
	sum := 0.0
	for k := range n {
		below, _ := math.Lgamma(float64(k + 1))
		above, _ := math.Lgamma(float64(n - k + 1))
		sum += math.Exp(all - below - above - float64(n)*math.Ln2)
		if sum > tail {
			return k
		}
	}
	return 0
}

func variation(samples []time.Duration) float64 {
	if len(samples) < 2 {
		return 0
	}
	var sum, squares float64
	for _, s := range samples {
		sum += float64(s)
	}
	mean := sum / float64(len(samples))
	if mean == 0 {
		return 0
	}
	for _, s := range samples {
		squares += (float64(s) - mean) * (float64(s) - mean)
	}
	return math.Sqrt(squares/float64(len(samples)-1)) / mean
}

// middle returns the lower median of some values.
func middle(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)-1)/2]
}
