package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"rtmdl/internal/timeline"
	"rtmdl/scheduler/core"
	"rtmdl/scheduler/sim"
	"rtmdl/scheduler/task"
)

// simulation is what simulate is asked for.
type simulation struct {
	tasks, plan, policy, variant string
	mode, late, stop             string
	stopTime                     time.Duration
	slots, workers               int
	jobs                         int
	seed                         uint64
	slowdownError                float64
	json, timeline               string
	from, span                   float64
}

func simulateCommand() *cobra.Command {
	var o simulation
	c := &cobra.Command{
		Use:   "simulate --tasks FILE (--plan PLAN | --policy NAME)",
		Short: "Simulate a task set under a plan or a classic policy",
		Long: `Simulates a task set under a plan, or under a classic policy with one size of
network for all tasks, and prints how many jobs of each task miss their
deadlines and what accuracy the chosen variants cost.

Policies: ` + policyNames() + `.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return badInput(o.run(c)) },
	}
	f := c.Flags()
	f.StringVar(&o.tasks, "tasks", "", "task-set file (YAML)")
	f.StringVar(&o.plan, "plan", "", "plan file (YAML)")
	f.StringVar(&o.policy, "policy", "", "a policy in place of a plan")
	f.StringVar(&o.variant, "variant", "largest", "with --policy: largest (highest accuracy) or smallest (least infer_ms)")
	f.StringVar(&o.mode, "mode", "split", "split (queues for CPU and accelerator) or blackbox (a job holds both)")
	f.StringVar(&o.late, "late", "", "what becomes of late jobs: run, skip or abort (default: the file's)")
	f.StringVar(&o.stop, "stop", "never", "what becomes of an inference that is stopped for a more urgent one: restart or drop; never: none is")
	f.DurationVar(&o.stopTime, "stop-time", 800*time.Microsecond, "with --stop, how long the slot takes to be free")
	f.IntVar(&o.slots, "slots", 0, "accelerator slots, 1 or 2 (default: the file's)")
	f.IntVar(&o.workers, "cpu-workers", 0, "CPU workers (default: the file's)")
	f.IntVar(&o.jobs, "jobs", sim.DefaultJobs, "jobs of the slowest task")
	f.Uint64Var(&o.seed, "seed", 1, "seed of jitter and noise")
	f.Float64Var(&o.slowdownError, "slowdown-error", 0,
		"share by which the real slowdowns' excess over 1 differs from the table, either way at random, 0 to 1")
	f.StringVar(&o.json, "json", "", "write the results to this file, - for standard output")
	f.StringVar(&o.timeline, "timeline", "", "draw the schedule into this SVG file")
	f.Float64Var(&o.from, "timeline-from", 0, "where the picture begins, in ms")
	f.Float64Var(&o.span, "timeline-span", 0, "the time that it shows, in ms (default: 4 of the longest periods)")
	return c
}

func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%w: %s takes flags alone, got %q (see rtmdl %s --help)", errUsage, c.Name(), args[0], c.Name())
	}
	return nil
}

// badInput marks what is wrong with the user's files and numbers as such.
func badInput(err error) error {
	var problems task.Problems
	for _, of := range []error{sim.ErrHorizon, sim.ErrJobs, fs.ErrNotExist, fs.ErrPermission} {
		if errors.Is(err, of) {
			return errors.Join(err, errUsage)
		}
	}
	if errors.As(err, &problems) {
		return errors.Join(err, errUsage)
	}
	return err
}

func (o *simulation) run(c *cobra.Command) error {
	set, plan, cfg, err := o.load()
	if err != nil {
		return err
	}
	opt, err := o.options(set)
	if err != nil {
		return err
	}
	s, err := sim.New(set, cfg)
	if err != nil {
		return err
	}
	result, err := s.Run(plan, opt)
	if err != nil {
		return err
	}
	if o.timeline != "" {
		picture := timeline.Picture{
			Set: set, Plan: plan, Config: cfg, Trace: opt.Trace,
			From: task.FromMilliseconds(o.from), To: task.FromMilliseconds(o.from + o.span),
		}
		if err := os.WriteFile(o.timeline, picture.SVG(), 0o644); err != nil {
			return err
		}
	}
	if o.json != "" {
		if err := writeJSON(o.json, c.OutOrStdout(), newReport(set, result)); err != nil {
			return err
		}
	}
	if o.json != "-" {
		printReport(c.OutOrStdout(), set, result)
	}
	return nil
}

// load reads the files and settles what the flags leave open.
func (o *simulation) load() (set *task.Set, plan *task.Plan, cfg sim.Config, err error) {
	switch {
	case o.tasks == "":
		return nil, nil, cfg, fmt.Errorf("%w: --tasks FILE is missing", errUsage)
	case (o.plan == "") == (o.policy == ""):
		return nil, nil, cfg, fmt.Errorf("%w: want either --plan PLAN or --policy NAME", errUsage)
	}
	if set, err = task.ReadSet(o.tasks); err != nil {
		return nil, nil, cfg, err
	}
	cfg = sim.ConfigOf(set)
	if cfg.Mode, err = core.ParseMode(o.mode); err != nil {
		return nil, nil, cfg, fmt.Errorf("%w: --mode: %w", errUsage, err)
	}
	if cfg.Stop, err = core.ParseStopPolicy(o.stop); err != nil {
		return nil, nil, cfg, fmt.Errorf("%w: --stop: %w", errUsage, err)
	}
	if cfg.StopTime = o.stopTime; cfg.StopTime < 0 || cfg.StopTime > core.MaxTime {
		return nil, nil, cfg, fmt.Errorf("%w: --stop-time: %v: want 0 to %v", errUsage, cfg.StopTime, core.MaxTime)
	}
	if cfg.Stop != core.StopNever && cfg.Mode != core.Split {
		return nil, nil, cfg, fmt.Errorf("%w: --stop %v: only in mode split", errUsage, cfg.Stop)
	}
	if o.late != "" {
		if cfg.Late, err = core.ParseLatePolicy(o.late); err != nil {
			return nil, nil, cfg, fmt.Errorf("%w: --late: %w", errUsage, err)
		}
	}
	if o.slots != 0 {
		cfg.Slots = o.slots
	}
	if o.workers != 0 {
		cfg.CPUWorkers = o.workers
	}
	if cfg.Slots < 1 || cfg.Slots > 2 || cfg.CPUWorkers < 1 || cfg.CPUWorkers > core.MaxCPUWorkers {
		return nil, nil, cfg, fmt.Errorf("%w: --slots %d, --cpu-workers %d: want 1 or 2, and 1 to %d",
			errUsage, cfg.Slots, cfg.CPUWorkers, core.MaxCPUWorkers)
	}
	if o.plan != "" {
		plan, err = task.ReadPlan(o.plan, set)
		return set, plan, cfg, err
	}
	policy, err := policyNamed(o.policy)
	if err != nil {
		return nil, nil, cfg, err
	}
	cfg.Order = policy.order
	plan, err = policy.plan(set, o.variant)
	return set, plan, cfg, err
}

func (o *simulation) options(set *task.Set) (sim.Options, error) {
	opt := sim.Options{Jobs: o.jobs, Seed: o.seed, Percentiles: true}
	if o.jobs < 1 {
		return opt, fmt.Errorf("%w: --jobs %d: want 1 or more", errUsage, o.jobs)
	}
	if !(o.slowdownError >= 0 && o.slowdownError <= 1) {
		return opt, fmt.Errorf("%w: --slowdown-error %v: want 0 to 1", errUsage, o.slowdownError)
	}
	if o.slowdownError > 0 {
		opt.Slowdowns = sim.Excess.Mispredict(set, task.ToMillionths(o.slowdownError), o.seed)
	}
	if o.timeline != "" {
		if o.span == 0 {
			o.span = task.Milliseconds(4 * set.LongestPeriod())
		}
		if !(o.from >= 0 && o.span > 0 && o.from+o.span <= task.Milliseconds(task.MaxTime)) {
			return opt, fmt.Errorf("%w: --timeline-from %v, --timeline-span %v: want a span of time", errUsage, o.from, o.span)
		}
		opt.Trace = &sim.Trace{Until: max(task.FromMilliseconds(o.from+o.span), time.Nanosecond)}
	}
	return opt, nil
}
