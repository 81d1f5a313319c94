package profile

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"
)

// fakeBench takes the times that it is told to, on a clock of its own.
type fakeBench struct {
	now   time.Duration
	job   func(level, run int) time.Duration // of each of the three stages; run counts from 0
	runs  []int
	pairs int
	spins int
	order []int
	err   error
}

func (f *fakeBench) clock() time.Duration { return f.now }

func (f *fakeBench) Job(level int) (took Stages, err error) {
	for i := range took {
		took[i] = f.job(level, f.runs[level])
		f.now += took[i]
	}
	f.runs[level]++
	f.order = append(f.order, level)
	return took, f.err
}

func (f *fakeBench) Pair(_, _ int) (as, bs []time.Duration, err error) {
	f.pairs++
	f.now += 40 * time.Millisecond
	return milliseconds(20), milliseconds(10, 10), f.err
}

func (f *fakeBench) Spin() error { f.spins++; return nil }

func steady(int, int) time.Duration { return time.Millisecond }

// wild never settles: the median's interval stays as wide as the times.
func wild(_, run int) time.Duration { return time.Duration(1+run%2*9) * time.Millisecond }

func TestMeasure(t *testing.T) {
	for _, c := range []struct {
		name       string
		job        func(level, run int) time.Duration
		pairs      [][2]int
		time       time.Duration
		wantRounds int
	}{
		{"steady times end with the sixth round", steady, nil, time.Hour, 6},
		{"pairs are measured in the same rounds", steady, [][2]int{{0, 1}}, time.Hour, 6},
		{"no time at all is one round", wild, nil, 0, 1},
		{"what never settles ends with the time", wild, nil, 900 * time.Millisecond, 19}, // rounds of 9 and 90 ms by turns
		{"one level that does not settle keeps all going", func(level, run int) time.Duration {
			if level == 2 {
				return wild(level, run)
			}
			return time.Millisecond
		}, nil, 500 * time.Millisecond, 22},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := &fakeBench{job: c.job, runs: make([]int, 3)}
			s, err := Measure(t.Context(), f, Plan{Levels: 3, Pairs: c.pairs, Precision: 0.05, Time: c.time, Now: f.clock})
			if err != nil {
				t.Fatal(err)
			}
			if s.Rounds != c.wantRounds {
				t.Errorf("%d rounds, want %d", s.Rounds, c.wantRounds)
			}
			if f.pairs != len(c.pairs)*c.wantRounds {
				t.Errorf("%d runs of pairs", f.pairs)
			}
			if slices.Max(f.runs)-slices.Min(f.runs) > 1 {
				t.Errorf("levels ran %v times: not interleaved", f.runs)
			}
			for level := range s.Levels {
				for stage, samples := range s.Levels[level] {
					if len(samples) != f.runs[level] {
						t.Errorf("level %d has %d times of %v, of %d runs", level, len(samples), Stage(stage), f.runs[level])
					}
				}
			}
			if want := leastSpins - 1 + s.Rounds; f.spins < want || f.spins > want+1 {
				t.Errorf("%d spins in %d rounds", f.spins, s.Rounds)
			}
		})
	}
}

func TestEachRoundHasEveryLevelOnceInAnOrderOfItsOwn(t *testing.T) {
	f := &fakeBench{job: steady, runs: make([]int, 8)}
	if _, err := Measure(t.Context(), f, Plan{Levels: 8, Precision: 0.05, Time: time.Hour, Now: f.clock}); err != nil {
		t.Fatal(err)
	}
	var before []int
	for round := range slices.Chunk(f.order, 8) {
		if slices.Equal(round, before) {
			t.Errorf("the same order twice: %v", round)
		}
		before = round
		if !slices.Equal(slices.Sorted(slices.Values(round)), []int{0, 1, 2, 3, 4, 5, 6, 7}) {
			t.Errorf("not every level once: %v", round)
		}
	}
}

func TestMeasureTellsHowFarItIs(t *testing.T) {
	f := &fakeBench{job: wild, runs: make([]int, 2)}
	var told []Progress
	_, err := Measure(t.Context(), f, Plan{
		Levels: 2, Precision: 0.05, Time: 100 * time.Millisecond, Now: f.clock,
		Progress: func(p Progress) { told = append(told, p) },
	})
	if err != nil {
		t.Fatal(err)
	}
	want := Progress{Rounds: 1, All: 6, Elapsed: 6 * time.Millisecond, Left: 94 * time.Millisecond}
	if len(told) < 2 || told[0] != want {
		t.Errorf("told %+v, want %+v first", told, want)
	}
}

func TestMeasureEndsEarly(t *testing.T) {
	t.Run("when it is interrupted", func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		f := &fakeBench{runs: make([]int, 1), job: func(_, run int) time.Duration {
			if run == 3 {
				stop()
			}
			return time.Millisecond
		}}
		s, err := Measure(ctx, f, Plan{Levels: 1, Precision: 0.05, Time: time.Hour, Now: f.clock})
		if !errors.Is(err, context.Canceled) || s != nil || f.runs[0] != 4 {
			t.Errorf("got %v, %v after %d runs", s, err, f.runs[0])
		}
	})
	t.Run("when a stage fails", func(t *testing.T) {
		f := &fakeBench{runs: make([]int, 1), job: steady, err: errors.New("out of memory")}
		if _, err := Measure(t.Context(), f, Plan{Levels: 1, Precision: 0.05, Time: time.Hour, Now: f.clock}); !errors.Is(err, f.err) {
			t.Errorf("got %v", err)
		}
	})
}
