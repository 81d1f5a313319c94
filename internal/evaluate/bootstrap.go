package evaluate

import (
	"math"
	"math/rand/v2"
	"slices"
)

// resamples of a bootstrap.
const resamples = 1000

// figure estimates a statistic of samples that come in groups (the pictures of a scene, say), with the percentile
// interval of a bootstrap over whole groups (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, ch. 13),
// since the samples of a group are alike. The random numbers are fixed: the same samples give the same interval.
// Resamples for which the statistic is not a number are left out.
func figure[T any](name string, groups [][]T, statistic func([]T) float64) Figure {
	all := slices.Concat(groups...)
	f := Figure{Name: name, Value: statistic(all), Count: len(all)}
	random := rand.New(rand.NewPCG(1, uint64(len(all)))) //nolint:gosec // no secret
	var values []float64
	for range resamples {
		var sample []T
		for range groups {
			sample = append(sample, groups[random.IntN(len(groups))]...)
		}
		if v := statistic(sample); !math.IsNaN(v) {
			values = append(values, v)
		}
	}
	if len(values) == 0 {
		f.Low, f.High = math.NaN(), math.NaN()
		return f
	}
	slices.Sort(values)
	f.Low, f.High = values[len(values)*25/1000], values[min(len(values)*975/1000, len(values)-1)]
	return f
}

// grouped puts items with the same key together, in the order in which the keys come first.
func grouped[T any](items []T, key func(T) string) [][]T {
	var groups [][]T
	at := map[string]int{}
	for _, item := range items {
		k := key(item)
		i, ok := at[k]
		if !ok {
			i, at[k] = len(groups), len(groups)
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], item)
	}
	return groups
}

// singly makes a group of each item, where no others are known.
func singly[T any](items []T) [][]T {
	groups := make([][]T, len(items))
	for i, item := range items {
		groups[i] = []T{item}
	}
	return groups
}

// only returns the items that keep wants.
func only[T any](items []T, keep func(T) bool) (kept []T) {
	for _, item := range items {
		if keep(item) {
			kept = append(kept, item)
		}
	}
	return kept
}

// shareOf returns the statistic that is the share of items that fit; not a number of no items.
func shareOf[T any](fits func(T) bool) func([]T) float64 {
	return func(items []T) float64 { return float64(len(only(items, fits))) / float64(len(items)) }
}
