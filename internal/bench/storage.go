package bench

import (
	"context"
	"fmt"
	"slices"

	"rtmdl/scheduler/plan"
	"rtmdl/scheduler/task"
)

// storageUnits bound the storage to shares of that of the largest variants,
// with variants that have nothing in common and with a shared early part.
func storageUnits(s scale) (out []unit, err error) {
	sets, err := mixedSets()
	if err != nil {
		return nil, err
	}
	sets = append([]named{{"car (placeholder times)", carSet()}}, sets[:4]...)
	if !s.full {
		sets = sets[:2]
	}
	for _, m := range sets {
		for _, shared := range []bool{false, true} {
			for _, percent := range []int{100, 75, 50, 25} {
				set := *m.set
				set.Tasks = slices.Clone(set.Tasks)
				name := m.name
				if shared {
					name += ", shared layers"
					for i := range set.Tasks {
						set.Tasks[i].Variants = slices.Clone(set.Tasks[i].Variants)
						share(&set.Tasks[i])
					}
				}
				set.Constraints.Storage = max(1, largestStorage(&set)*task.Bytes(percent)/100)
				out = append(out, unit{fmt.Sprintf("storage %s %d", name, percent), func(ctx context.Context) ([]Record, error) {
					v := &solver{set: &set, jobs: plan.DefaultJobs, time: s.time / 2, seed: 1}
					p, err := v.planner(ctx, ours, plan.Options{})
					if err != nil {
						return nil, err
					}
					searched, err := v.searches(ctx)
					if err != nil {
						return nil, err
					}
					return v.measureAll(append([]*solution{p}, searched...), "storage", fmt.Sprintf("%s, %d %%", name, percent),
						float64(percent), plan.DefaultJobs, seedsFrom(1))
				}})
			}
		}
	}
	return out, nil
}
