package bench

import (
	"context"
	"fmt"

	"rtmdl/scheduler/baseline"
	"rtmdl/scheduler/core"
	"rtmdl/scheduler/plan"
	"rtmdl/scheduler/task"
)

// mechanisms are what the factorial switches, in the order of its bits.
var mechanisms = []string{"queues", "variants", "priorities", "packing"}

// factorialUnits switch each mechanism on and off: without queues a job holds
// CPU and accelerator (blackbox; packing is then nothing and left out), without
// variants all are the original ones, without priorities these are
// deadline-monotonic, without packing nothing shares the accelerator.
func factorialUnits(s scale) (out []unit, err error) {
	sets := []named{{"car (placeholder times)", carSet()}}
	for _, load := range []string{"light", "high"} {
		set, err := paperSet(load, "split")
		if err != nil {
			return nil, err
		}
		sets = append(sets, named{"paper " + load + ", split", set})
	}
	for _, m := range sets {
		set := withPacking(m.set, 1_050_000, 1_600_000)
		for bits := range 16 {
			if bits&8 != 0 && bits&1 == 0 {
				continue
			}
			name := combination(bits)
			out = append(out, unit{"factorial " + m.name + " " + name, func(ctx context.Context) ([]Record, error) {
				v := &solver{set: set, jobs: plan.DefaultJobs, time: s.time, seed: 1}
				o := plan.Options{
					FixVariants: bits&2 == 0, FixOrder: bits&4 == 0, NoPacking: bits&8 == 0, First: original(set),
				}
				if bits&1 == 0 {
					o.Mode = core.BlackBox
				}
				p, err := v.planner(ctx, name, o)
				if err != nil {
					return nil, err
				}
				return v.measureAll([]*solution{p}, "factorial", m.name, float64(bits), s.jobs, seedsFrom(s.seed))
			}})
		}
	}
	return out, nil
}

func combination(bits int) string {
	name := ""
	for i, m := range mechanisms {
		if bits>>i&1 == 1 {
			if name != "" {
				name += " + "
			}
			name += m
		}
	}
	if name == "" {
		return "none (DM-NMC blackbox)"
	}
	return name
}

// original is DM with the original models.
func original(s *task.Set) *plan.Candidate {
	for _, p := range baseline.Policies() {
		if p.Name == "DM-NMC split" {
			made := p.Plan(s)
			order := make([]int, len(s.Tasks))
			for i, priority := range made.Priorities {
				order[priority] = i
			}
			return plan.NewCandidate(s, made.Variants, order)
		}
	}
	panic(fmt.Sprint("no deadline-monotonic policy among ", len(baseline.Policies())))
}
