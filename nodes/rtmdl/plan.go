package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"rtmdl/internal/planning"
	"rtmdl/scheduler/plan"
	"rtmdl/scheduler/task"
)

func planCommand() *cobra.Command {
	var tasks, out string
	var o planning.Options
	var quiet bool
	c := &cobra.Command{
		Use:   "plan --tasks FILE --out PLAN",
		Short: "Choose variants, priorities and packing at the least loss of accuracy",
		Long: `Chooses for each task a variant and a priority, and the pairs that may share
the accelerator, so that no task misses more deadlines than it may and the
storage suffices, at the least sum of accuracy losses. Feasible is what a
simulation over --jobs jobs finds feasible; a set with noise or jitter is
judged on several seeds, and again on fresh ones.

The search ends when the plan is proven optimal, after --time, or when
interrupted, and the best plan found is written in each case. Without a
feasible plan it is the least bad one, and the exit code is 3.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			switch {
			case tasks == "":
				return fmt.Errorf("%w: --tasks FILE is missing", errUsage)
			case out == "":
				return fmt.Errorf("%w: --out PLAN is missing", errUsage)
			case o.Jobs < 1:
				return fmt.Errorf("%w: --jobs %d: want 1 or more", errUsage, o.Jobs)
			case o.Time < 0:
				return fmt.Errorf("%w: --time %v: want 0 (until done) or more", errUsage, o.Time)
			}
			set, err := task.ReadSet(tasks)
			if err != nil {
				return badInput(err)
			}
			line := newStatusLine(quiet)
			o.Progress = func(p planning.Progress) {
				best := "none feasible yet"
				if p.Feasible {
					best = fmt.Sprintf("loss %.4f", p.Loss)
				}
				line.show("%.1f s: %s, at least %.4f; %d plans simulated", p.Elapsed.Seconds(), best, p.Bound, p.Evaluations)
			}
			r, err := planning.Run(c.Context(), set, o)
			line.end()
			if err != nil {
				return badInput(err)
			}
			if err := r.Plan.WriteFile(out, set); err != nil {
				return badInput(err)
			}
			return printPlan(c, set, r)
		},
	}
	f := c.Flags()
	f.StringVar(&tasks, "tasks", "", "task-set file (YAML)")
	f.StringVar(&out, "out", "", "plan file to write (YAML)")
	f.IntVar(&o.Jobs, "jobs", plan.DefaultJobs, "jobs of the slowest task in a simulation")
	f.DurationVar(&o.Time, "time", 2*time.Second, "stop the search after that time (0: when it is done)")
	f.Uint64Var(&o.Seed, "seed", 1, "seed of the search, and the first one of jitter and noise")
	f.IntVar(&o.Workers, "workers", 0, "simulations at a time (0: one a core)")
	f.BoolVarP(&quiet, "quiet", "q", false, "show no progress")
	return c
}

func printPlan(c *cobra.Command, s *task.Set, r *planning.Outcome) error {
	w := c.OutOrStdout()
	for priority := range s.Tasks {
		for i := range s.Tasks {
			if r.Plan.Priorities[i] == priority {
				fmt.Fprintf(w, "%3d  %s/%s  loss %.4f, misses %.2f %% of %.2f %%\n", priority, s.Tasks[i].Name,
					s.Tasks[i].Variants[r.Plan.Variants[i]].Name, s.Tasks[i].Loss(r.Plan.Variants[i]),
					100*float64(r.Plan.Predicted.MissRates[i]), 100*float64(s.Tasks[i].MaxMissRate))
			}
		}
	}
	fmt.Fprintf(w, "sum of losses %.6f, at least %.6f%s; %d plans simulated in %.2f s, this one found after %.2f s\n",
		r.Plan.Predicted.SumLoss, r.LowerBound, map[bool]string{true: " (proven optimal)"}[r.ProvenOptimal],
		r.Evaluations, r.Took.Seconds(), r.FoundAfter.Seconds())
	if r.Feasible {
		return nil
	}
	err := fmt.Errorf("%w: infeasible: %s", errInfeasible, r.Plan.Infeasible)
	for _, b := range r.Plan.Broken {
		err = errors.Join(err, fmt.Errorf("%s is exceeded by %.6g", b.Constraint, b.By))
	}
	if r.Interrupted {
		fmt.Fprintln(os.Stderr, "interrupted before the search was done")
	}
	return err
}
