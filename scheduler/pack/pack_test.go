package pack

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

var million = big.NewInt(1e6)

func b(x int64) *big.Int { return big.NewInt(x) }

func mul(x, y *big.Int) *big.Int { return new(big.Int).Mul(x, y) }
func add(x, y *big.Int) *big.Int { return new(big.Int).Add(x, y) }
func sub(x, y *big.Int) *big.Int { return new(big.Int).Sub(x, y) }
func floor(x, y *big.Int) *big.Int {
	return new(big.Int).Div(x, y)
}
func ceil(x, y *big.Int) *big.Int { return new(big.Int).Div(sub(add(x, y), b(1)), y) }

// checkOften is rapid.Check with 30 times the cases.
func checkOften(t *testing.T, property func(*rapid.T)) {
	t.Helper()
	for range 30 {
		rapid.Check(t, property)
	}
}

// bigMayJoin is the rule as its text has it, in integers without end.
func bigMayJoin(rule Rule, now int64, r, c *Inference, runningIsMoreUrgent bool) bool {
	guarded := func(a Factor) *big.Int {
		return add(million, ceil(mul(b(int64(a-One)), b(int64(One+rule.Guard))), million))
	}
	pc, pr := guarded(c.Slow), guarded(r.Slow)
	if mul(add(pc, pr), million).Cmp(mul(pc, pr)) <= 0 {
		return false
	}
	end := func(wx, wy int64, px, py *big.Int) *big.Int {
		tx, ty := ceil(mul(b(wx), px), million), ceil(mul(b(wy), py), million)
		if tx.Cmp(ty) <= 0 {
			return add(b(now), tx)
		}
		rest := sub(b(wx), floor(mul(ty, million), px))
		if rest.Sign() < 0 {
			rest = b(0)
		}
		return add(add(b(now), ty), rest)
	}
	if runningIsMoreUrgent {
		e := end(r.Left, c.Left, pr, pc)
		return sub(e, b(r.Start)).Cmp(ceil(mul(b(r.Infer), b(int64(One+rule.Bound))), million)) <= 0 &&
			add(e, b(r.Post)).Cmp(b(r.Deadline)) <= 0
	}
	e := end(c.Left, r.Left, pc, pr)
	return e.Cmp(add(b(now), b(r.Left+c.Infer))) < 0 && add(e, b(c.Post)).Cmp(b(c.Deadline)) <= 0
}

func TestRuleIsThatOfIntegersWithoutEnd(t *testing.T) {
	yes, no := 0, 0
	checkOften(t, func(t *rapid.T) {
		most := rapid.SampledFrom([]int64{8, 1000, 1e9, 1e15}).Draw(t, "scale")
		length := func(what string) int64 { return rapid.Int64Range(0, most).Draw(t, what) }
		factor := func(least Factor, what string) Factor {
			top := rapid.SampledFrom([]Factor{One / 5, One, MaxFactor - One}).Draw(t, "top")
			return least + Factor(rapid.Int64Range(0, int64(top)).Draw(t, what))
		}
		rule := Rule{Bound: factor(0, "bound"), Guard: factor(0, "guard")}
		now := rapid.Int64Range(0, Forever).Draw(t, "now")
		r := Inference{Infer: length("infer of r"), Post: length("post of r"), Slow: factor(One, "slow of r")}
		r.Left = rapid.Int64Range(0, r.Infer).Draw(t, "left")
		r.Start = now - (r.Infer-r.Left)*rapid.Int64Range(1, 2).Draw(t, "stretched")
		c := Inference{Infer: length("infer of c"), Post: length("post of c"), Slow: factor(One, "slow of c")}
		c.Left = c.Infer
		r.Deadline = now + rapid.Int64Range(-most, 4*most).Draw(t, "deadline of r")
		c.Deadline = now + rapid.Int64Range(-most, 4*most).Draw(t, "deadline of c")
		urgent := rapid.Bool().Draw(t, "urgent")
		got, want := rule.MayJoin(now, &r, &c, urgent), bigMayJoin(rule, now, &r, &c, urgent)
		if got != want {
			t.Fatalf("%v, want %v", got, want)
		}
		if want {
			yes++
		} else {
			no++
		}
	})
	t.Logf("%d may join, %d may not", yes, no)
}

func TestWorkIsThatOfIntegersWithoutEnd(t *testing.T) {
	checkOften(t, func(t *rapid.T) {
		w := rapid.Int64Range(0, Forever).Draw(t, "work")
		a := Factor(rapid.Int64Range(0, 2*int64(MaxFactor*MaxFactor/One)).Draw(t, "factor"))
		want := ceil(mul(b(w), b(int64(a))), million)
		if want.Cmp(b(Forever)) > 0 {
			want = b(Forever)
		}
		if got := Stretch(w, a); b(got).Cmp(want) != 0 {
			t.Fatalf("stretch: %d, want %d", got, want)
		}
		if a += One; b(Done(w, a)).Cmp(floor(mul(b(w), million), b(int64(a)))) != 0 {
			t.Fatalf("done: %d", Done(w, a))
		}
	})
	if got := Stretch(math.MaxInt64, math.MaxInt64); got != Forever {
		t.Error(got)
	}
}

// TestJoinersUnderRuleAKeepTheBound: whoever joins a running inference under
// rule a, one after the other, it ends within its time alone and the bound,
// when the slowdowns are at most those of the table and the guard.
func TestJoinersUnderRuleAKeepTheBound(t *testing.T) {
	joined := 0
	checkOften(t, func(t *rapid.T) {
		rule := Rule{
			Bound: Factor(rapid.Int64Range(0, 500_000).Draw(t, "bound")),
			Guard: Factor(rapid.Int64Range(0, 500_000).Draw(t, "guard")),
		}
		infer := rapid.Int64Range(1, 10_000).Draw(t, "infer")
		now := int64(0)
		var shared Shared
		shared.Begin(0, infer)
		for range rapid.IntRange(1, 6).Draw(t, "candidates") {
			now += rapid.Int64Range(0, infer/2).Draw(t, "wait")
			if now >= shared.End(0) {
				break
			}
			c := Inference{
				Infer: rapid.Int64Range(0, infer).Draw(t, "joiner"), Deadline: Forever,
				Slow: One + Factor(rapid.Int64Range(0, 1_000_000).Draw(t, "slow of c")),
			}
			c.Left = c.Infer
			r := Inference{
				Infer: infer, Left: shared.Left(0, now), Deadline: Forever,
				Slow: One + Factor(rapid.Int64Range(0, 400_000).Draw(t, "slow of r")),
			}
			if !rule.MayJoin(now, &r, &c, true) {
				continue
			}
			joined++
			real := func(a Factor) Factor {
				return One + Factor(rapid.Int64Range(0, int64(rule.guarded(a)-One)).Draw(t, "real"))
			}
			shared.Settle(now)
			shared.Begin(1, c.Infer)
			shared.Slow(real(r.Slow), real(c.Slow))
			if shared.End(0) <= shared.End(1) {
				break
			}
			// The joiner ends, or is taken off before.
			now = rapid.Int64Range(now, shared.End(1)).Draw(t, "parted")
			shared.Settle(now)
			shared.Leave(1)
		}
		if end := shared.End(0); end > Stretch(infer, One+rule.Bound) {
			t.Fatalf("%d took %d", infer, end)
		}
	})
	if joined == 0 {
		t.Error("nobody joined")
	}
}
