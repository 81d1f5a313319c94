package plan_test

import (
	"fmt"
	"testing"

	"rtmdl/scheduler/generate"
	"rtmdl/scheduler/plan"
)

// BenchmarkFirstFeasible is the time until a first feasible plan, one core.
func BenchmarkFirstFeasible(b *testing.B) {
	for _, n := range []int{4, 12, 64} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			s := generate.Set(1, generate.Options{Tasks: n, Utilisation: 0.7})
			o := plan.Options{Seed: 1, Batch: 1}
			judge, err := plan.NewJudge(s, o)
			if err != nil {
				b.Fatal(err)
			}
			evaluations := 0
			for b.Loop() {
				p, err := plan.New(s, judge, o)
				if err != nil {
					b.Fatal(err)
				}
				for k := 0; p.Best() == nil && k < 500; k++ {
					if _, err := p.Step(); err != nil {
						b.Fatal(err)
					}
				}
				evaluations += p.Evaluations
			}
			b.ReportMetric(float64(evaluations)/float64(b.N), "plans")
		})
	}
}
