package pack

import "math/bits"

// Stretch returns how long work w >= 0 lasts at slowdown a, ceil(w*a/10^6),
// Forever at most.
func Stretch(w int64, a Factor) int64 {
	hi, lo := bits.Mul64(uint64(w), uint64(a))
	lo, carry := bits.Add64(lo, uint64(One-1), 0)
	hi += carry
	if hi >= uint64(One) {
		return Forever
	}
	q, _ := bits.Div64(hi, lo, uint64(One))
	return int64(min(q, uint64(Forever)))
}

// Done returns the work that is done in t >= 0 ns at slowdown a >= One,
// floor(t*10^6/a).
func Done(t int64, a Factor) int64 {
	if a == One {
		return t
	}
	hi, lo := bits.Mul64(uint64(t), uint64(One))
	q, _ := bits.Div64(hi, lo, uint64(a)) // hi < 10^6 <= a
	return int64(q)
}

// less reports whether a*b < c*d.
func less(a, b, c, d uint64) bool {
	h1, l1 := bits.Mul64(a, b)
	h2, l2 := bits.Mul64(c, d)
	return h1 < h2 || h1 == h2 && l1 < l2
}
