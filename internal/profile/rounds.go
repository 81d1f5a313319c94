package profile

import (
	"context"
	"math/rand/v2"
	"time"
)

// Stage is a part of a job.
type Stage int

// The stages in their order.
const (
	Pre Stage = iota
	Infer
	Post
	stages
)

// Stages has a time for each stage of a job; 0: the job has no such stage.
type Stages [stages]time.Duration

// String returns the stage's name in files.
func (s Stage) String() string { return [...]string{"pre", "infer", "post"}[s] }

// Bench runs what is timed. Levels are indices.
type Bench interface {
	// Job runs one job of a level, alone, and returns how long each of its stages took.
	Job(level int) (Stages, error)
	// Pair runs inferences of two levels side by side, and returns how long those took during which the other side ran
	// throughout: at least one of each.
	Pair(a, b int) (as, bs []time.Duration, err error)
	// Spin does a known amount of work on each thread that stages run on, for the verdict on noise.
	Spin() error
}

// Plan says what is timed, and until when.
type Plan struct {
	Levels    int      // how many there are
	Pairs     [][2]int // of levels; nil: none
	Precision float64  // width of a median's interval that is narrow enough, as a share of the median; > 0
	Time      time.Duration
	Now       func() time.Duration // a clock that never goes back
	Progress  func(Progress)       // nil: nobody is told
}

// Progress says how far the rounds are.
type Progress struct {
	Rounds        int // complete ones
	Done, All     int // medians that are narrow enough, of how many
	Widest        float64
	WidestLevel   int
	Elapsed, Left time.Duration // Left: at most
}

// Samples are the times that were measured.
type Samples struct {
	Rounds int
	Levels [][stages][]time.Duration // by level
	Pairs  [][2][]time.Duration      // by pair, of its first and second level
}

// leastSpins are what a verdict on noise takes, however few rounds there are.
const leastSpins = 10

// Measure runs rounds until all medians are known narrowly enough or the time is up. Each round runs every level and
// every pair once, in an order of its own, so that what drifts meets all alike. The first round is always completed.
// Errors are the context's and the bench's.
func Measure(ctx context.Context, bench Bench, p Plan) (*Samples, error) {
	s := &Samples{Levels: make([][stages][]time.Duration, p.Levels), Pairs: make([][2][]time.Duration, len(p.Pairs))}
	start := p.Now()
	order := rand.New(rand.NewPCG(1, 1))
	for range leastSpins - 1 {
		if err := bench.Spin(); err != nil {
			return nil, err
		}
	}
	for {
		if err := bench.Spin(); err != nil {
			return nil, err
		}
		for _, i := range order.Perm(p.Levels + len(p.Pairs)) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if s.Rounds > 0 && p.Now()-start >= p.Time {
				return s, nil
			}
			if err := s.add(bench, &p, i); err != nil {
				return nil, err
			}
		}
		s.Rounds++
		progress := s.progress(p.Precision)
		progress.Elapsed = p.Now() - start
		progress.Left = max(0, p.Time-progress.Elapsed)
		if p.Progress != nil {
			p.Progress(progress)
		}
		if progress.Done == progress.All || progress.Left == 0 {
			return s, nil
		}
	}
}

// add runs one job, or one pair.
func (s *Samples) add(bench Bench, p *Plan, i int) error {
	if i < p.Levels {
		took, err := bench.Job(i)
		for stage, d := range took {
			if d == 0 {
				continue
			}
			s.Levels[i][stage] = append(s.Levels[i][stage], d)
		}
		return err
	}
	i -= p.Levels
	as, bs, err := bench.Pair(p.Pairs[i][0], p.Pairs[i][1])
	s.Pairs[i][0] = append(s.Pairs[i][0], as...)
	s.Pairs[i][1] = append(s.Pairs[i][1], bs...)
	return err
}

func (s *Samples) progress(precision float64) Progress {
	p := Progress{Rounds: s.Rounds, Widest: -1}
	look := func(level int, samples []time.Duration) {
		if len(samples) == 0 {
			return
		}
		summary := Summarize(samples)
		p.All++
		if summary.Converged(precision) {
			p.Done++
		} else if summary.Width() > p.Widest {
			p.Widest, p.WidestLevel = summary.Width(), level
		}
	}
	for level := range s.Levels {
		for _, samples := range s.Levels[level] {
			look(level, samples)
		}
	}
	for i := range s.Pairs {
		for _, samples := range s.Pairs[i] {
			look(-1, samples)
		}
	}
	return p
}
