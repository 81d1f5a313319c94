package scale

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rtmdl/scheduler/task"
)

func level(name string, accuracy float64, ms int, own task.Bytes, shared ...task.Part) task.Variant {
	return task.Variant{Name: name, Accuracy: task.Rate(accuracy), Storage: own, Shared: shared, Infer: time.Duration(ms) * time.Millisecond}
}

var early, late = task.Part{Name: "early", Size: 100}, task.Part{Name: "late", Size: 300}

// trio is a family of three that share two parts.
func trio() *task.Task {
	return &task.Task{Name: "t", Variants: []task.Variant{
		level("large", 0.8, 10, 50, early, late), level("middle", 0.6, 6, 40, early), level("small", 0.4, 2, 30),
	}}
}

func TestFrontierByHand(t *testing.T) {
	got, err := Frontier(trio())
	if err != nil {
		t.Fatal(err)
	}
	// The small level alone loses a half at each of the three times, with the middle one a half, a quarter and a quarter,
	// with all three a half, a quarter and nothing. Large and small have the middle one's loss for more storage.
	want := []Choice{{[]int{2}, 30, 0.5}, {[]int{1, 2}, 170, 1.0 / 3}, {[]int{0, 1, 2}, 520, 0.25}}
	if !slices.EqualFunc(got, want, func(a, b Choice) bool {
		return slices.Equal(a.Levels, b.Levels) && a.Storage == b.Storage && math.Abs(a.Loss-b.Loss) < 1e-12
	}) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for budget, index := range map[task.Bytes]int{30: 0, 169: 0, 170: 1, 519: 1, 1000: 2} {
		if i, err := Within(got, budget); i != index || err != nil {
			t.Errorf("budget %d: %d, %v", budget, i, err)
		}
	}
	if _, err := Within(got, 29); !errors.Is(err, ErrBudget) {
		t.Errorf("budget 29: %v", err)
	}
}

func TestFamiliesThatAreRefused(t *testing.T) {
	for _, n := range []int{0, MostLevels + 1} {
		if _, err := Frontier(&task.Task{Variants: make([]task.Variant, n)}); !errors.Is(err, ErrLevels) {
			t.Errorf("%d levels: %v", n, err)
		}
	}
}

func drawn(t *rapid.T) *task.Task {
	sizes := map[string]task.Bytes{}
	for _, name := range []string{"a", "b", "c"} {
		sizes[name] = task.Bytes(rapid.IntRange(0, 50).Draw(t, name))
	}
	s := &task.Task{Name: "t"}
	for i := range rapid.IntRange(1, 7).Draw(t, "levels") {
		v := level(fmt.Sprint(i), float64(rapid.IntRange(1, 20).Draw(t, "accuracy"))/20,
			rapid.IntRange(1, 9).Draw(t, "ms"), task.Bytes(rapid.IntRange(0, 50).Draw(t, "own")))
		for _, name := range []string{"a", "b", "c"}[:rapid.IntRange(0, 3).Draw(t, "parts")] {
			v.Shared = append(v.Shared, task.Part{Name: name, Size: sizes[name]})
		}
		s.Variants = append(s.Variants, v)
	}
	return s
}

// naive asks for each time anew what would run, and adds up storage by names.
func naive(s *task.Task, kept []int) (storage task.Bytes, loss float64) {
	parts := map[string]task.Bytes{}
	for _, k := range kept {
		storage += s.Variants[k].Storage
		for _, p := range s.Variants[k].Shared {
			parts[p.Name] = p.Size
		}
	}
	for _, size := range parts {
		storage += size
	}
	most := 0.0
	for _, v := range s.Variants {
		most = max(most, float64(v.Accuracy))
	}
	for _, spare := range s.Variants {
		best := 0.0
		for _, k := range kept {
			if s.Variants[k].Infer <= spare.Infer {
				best = max(best, float64(s.Variants[k].Accuracy))
			}
		}
		loss += (most - best) / most / float64(len(s.Variants))
	}
	return storage, loss
}

func TestAgainstANaiveOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawn(t)
		frontier, err := Frontier(s)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range frontier {
			storage, loss := naive(s, c.Levels)
			if storage != c.Storage || math.Abs(loss-c.Loss) > 1e-9 {
				t.Fatalf("%v: storage %d, loss %g; naive %d, %g", c.Levels, c.Storage, c.Loss, storage, loss)
			}
			if i > 0 && (c.Storage <= frontier[i-1].Storage || c.Loss >= frontier[i-1].Loss) {
				t.Fatalf("%+v does not outdo %+v", c, frontier[i-1])
			}
		}
		budget := task.Bytes(rapid.IntRange(0, 600).Draw(t, "budget"))
		best := 2.0
		for mask := 1; mask < 1<<len(s.Variants); mask++ {
			var kept []int
			for i := range s.Variants {
				if mask>>i&1 == 1 {
					kept = append(kept, i)
				}
			}
			if storage, loss := naive(s, kept); storage <= budget {
				best = min(best, loss)
			}
		}
		i, err := Within(frontier, budget)
		if (err == nil) != (best < 2) || err == nil && math.Abs(frontier[i].Loss-best) > 1e-9 {
			t.Fatalf("budget %d: %v, %v; the best has %g", budget, i, err, best)
		}
	})
}

func BenchmarkFrontier(b *testing.B) {
	s := &task.Task{Name: "t"}
	for i := range 12 {
		s.Variants = append(s.Variants, level(fmt.Sprint(i), 0.5+0.04*float64(i), i+1, task.Bytes(100*i), early, late))
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Frontier(s); err != nil {
			b.Fatal(err)
		}
	}
}
