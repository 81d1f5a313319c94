package profile

import (
	"math/rand/v2"
	"testing"
	"time"
)

func milliseconds(values ...float64) []time.Duration {
	out := make([]time.Duration, len(values))
	for i, v := range values {
		out[i] = time.Duration(v * 1e6)
	}
	return out
}

func upTo(n int) []time.Duration {
	var out []time.Duration
	for i := n; i >= 1; i-- { // in falling order: Summarize has to sort
		out = append(out, time.Duration(i)*time.Millisecond)
	}
	return out
}

func TestSummarize(t *testing.T) {
	ms := time.Millisecond
	for _, c := range []struct {
		name    string
		samples []time.Duration
		want    Summary
	}{
		{"no samples", nil, Summary{}},
		{"one sample has no interval", upTo(1), Summary{Count: 1, Median: ms, P90: ms, P99: ms, Low: ms, High: ms}},
		{
			"five are too few for an interval", milliseconds(2, 2, 2, 2, 2),
			Summary{Count: 5, Median: 2 * ms, P90: 2 * ms, P99: 2 * ms, Low: 2 * ms, High: 2 * ms},
		},
		{
			"six are just enough: all of them", milliseconds(3, 3, 3, 3, 3, 3),
			Summary{Count: 6, Median: 3 * ms, P90: 3 * ms, P99: 3 * ms, Low: 3 * ms, High: 3 * ms, Bounded: true},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Summarize(c.samples); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestRanks(t *testing.T) {
	for _, c := range []struct {
		n, median, p90, p99, low, high int // ms of 1 to n; the interval's ranks are those of published tables
	}{
		{6, 3, 6, 6, 1, 6},
		{10, 5, 9, 10, 2, 9},
		{15, 8, 14, 15, 4, 12},
		{20, 10, 18, 20, 6, 15},
		{100, 50, 90, 99, 40, 61},
		{1000, 500, 900, 990, 469, 532},
	} {
		s := Summarize(upTo(c.n))
		got := []time.Duration{s.Median, s.P90, s.P99, s.Low, s.High}
		for i, want := range []int{c.median, c.p90, c.p99, c.low, c.high} {
			if got[i] != time.Duration(want)*time.Millisecond {
				t.Errorf("%d samples: %s is %v, want %d ms", c.n, []string{"median", "p90", "p99", "low", "high"}[i], got[i], want)
			}
		}
	}
}

func TestVariation(t *testing.T) {
	if got := Summarize(milliseconds(1, 3)).CV; got < 0.7071 || got > 0.7072 { // deviation sqrt 2, mean 2
		t.Errorf("got %v, want 0.7071", got)
	}
	if got := Summarize(milliseconds(0, 0)).CV; got != 0 {
		t.Errorf("of zeros: got %v, want 0", got)
	}
}

func TestConverged(t *testing.T) {
	ms := time.Millisecond
	for _, c := range []struct {
		name string
		s    Summary
		want bool
	}{
		{"just narrow enough", Summary{Median: 10 * ms, Low: 10 * ms, High: 10500 * time.Microsecond, Bounded: true}, true},
		{"a little too wide", Summary{Median: 10 * ms, Low: 10 * ms, High: 10501 * time.Microsecond, Bounded: true}, false},
		{"narrow, but of too few samples", Summary{Median: 10 * ms, Low: 10 * ms, High: 10 * ms}, false},
		{"microseconds", Summary{Median: 2000, Low: 1000, High: 11_000, Bounded: true}, true},
		{"nothing", Summary{}, false},
	} {
		if got := c.s.Converged(0.05); got != c.want {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
}

// The interval holds the true median in at least 95 % of all trials, however skewed the times are, and what is
// summarized is in order.
func TestTheIntervalHoldsTheMedianAsOftenAsItSays(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const trials, trueMedian = 4000, 0.6931471805599453 // of the exponential distribution
	for _, n := range []int{6, 17, 40, 120} {
		held := 0
		for range trials {
			samples := make([]time.Duration, n)
			for i := range samples {
				samples[i] = time.Duration(random.ExpFloat64() * 1e6)
			}
			s := Summarize(samples)
			if s.Low > s.Median || s.Median > s.High || s.Median > s.P90 || s.P90 > s.P99 || s.CV <= 0 {
				t.Fatalf("out of order: %+v", s)
			}
			if float64(s.Low) <= trueMedian*1e6 && trueMedian*1e6 <= float64(s.High) {
				held++
			}
		}
		if share := float64(held) / trials; share < 0.94 {
			t.Errorf("%d samples: held in %.3f of the trials", n, share)
		}
	}
}
