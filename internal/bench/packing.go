package bench

import (
	"context"
	"fmt"
	"strings"

	"rtmdl/scheduler/plan"
	"rtmdl/scheduler/sim"
	"rtmdl/scheduler/task"
)

// packingUnits take the stage times as the set says, and with its noise (the
// predictions of the rule are nominal, and noise breaks them too). They let all pairs be slowed down alike, plan with the table, and
// measure with the table right, every excess over 1 20 % larger or smaller,
// and each at random one way or the other.
func packingUnits(s scale) (out []unit, err error) {
	base, err := paperSet("high", "split")
	if err != nil {
		return nil, err
	}
	for _, noise := range []string{"", ", cv 0.05"} {
		out = append(out, packingOf(s, base, noise)...)
	}
	return out, nil
}

func packingOf(s scale, base *task.Set, noise string) (out []unit) {
	if noise == "" {
		base = noisier(base, 0)
	}
	errors := []struct {
		name   string
		factor task.Millionths
	}{{"right", 1_000_000}, {"20 % too low", 1_200_000}, {"20 % too high", 800_000}, {"20 % either way", 0}}
	for _, alpha := range []task.Millionths{1_000_000, 1_100_000, 1_300_000, 1_600_000} {
		set := withPacking(base, alpha, alpha)
		out = append(out, unit{fmt.Sprintf("packing %v%s", alpha, noise), func(ctx context.Context) (out []Record, err error) {
			v := &solver{set: set, jobs: plan.DefaultJobs, time: s.time, seed: 1}
			p, err := v.planner(ctx, ours, plan.Options{})
			if err != nil {
				return nil, err
			}
			all := []*solution{p}
			for _, b := range v.policies() {
				if strings.Contains(b.method, "-like") {
					all = append(all, b)
				}
			}
			for _, e := range errors {
				for _, m := range all {
					o := sim.Options{Slowdowns: sim.Scale(set, e.factor)}
					if e.factor == 0 {
						o.Slowdowns = sim.Mispredict(set, 200_000, 1)
					}
					rs, err := v.measure(m, "packing", fmt.Sprintf("alpha %v%s, table %s", alpha, noise, e.name), alpha.Float(), s.jobs, seedsFrom(s.seed), o)
					if err != nil {
						return nil, err
					}
					out = append(out, rs...)
				}
			}
			return out, nil
		}})
	}
	return out
}
