package task

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rtmdl/scheduler/core"
)

// drawSet draws any valid set, at the edges of the ranges too.
func drawSet(t *rapid.T) *Set {
	span := func(least time.Duration) time.Duration {
		return time.Duration(rapid.Int64Range(int64(least), int64(MaxTime)).Draw(t, "time"))
	}
	factor := rapid.Custom(func(t *rapid.T) Millionths {
		return Millionths(rapid.Int64Range(0, int64(MaxFactor)).Draw(t, "factor"))
	})
	size := func() Bytes { return Bytes(rapid.Int64Range(0, int64(MaxBytes)).Draw(t, "size")) }
	rate := func() Rate { return Rate(rapid.Float64Range(0, 1).Draw(t, "rate")) }
	odd := rapid.SampledFrom([]string{"", "-", " x", "#", ": x", "é", "'", `"`, `\`, "50", "null", "~", "{", "😀", "<<", "."})
	name := func(i int) string {
		return rapid.SampledFrom([]string{"", "no", "w", "\u00a1", "1e", "[", "!", "&", "*", "?"}).Draw(t, "name") + fmt.Sprint(i) + odd.Draw(t, "odd")
	}
	s := NewSet()
	s.Platform = Platform{CPUWorkers: rapid.IntRange(1, core.MaxCPUWorkers).Draw(t, "m"), AcceleratorSlots: rapid.IntRange(1, 2).Draw(t, "slots")}
	s.Constraints = Constraints{Storage: size(), Late: core.LatePolicy(rapid.IntRange(0, 2).Draw(t, "late")),
		PackingBound: factor.Draw(t, "bound"), PackingGuard: factor.Draw(t, "guard")}
	var refs []Ref
	for i := range rapid.IntRange(1, 4).Draw(t, "tasks") {
		k := Task{Name: name(i), Period: span(1), Deadline: span(1), Offset: span(0), Jitter: span(0), MaxMissRate: rate(),
			CV: rapid.Float64Range(0, MaxCV).Draw(t, "cv"), Queue: rapid.IntRange(0, 1).Draw(t, "queue")}
		parts := []Part{{name(0), size()}, {name(1), size()}}
		for j := range rapid.IntRange(1, 3).Draw(t, "variants") {
			v := Variant{Name: name(j), Accuracy: rate(), Storage: size(), Pre: span(0), Infer: span(0), Post: span(0)}
			if n := rapid.IntRange(0, 2).Draw(t, "parts"); n > 0 {
				v.Shared = append(v.Shared, parts[:n]...)
			}
			k.Variants = append(k.Variants, v)
			refs = append(refs, Ref{i, j})
		}
		s.Tasks = append(s.Tasks, k)
	}
	for i := range refs {
		for j := range i {
			if rapid.Bool().Draw(t, "pair") {
				s.Packing = append(s.Packing, Pair{A: refs[i], B: refs[j],
					SlowA: max(One, factor.Draw(t, "slow")), SlowB: max(One, factor.Draw(t, "slow"))})
			}
		}
	}
	return s
}

func TestWhatIsWrittenReadsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSet(t)
		if err := s.Validate(); err != nil {
			t.Fatal(err)
		}
		text := s.Marshal()
		got, err := ParseSet("f", text)
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if diff := cmp.Diff(s, got); diff != "" {
			t.Fatalf("set differs (-want +got):\n%s", diff)
		}
		p := drawPlan(t, s)
		text = p.Marshal(s)
		back, err := ParsePlan("p", text, s)
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		if diff := cmp.Diff(p, back); diff != "" {
			t.Fatalf("plan differs (-want +got):\n%s", diff)
		}
	})
}

func drawPlan(t *rapid.T, s *Set) *Plan {
	p := &Plan{}
	for i := range s.Tasks {
		p.Variants = append(p.Variants, rapid.IntRange(0, len(s.Tasks[i].Variants)-1).Draw(t, "variant"))
		p.Priorities = append(p.Priorities, rapid.IntRange(-MaxPriority, MaxPriority).Draw(t, "priority"))
	}
	if rapid.Bool().Draw(t, "pairs") {
		p.Pairs = make([]bool, len(s.Packing))
		for i := range p.Pairs {
			p.Pairs[i] = rapid.Bool().Draw(t, "allowed")
		}
	}
	if rapid.Bool().Draw(t, "predicted") {
		p.Predicted = &Prediction{SumLoss: rapid.Float64Range(0, 9).Draw(t, "loss"), MeanLoss: 1e-20, MacroMissRate: 0.5,
			MaxMissRate: 1, Storage: 7, MissRates: make([]Rate, len(s.Tasks))}
		bound, proven := 0.1, true
		p.LowerBound, p.ProvenOptimal = &bound, &proven
		p.Infeasible, p.Broken = "not proven", []Broken{{"max_miss_rate of a: b", 0.25}}
	}
	return p
}

func TestDecimalNumbersAreReadExactly(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "-0": 0, "1": 1e6, "+1.": 1e6, ".000001": 1, "-0.1": -1e5, "1e-6": 1, "12.5E1": 125e6, "1e11": 1e17,
		"00012": 12e6, "0e9999999": 0, "100000000000e-11": 1e6,
	} {
		if got, err := parseMillionths(text); err != nil || got != want {
			t.Errorf("%q: %d, %v, want %d", text, got, err, want)
		}
	}
	for text, want := range map[string]error{
		"": errNumber, ".": errNumber, "1_0": errNumber, "0x1": errNumber, "1e": errNumber, "e1": errNumber, "--1": errNumber,
		".0000001": errDecimals, "1e12": errRange, "1e99999999999": errNumber, "1e999999": errRange, "1e-9999": errDecimals,
		"１": errNumber, "1 ": errNumber, "inf": errNumber,
	} {
		if got, err := parseMillionths(text); !errors.Is(err, want) {
			t.Errorf("%q: %d, %v, want %v", text, got, err, want)
		}
	}
	for _, m := range []int64{0, 1, -1, 999_999, 1_000_000, -1_500_000, math.MaxInt64 / 100, -math.MaxInt64 / 100} {
		if got, err := parseMillionths(formatMillionths(m)); err != nil || got != m {
			t.Errorf("%d: %s, %d, %v", m, formatMillionths(m), got, err)
		}
	}
}
