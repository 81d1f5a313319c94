package bench

import (
	"fmt"
	"math"
	"slices"
)

// student is the 97.5 % point of Student's t by degrees of freedom, from 1.
var student = []float64{12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
	2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045}

// estimate is the mean with Student's interval.
func estimate(x []float64) Estimate {
	n := float64(len(x))
	if n == 0 {
		return Estimate{}
	}
	sum, squares := 0.0, 0.0
	for _, v := range x {
		sum += v
	}
	mean := sum / n
	for _, v := range x {
		squares += (v - mean) * (v - mean)
	}
	half := 0.0
	if len(x) > 1 {
		t := 1.96
		if len(x)-2 < len(student) {
			t = student[len(x)-2]
		}
		half = t * math.Sqrt(squares/(n-1)/n)
	}
	return Estimate{mean, mean - half, mean + half, slices.Max(x)}
}

// proportion is a share with Wilson's interval.
func proportion(yes, all int) Estimate {
	if all == 0 {
		return Estimate{}
	}
	const z = 1.96
	n := float64(all)
	p := float64(yes) / n
	centre := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return Estimate{p, max(0, centre-half), min(1, centre+half), p}
}

// group puts records together, in the order in which they come first.
func group(records []Record) []Group {
	type key struct {
		scenario, name, method string
		n                      int
	}
	places := map[key]int{}
	var sorted [][]Record
	for _, r := range records {
		if r.Scenario == "random" {
			r.N, r.DMR = 0, nil // all n of a utilisation together
		}
		k := key{r.Scenario, r.Case, r.Method, r.N}
		at, ok := places[k]
		if !ok {
			at = len(sorted)
			places[k] = at
			sorted = append(sorted, nil)
		}
		sorted[at] = append(sorted[at], r)
	}
	out := make([]Group, len(sorted))
	for i, rs := range sorted {
		out[i] = summary(rs)
	}
	return out
}

func summary(rs []Record) Group {
	g := Group{Scenario: rs[0].Scenario, Case: rs[0].Case, X: rs[0].X, N: rs[0].N, Method: rs[0].Method, Count: len(rs)}
	of := func(value func(*Record) float64) Estimate {
		x := make([]float64, len(rs))
		for i := range rs {
			x[i] = value(&rs[i])
		}
		return estimate(x)
	}
	g.Macro = of(func(r *Record) float64 { return r.Macro })
	g.Max = of(func(r *Record) float64 { return r.Max })
	g.MeanLoss = of(func(r *Record) float64 { return r.MeanLoss })
	g.SumLoss = of(func(r *Record) float64 { return r.SumLoss })
	g.OnTime = of(func(r *Record) float64 { return r.OnTime })
	g.FoundS = of(func(r *Record) float64 { return r.FoundS })
	g.TookS = of(func(r *Record) float64 { return r.TookS })
	met, tasks := 0, len(rs[0].DMR)
	var gaps []float64
	for i := range rs {
		r := &rs[i]
		if r.Met {
			met++
		}
		if r.HasGap {
			gaps = append(gaps, r.Gap)
		}
		if len(r.DMR) != tasks {
			tasks = 0
		}
		g.Packed += r.Packed
		g.Guaranteed += r.Guaranteed
		g.Broken += r.Broken
		g.Inferences += r.Inferences
		if r.Proven {
			g.Proven++
		}
		if r.ProvenNone {
			g.ProvenNone++
		}
	}
	g.Met, g.Gap, g.Gaps = proportion(met, len(rs)), estimate(gaps), len(gaps)
	for k := range tasks {
		g.DMR = append(g.DMR, of(func(r *Record) float64 { return r.DMR[k] }))
	}
	return g
}

// percent writes an estimate of a share with half its interval.
func (e Estimate) percent() string {
	if half := (e.High - e.Low) / 2; half > 0 {
		return fmt.Sprintf("%.2f ± %.2f", 100*e.Mean, 100*half)
	}
	return fmt.Sprintf("%.2f", 100*e.Mean)
}
