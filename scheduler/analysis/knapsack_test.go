package analysis

import (
	"math/rand/v2"
	"testing"
)

func randomKnapsack(r *rand.Rand, n, levels int) *Knapsack {
	k := &Knapsack{Items: make([][]Choice, n)}
	var full [dimensions]int64
	for i := range k.Items {
		weight := [dimensions]int64{r.Int64N(1e6) + 1, r.Int64N(1e6) + 1, r.Int64N(1e6) + 1}
		for l := range levels {
			c := Choice{Loss: int64(l) * (r.Int64N(1e10) + 1)}
			for d := range c.Weight {
				c.Weight[d] = weight[d] * int64(10+r.IntN(levels)*(levels-l)) / 10
			}
			k.Items[i] = append(k.Items[i], c)
		}
		for d := range full {
			full[d] += k.Items[i][0].Weight[d]
		}
	}
	for d := range full {
		k.Capacity[d] = full[d] * int64(60+r.IntN(90)) / 100
	}
	return k
}

// exhaust tries every pick.
func exhaust(k *Knapsack, i int, loss int64, left [dimensions]int64) int64 {
	for _, l := range left {
		if l < 0 {
			return Unlimited
		}
	}
	if i == len(k.Items) {
		return loss
	}
	best := int64(Unlimited)
	for _, c := range k.Items[i] {
		next := left
		for d := range next {
			next[d] -= c.Weight[d]
		}
		best = min(best, exhaust(k, i+1, loss+c.Loss, next))
	}
	return best
}

func TestKnapsackIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	feasible := 0
	for range 2000 {
		k := randomKnapsack(r, 1+r.IntN(5), 1+r.IntN(5))
		want := exhaust(k, 0, 0, k.Capacity)
		got := k.Solve(0)
		if !got.Exact || got.Feasible != (want < Unlimited) || got.Feasible && got.Loss != want || got.Bound != want {
			t.Fatalf("want %d, got %+v of %+v", want, got, k)
		}
		if !got.Feasible {
			continue
		}
		feasible++
		left, loss := k.Capacity, int64(0)
		for i, c := range got.Pick {
			loss += k.Items[i][c].Loss
			for d := range left {
				left[d] -= k.Items[i][c].Weight[d]
			}
		}
		if loss != want || min(left[0], left[1], left[2]) < 0 {
			t.Fatalf("pick %v has loss %d, leaves %v", got.Pick, loss, left)
		}
	}
	if feasible < 500 {
		t.Errorf("only %d could be solved", feasible)
	}
}

func TestKnapsackWithoutWorkStillBounds(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		k := randomKnapsack(r, 8, 5)
		want := k.Solve(0)
		got := k.Solve(1)
		if got.Bound > want.Bound || got.Feasible && got.Loss < want.Loss {
			t.Fatalf("exact %+v, in short %+v", want, got)
		}
	}
}

func BenchmarkKnapsack(b *testing.B) {
	for _, n := range []int{4, 12, 64} {
		b.Run("n="+string(rune('0'+n/10))+string(rune('0'+n%10)), func(b *testing.B) {
			r := rand.New(rand.NewPCG(5, 6))
			exact, solved := 0, 0
			for b.Loop() {
				k := randomKnapsack(r, n, 9)
				k.Capacity[OnCPU], k.Capacity[InStorage] = Unlimited, Unlimited
				if solved++; k.Solve(0).Exact {
					exact++
				}
			}
			b.ReportMetric(float64(exact)/float64(solved), "exact")
		})
	}
}
