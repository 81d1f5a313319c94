package analysis

import "math"

// relaxation is the Lagrangian one of a knapsack: with a price on each
// dimension the items fall apart, and
//
//	sum over items of min (loss + price * weight) - price * capacity
//
// is at most the optimum, whatever the prices (Geoffrion 1974; Kellerer et al.
// 2004, section 11.2). The best prices are found by bisection of one after the
// other; bad ones cost time and never correctness. Prices are floating-point,
// so that every comparison leaves a margin far above their rounding.
type relaxation struct {
	items    [][]Choice
	capacity [dimensions]int64
	prices   [][dimensions]float64 // several, each of which bounds
	rest     [][]float64           // by price and item: the sum of minima from there on
}

// margin is more than what rounding can add up to, in units of loss, for sums
// of losses up to 10^16 units (10,000 tasks).
const margin = 1000

func newRelaxation(items [][]Choice, capacity [dimensions]int64) *relaxation {
	r := &relaxation{items: items, capacity: capacity}
	var price [dimensions]float64
	for range 4 {
		for d := range price {
			if r.binds(d) {
				price[d] = r.bisect(price, d)
			}
		}
	}
	r.prices = append(r.prices, price)
	for d := range price {
		if r.binds(d) {
			var alone [dimensions]float64
			alone[d] = r.bisect(alone, d)
			r.prices = append(r.prices, alone)
		}
	}
	for _, p := range r.prices {
		rest := make([]float64, len(items)+1)
		for i := len(items) - 1; i >= 0; i-- {
			_, least := r.cheapest(i, p)
			rest[i] = rest[i+1] + least
		}
		r.rest = append(r.rest, rest)
	}
	return r
}

// binds reports whether a dimension can be exceeded at all.
func (r *relaxation) binds(d int) bool {
	sum := 0.0
	for _, item := range r.items {
		largest := int64(0)
		for _, c := range item {
			largest = max(largest, c.Weight[d])
		}
		sum += float64(largest)
	}
	return sum > float64(r.capacity[d])*(1-1e-9)
}

// active are the dimensions that bind.
func (r *relaxation) active() (out []int) {
	for d := range r.capacity {
		if r.binds(d) {
			out = append(out, d)
		}
	}
	return out
}

// relative is a weight as a share of the capacity, so that prices are losses.
func (r *relaxation) relative(w int64, d int) float64 {
	return float64(w) / float64(max(1, r.capacity[d]))
}

func (r *relaxation) cost(c *Choice, price [dimensions]float64) float64 {
	sum := float64(c.Loss)
	for d, p := range price {
		if p > 0 {
			sum += p * r.relative(c.Weight[d], d)
		}
	}
	return sum
}

func (r *relaxation) cheapest(i int, price [dimensions]float64) (choice int, least float64) {
	least = math.Inf(1)
	for c := range r.items[i] {
		if x := r.cost(&r.items[i][c], price); x < least {
			choice, least = c, x
		}
	}
	return choice, least
}

// used is what the cheapest choices take of a dimension, as a share.
func (r *relaxation) used(price [dimensions]float64, d int) float64 {
	sum := 0.0
	for i := range r.items {
		c, _ := r.cheapest(i, price)
		sum += r.relative(r.items[i][c].Weight[d], d)
	}
	return sum
}

// bisect returns the price of d, the others fixed, at which the cheapest
// choices begin to fit: there the bound, concave in the price, is largest.
func (r *relaxation) bisect(price [dimensions]float64, d int) float64 {
	low, high := 0.0, 1.0
	for price[d] = high; r.used(price, d) > 1 && high < 1e18; price[d] = high {
		low, high = high, high*4
	}
	for range 60 {
		price[d] = (low + high) / 2
		if r.used(price, d) > 1 {
			low = price[d]
		} else {
			high = price[d]
		}
	}
	return high
}

// promising reports whether a label of the items before i may become a pick
// better than best.
func (r *relaxation) promising(i int, l *label, best int64) bool {
	if l.loss >= best || !fits(l.weight, r.capacity) {
		return false
	}
	for k, price := range r.prices {
		least := float64(l.loss) + r.rest[k][i]
		for d, p := range price {
			if p > 0 {
				least -= p * (1 - r.relative(l.weight[d], d))
			}
		}
		if least > float64(best)+margin {
			return false
		}
	}
	return true
}

// bound is the best one over all items, rounded down.
func (r *relaxation) bound() int64 {
	best := 0.0
	for k, price := range r.prices {
		least := r.rest[k][0] - margin
		for _, p := range price {
			least -= p
		}
		best = max(best, least)
	}
	return int64(min(best, Unlimited))
}

// round makes a pick that fits of the cheapest choices, or nil: while the sums
// are too large, the exchange that costs the least loss for the excess it
// takes away; then what room is left is used.
func (r *relaxation) round() []int {
	pick := make([]int, len(r.items))
	var sum [dimensions]int64
	for i := range pick {
		pick[i], _ = r.cheapest(i, r.prices[0])
		for d := range sum {
			sum[d] += r.items[i][pick[i]].Weight[d]
		}
	}
	for excess := r.excess(sum); excess > 0; excess = r.excess(sum) {
		item, choice, least := -1, -1, math.Inf(1)
		for i := range pick {
			for c := range r.items[i] {
				gain := excess - r.excess(r.exchange(sum, i, pick[i], c))
				dearer := float64(r.items[i][c].Loss - r.items[i][pick[i]].Loss)
				if gain > 1e-15 && (dearer+1)/gain < least {
					item, choice, least = i, c, (dearer+1)/gain
				}
			}
		}
		if item < 0 {
			return nil
		}
		sum = r.exchange(sum, item, pick[item], choice)
		pick[item] = choice
	}
	for i := range pick {
		for c := range r.items[i] {
			next := r.exchange(sum, i, pick[i], c)
			if r.items[i][c].Loss < r.items[i][pick[i]].Loss && fits(next, r.capacity) {
				sum, pick[i] = next, c
			}
		}
	}
	return pick
}

// excess is by how much sums exceed the capacities, as shares of them.
func (r *relaxation) excess(sum [dimensions]int64) (excess float64) {
	for d := range sum {
		excess += r.relative(max(0, sum[d]-r.capacity[d]), d)
	}
	return excess
}

func (r *relaxation) exchange(sum [dimensions]int64, i, from, to int) [dimensions]int64 {
	for d := range sum {
		sum[d] += r.items[i][to].Weight[d] - r.items[i][from].Weight[d]
	}
	return sum
}
