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
// predictions of the rule are nominal, and noise breaks them too). They let all
// pairs be slowed down alike, plan with the table, and measure with the table
// right and with a table that is wrong in each way.
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

// The planner under stricter rules than the one of files.
const (
	oursCareful  = "planner, careful"              // progress booked at the guarded slowdowns
	oursEnlarged = "planner, careful, alpha +20 %" // and a table with every slowdown larger by 20 %, in place of the guard
)

// wrongTable is how a table of slowdowns is wrong.
type wrongTable struct {
	name    string
	reading sim.Reading
	factor  task.Millionths // of the real ones; 0: 20 % larger or smaller at random
}

// A table that is 20 % wrong can be so in what the slowdowns exceed 1 by, which
// the guard is for, or in the slowdowns themselves.
var wrongTables = []wrongTable{
	{"right", sim.Excess, task.One},
	{"excess 20 % too low", sim.Excess, 1_200_000},
	{"excess 20 % too high", sim.Excess, 800_000},
	{"excess 20 % either way", sim.Excess, 0},
	{"alpha 20 % too low", sim.Whole, 1_200_000},
	{"alpha 20 % too high", sim.Whole, 800_000},
	{"alpha 20 % either way", sim.Whole, 0},
}

func (w *wrongTable) slowdowns(set *task.Set, seed uint64) [][2]task.Millionths {
	if w.factor == 0 {
		return w.reading.Mispredict(set, 200_000, seed)
	}
	return w.reading.Scale(set, w.factor)
}

func packingOf(s scale, base *task.Set, noise string) (out []unit) {
	if noise == "" {
		base = noisier(base, 0)
	}
	for _, alpha := range []task.Millionths{1_000_000, 1_100_000, 1_300_000, 1_600_000} {
		set := withPacking(base, alpha, alpha)
		enlarged := withPacking(base, alpha+alpha/5, alpha+alpha/5)
		enlarged.Constraints.PackingGuard = 0
		out = append(out, unit{fmt.Sprintf("packing %v%s", alpha, noise), func(ctx context.Context) (out []Record, err error) {
			plain := &solver{set: set, jobs: plan.DefaultJobs, time: s.time, seed: 1}
			solvers := map[*solution]*solver{}
			var all []*solution
			for _, c := range []struct {
				solver *solver
				name   string
				o      plan.Options
			}{
				{plain, ours, plan.Options{}},
				{plain, oursCareful, plan.Options{Careful: true}},
				{&solver{set: enlarged, jobs: plain.jobs, time: plain.time, seed: plain.seed}, oursEnlarged, plan.Options{Careful: true}},
			} {
				p, err := c.solver.planner(ctx, c.name, c.o)
				if err != nil {
					return nil, err
				}
				all, solvers[p] = append(all, p), c.solver
			}
			for _, b := range plain.policies() {
				if strings.Contains(b.method, "-like") {
					all, solvers[b] = append(all, b), plain
				}
			}
			for _, w := range wrongTables {
				for _, m := range all {
					rs, err := measureWrong(solvers[m], m, set, w, s, alpha, noise)
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

// measureWrong simulates a solution with the real slowdowns, those of set made
// wrong. Without noise all seeds are one run, unless the table is drawn.
func measureWrong(v *solver, m *solution, set *task.Set, w wrongTable, s scale, alpha task.Millionths, noise string) (out []Record, err error) {
	seeds := seedsFrom(s.seed)
	if noise == "" && w.factor != 0 {
		seeds = seeds[:1]
	}
	for _, seed := range seeds {
		rs, err := v.measure(m, "packing", fmt.Sprintf("alpha %v%s, table %s", alpha, noise, w.name), alpha.Float(), s.jobs,
			[]uint64{seed}, sim.Options{Slowdowns: w.slowdowns(set, seed)})
		if err != nil {
			return nil, err
		}
		out = append(out, rs...)
	}
	return out, nil
}
