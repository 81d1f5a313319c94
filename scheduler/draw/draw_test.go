package draw

import (
	"math"
	"testing"
)

func TestNoiseHasMeanOneAndItsVariation(t *testing.T) {
	for _, cv := range []float64{0.05, 0.2, 0.5} {
		s, n := Of(1, 2), NewNoise(cv)
		const jobs, nominal = 200_000, 1_000_000
		sum, squares := 0.0, 0.0
		for j := range int64(jobs) {
			x := float64(s.Times(n, j, [3]int64{0, nominal, 0})[1]) / nominal
			sum += x
			squares += x * x
		}
		mean := sum / jobs
		deviation := math.Sqrt(squares/jobs - mean*mean)
		if math.Abs(mean-1) > 0.01*cv*5 || math.Abs(deviation-cv) > 0.03*cv {
			t.Errorf("cv %v: mean %v, deviation %v", cv, mean, deviation)
		}
	}
}

func TestJitterIsUniformWithBothEnds(t *testing.T) {
	s := Of(7, 0)
	var counts [5]int
	for j := range int64(50_000) {
		counts[s.Jitter(j, 4)]++
	}
	for value, n := range counts {
		if n < 9_500 || n > 10_500 {
			t.Errorf("%d: %d of 50000", value, n)
		}
	}
	if s.Jitter(3, 0) != 0 {
		t.Error("jitter of nothing")
	}
}

func TestDrawsOfOtherSeedsTasksJobsAndStagesDiffer(t *testing.T) {
	n := NewNoise(0.3)
	seen := map[int64]bool{}
	for seed := range uint64(4) {
		for task := range 4 {
			for job := range int64(4) {
				for _, x := range Of(seed, task).Times(n, job, [3]int64{1e12, 1e12, 1e12}) {
					seen[x] = true
				}
			}
		}
	}
	if len(seen) != 4*4*4*3 {
		t.Errorf("%d different of %d", len(seen), 4*4*4*3)
	}
}

func TestNoNoiseChangesNothing(t *testing.T) {
	times := [3]int64{1, 2, 3}
	if got := Of(1, 1).Times(NewNoise(0), 5, times); got != times {
		t.Error(got)
	}
}

func TestGapsHaveTheirMean(t *testing.T) {
	sum := 0.0
	for j := range int64(100_000) {
		sum += float64(Of(3, 1).Gap(j, 1000))
	}
	if mean := sum / 100_000; mean < 980 || mean > 1020 {
		t.Error(mean)
	}
}
