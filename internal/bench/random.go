package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"rtmdl/scheduler/generate"
	"rtmdl/scheduler/plan"
)

// randomUnits are the points of scenario random.
func randomUnits(s scale) (out []unit) {
	ns, step, jobs := []int{3, 4, 5, 6, 8, 12}, 1, 2000
	limit := 500 * time.Millisecond
	if !s.full {
		ns, step, jobs, limit = []int{3, 6, 12}, 2, 500, 150*time.Millisecond
	}
	for set := range s.sets {
		first := len(out)
		for _, n := range ns {
			for k := 5; k <= 15; k += step {
				for queue := range 2 {
					if !s.full && queue != (n/3+k/2)%2 {
						continue
					}
					u := float64(k) / 10
					key := fmt.Sprintf("random n=%d U=%.1f queue=%d set=%d", n, u, queue, set)
					out = append(out, unit{key, func(ctx context.Context) ([]Record, error) {
						seed := uint64(set)*1_000_000 + uint64(n)*10_000 + uint64(k)*100 + uint64(queue)
						o := generate.Options{Tasks: n, Utilisation: u, Queue: queue}
						exhaust := set < 3 && (n == 3 || n == 4) && s.full
						if exhaust && n == 4 {
							o.Levels = 5
						}
						return randomUnit(ctx, seed, o, jobs, limit, exhaust)
					}})
				}
			}
		}
		mixUp(out[first:])
	}
	return out
}

// mixUp puts units into a fixed random order, so that a run that ends early
// has some of everything.
func mixUp(units []unit) {
	order := generate.NewSource(1).Permutation(len(units))
	old := slices.Clone(units)
	for i, at := range order {
		units[i] = old[at]
	}
}

const exhaustiveLimit = 8 * time.Second

func randomUnit(ctx context.Context, seed uint64, o generate.Options, jobs int, limit time.Duration, exhaust bool) ([]Record, error) {
	set := generate.Set(seed, o)
	v := &solver{set: set, jobs: jobs, time: limit, seed: 1}
	all, err := v.methods(ctx)
	if err != nil {
		return nil, err
	}
	optimum := -1.0
	if exhaust {
		// Where it takes too long (it does where nothing is feasible) it is left out.
		limited, stop := context.WithTimeout(ctx, exhaustiveLimit)
		e, err := v.exhaustive(limited)
		stop()
		if err == nil {
			all = append(all, e)
			if !e.about.Infeasible {
				optimum = planLoss(set, e.plan)
			}
		} else if ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
			return nil, err
		}
	}
	records, err := v.measureAll(all, "random", fmt.Sprintf("U %.1f", o.Utilisation), o.Utilisation, jobs, seedsFrom(1))
	if err == nil && optimum >= 0 && records[0].Met {
		gapTo(optimum, records[:1])
	}
	return records, err
}

// gapUnits are the feasible random sets on which the planner is held against
// the optimum: n <= 4, 5 levels.
func gapUnits(s scale) (out []unit) {
	sets, limit := 200, 2*time.Second
	if !s.full {
		sets = 4
	}
	// The sets of 4 tasks come last: finding one that is feasible can take long.
	order := make([]int, sets)
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(a, b int) int { return a%3 - b%3 })
	for _, k := range order {
		out = append(out, unit{fmt.Sprintf("gap %d", k), func(ctx context.Context) ([]Record, error) {
			// The first set of the k-th sequence of seeds that has a feasible plan.
			for try := range uint64(200) {
				set := generate.Set(9_000_000+uint64(k)*1000+try, generate.Options{
					Tasks: 2 + k%3, Levels: 5, Utilisation: 0.6 + float64(k%8)/10, Queue: k / 3 % 2,
				})
				v := &solver{set: set, jobs: plan.DefaultJobs, time: limit, seed: 1}
				if none, err := plan.Hopeless(set, v.jobs); err != nil {
					return nil, err
				} else if none {
					continue // as the exhaustive search would say, at the end
				}
				// What takes longer is nearly always without a feasible plan.
				limited, stop := context.WithTimeout(ctx, 2*exhaustiveLimit)
				e, err := v.exhaustive(limited)
				stop()
				if ctx.Err() != nil {
					return nil, ctx.Err()
				}
				if errors.Is(err, context.DeadlineExceeded) || err == nil && e.about.Infeasible {
					continue
				}
				if err != nil {
					return nil, err
				}
				p, err := v.planner(ctx, ours, plan.Options{})
				if err != nil {
					return nil, err
				}
				records, err := v.measureAll([]*solution{p, e}, "gap", fmt.Sprintf("n %d", len(set.Tasks)), float64(len(set.Tasks)),
					plan.DefaultJobs, seedsFrom(1))
				if err == nil {
					gapTo(planLoss(set, e.plan), records[:1])
					if !records[0].Met {
						records[0].Gap = math.MaxFloat32 // no plan, or one that breaks a bound
					}
				}
				return records, err
			}
			return nil, nil
		}})
	}
	return out
}

// timeUnits measure how long it takes to find the plan that is returned at
// last, 9 levels.
func timeUnits(s scale) (out []unit) {
	for _, c := range []struct {
		n, sets int
		limit   time.Duration
	}{{3, 8, 5 * time.Second}, {4, 16, 5 * time.Second}, {6, 4, 10 * time.Second}, {12, 8, 10 * time.Second}, {32, 2, 30 * time.Second}, {64, 4, 60 * time.Second}} {
		if !s.full {
			if c.n > 12 {
				continue
			}
			c.sets, c.limit = 1, 2*time.Second
		}
		for k := range c.sets {
			out = append(out, unit{fmt.Sprintf("time n=%d set=%d", c.n, k), func(ctx context.Context) ([]Record, error) {
				set := generate.Set(5_000_000+uint64(c.n)*100+uint64(k), generate.Options{Tasks: c.n, Utilisation: []float64{0.9, 0.5, 1.1, 0.7}[k%4]})
				v := &solver{set: set, jobs: plan.DefaultJobs, time: c.limit, seed: 1}
				p, err := v.planner(ctx, ours, plan.Options{})
				if err != nil {
					return nil, err
				}
				return v.measureAll([]*solution{p}, "time", fmt.Sprintf("n %d", c.n), float64(c.n), plan.DefaultJobs, seedsFrom(1))
			}})
		}
	}
	return out
}
