package bench

import (
	"context"
	"slices"
	"strings"
	"time"

	"rtmdl/scheduler/plan"
	"rtmdl/scheduler/sim"
	"rtmdl/scheduler/task"
)

// dynamicsUnits plan for what a set says and then measure something else: more
// noise, throttling for 10 s, a task that arrives late, leaves early or doubles
// its rate, Poisson releases. The plan stays as it is; what a new plan would
// reach is in "planned for it" where the set can say it.
func dynamicsUnits(s scale) (out []unit, err error) {
	high, err := paperSet("high", "split")
	if err != nil {
		return nil, err
	}
	jobs := s.jobs
	for _, m := range []named{{"paper high, split", high}, {"car (placeholder times)", carSet()}} {
		horizon := time.Duration(jobs) * m.set.LongestPeriod()
		n := len(m.set.Tasks)
		one := func(c sim.TaskChange) *sim.Changes {
			all := &sim.Changes{Tasks: make([]sim.TaskChange, n)}
			all.Tasks[n-1] = c
			return all
		}
		poisson := &sim.Changes{}
		for range n {
			poisson.Tasks = append(poisson.Tasks, sim.TaskChange{Poisson: true})
		}
		cases := []struct {
			name    string
			cv      float64
			changes *sim.Changes
		}{
			{"as planned", -1, nil},
			{"cv 0.2", 0.2, nil},
			{"cv 0.5", 0.5, nil},
			{"times x1.3 for 10 s", -1, &sim.Changes{Throttles: []sim.Throttle{{From: 0, To: 10 * time.Second, Factor: 1_300_000}}}},
			{"last task arrives at half time", -1, one(sim.TaskChange{From: horizon / 2})},
			{"last task leaves at half time", -1, one(sim.TaskChange{To: horizon / 2})},
			{"last task doubles its rate at half time", -1, one(sim.TaskChange{FasterAt: horizon / 2, Period: m.set.Tasks[n-1].Period / 2})},
			{"Poisson releases", -1, poisson},
		}
		out = append(out, unit{"dynamics " + m.name, func(ctx context.Context) (out []Record, err error) {
			v := &solver{set: m.set, jobs: plan.DefaultJobs, time: s.time, seed: 1}
			p, err := v.planner(ctx, ours, plan.Options{})
			if err != nil {
				return nil, err
			}
			all := []*solution{p}
			for _, b := range v.policies() {
				if strings.HasSuffix(b.method, "split") || b.method == "EDF" || b.method == "EDF admission" {
					all = append(all, b)
				}
			}
			for _, c := range cases {
				set := noisier(m.set, c.cv)
				w := &solver{set: set, jobs: v.jobs, time: v.time, seed: v.seed}
				now := all
				if c.cv >= 0 {
					again, err := w.planner(ctx, "planned for it", plan.Options{})
					if err != nil {
						return nil, err
					}
					now = append(slices.Clone(all), again)
				}
				for _, m2 := range now {
					rs, err := w.measure(m2, "dynamics", m.name+", "+c.name, 0, jobs, seedsFrom(s.seed), sim.Options{Changes: c.changes})
					if err != nil {
						return nil, err
					}
					out = append(out, rs...)
				}
			}
			return out, nil
		}})
	}
	return out, nil
}

// noisier is the set with another cv, the same one if that is below 0.
func noisier(s *task.Set, cv float64) *task.Set {
	if cv < 0 {
		return s
	}
	c := *s
	c.Tasks = slices.Clone(s.Tasks)
	for i := range c.Tasks {
		c.Tasks[i].CV = cv
	}
	return &c
}
