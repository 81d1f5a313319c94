package bench

import (
	"context"
	"strings"

	"rtmdl/scheduler/plan"
	"rtmdl/scheduler/task"
)

// paperUnits are the four calibrations without packing, and those for split
// with it.
func paperUnits(s scale) (out []unit, err error) {
	for _, name := range paperCases {
		load, mode, _ := strings.Cut(name, " ")
		set, err := paperSet(load, mode)
		if err != nil {
			return nil, err
		}
		out = append(out, unit{"paper " + name, func(ctx context.Context) ([]Record, error) {
			return everything(ctx, set, "paper", name, s, true)
		}})
		if mode != "split" {
			continue
		}
		for _, slow := range slowdowns {
			packing := withPacking(set, slow.short, slow.long)
			out = append(out, unit{"paper " + name + " " + slow.name, func(ctx context.Context) ([]Record, error) {
				return packed(ctx, packing, "paper", name+", packing "+slow.name, s)
			}})
		}
	}
	return out, nil
}

// slowdowns are those of scenario paper's packing tables.
var slowdowns = []struct {
	name        string
	short, long task.Millionths
}{
	{"1.05/1.6", 1_050_000, 1_600_000},
	{"1.0/1.3", 1_000_000, 1_300_000},
	{"1.2/1.9", 1_200_000, 1_900_000},
}

// everything runs all methods on a set.
func everything(ctx context.Context, set *task.Set, scenario, name string, s scale, exhaust bool) ([]Record, error) {
	v := &solver{set: set, jobs: plan.DefaultJobs, time: s.time, seed: 1}
	all, err := v.methods(ctx)
	if err != nil {
		return nil, err
	}
	optimum := -1.0
	if exhaust {
		e, err := v.exhaustive(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
		if !e.about.Infeasible {
			optimum = planLoss(set, e.plan)
		}
	}
	out, err := v.measureAll(all, scenario, name, 0, s.jobs, seedsFrom(s.seed))
	if optimum >= 0 {
		gapTo(optimum, out[:s.seed]) // ours come first
	}
	return out, err
}

// packed runs the planner with and without packing, and the packing baselines.
func packed(ctx context.Context, set *task.Set, scenario, name string, s scale) ([]Record, error) {
	v := &solver{set: set, jobs: plan.DefaultJobs, time: s.time, seed: 1}
	with, err := v.planner(ctx, ours, plan.Options{})
	if err != nil {
		return nil, err
	}
	without, err := v.planner(ctx, oursUnpacked, plan.Options{NoPacking: true})
	if err != nil {
		return nil, err
	}
	all := []*solution{with, without}
	for _, p := range v.policies() {
		if strings.Contains(p.method, "-like") || p.method == "DM-NMC split" {
			all = append(all, p)
		}
	}
	return v.measureAll(all, scenario, name, 0, s.jobs, seedsFrom(s.seed))
}

func carUnits(s scale) []unit {
	return []unit{
		{"car", func(ctx context.Context) ([]Record, error) {
			return everything(ctx, carSet(), "car", "car (placeholder times)", s, false)
		}},
		{"car packing", func(ctx context.Context) ([]Record, error) {
			return packed(ctx, withPacking(carSet(), 1_050_000, 1_600_000), "car", "car (placeholder times), packing 1.05/1.6", s)
		}},
	}
}

func mixedUnits(s scale) (out []unit, err error) {
	sets, err := mixedSets()
	for i, m := range sets {
		if !s.full && i%3 != 1 {
			continue
		}
		jobs := s
		jobs.seed = 1 // no noise, no jitter
		out = append(out, unit{m.name, func(ctx context.Context) ([]Record, error) {
			return everything(ctx, m.set, "mixed", m.name, jobs, false)
		}})
	}
	return out, err
}
