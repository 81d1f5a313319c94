//go:build cgo

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rtmdl/internal/livebench"
	"rtmdl/internal/livebench/rig"
	"rtmdl/internal/manifest"
	"rtmdl/internal/profile"
	"rtmdl/internal/profile/job"
	"rtmdl/internal/ros"
	"rtmdl/scheduler/task"
)

// liveBenchOptions are the flags of rtmdl live-bench.
type liveBenchOptions struct {
	livebench.Options
	out, bag    string
	goOn, quick bool
	mute        bool
}

func liveBenchCommand() *cobra.Command {
	var o liveBenchOptions
	c := &cobra.Command{
		Use:   "live-bench",
		Short: "Compare the suite with plain nodes, live, at rising rates of the camera",
		Long: `Plays the demo's pictures, at each rate, to three plain nodes on rclpy, to three in Go, and to the suite, all over
real topics, and writes what came back in time, what it cost in accuracy, and latencies to results.json, with
Markdown and figures. The file is written after each run; with --continue, what is in it is not measured again.
Rates are 10, 20 to 60 Hz, and on until the first method misses half. Run it on a machine that does nothing else.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			err := o.run(c.Context())
			if errors.Is(err, context.Canceled) {
				return fmt.Errorf("interrupted: what was measured is in %s; --continue goes on", o.out)
			}
			if errors.Is(err, livebench.ErrMethod) {
				err = errors.Join(err, errUsage)
			}
			return err
		},
	}
	f := c.Flags()
	f.Float64SliceVar(&o.Rates, "rates", nil, "rates in Hz (comma-separated; default: 10 to 60, and on)")
	f.StringSliceVar(&o.Methods, "methods", nil, "methods (comma-separated; default: "+strings.Join(methodNames(), ", ")+")")
	f.IntVar(&o.Settings, "settings", 0, "try so many of the four settings of plain nodes (0: all)")
	f.Float64Var(&o.Seconds, "seconds", 15, "play so long in each run")
	f.DurationVar(&o.Limit, "limit", 40*time.Minute, "begin no run after that time (0: no limit)")
	f.BoolVar(&o.quick, "quick", false, "20 and 40 Hz, 3 s, one setting: a look at whether it works")
	f.BoolVar(&o.goOn, "continue", false, "keep what the folder has already, and measure the rest")
	f.StringVar(&o.out, "out", "out/live-bench", "folder for the results")
	f.StringVar(&o.bag, "bag", ros.Share("internal/demo/demo.mcap"), "bag with a topic of compressed pictures")
	f.BoolVarP(&o.mute, "quiet", "q", false, "show no progress")
	return c
}

func (o *liveBenchOptions) check() error {
	if o.quick {
		o.Rates, o.Seconds, o.Settings = []float64{20, 40}, 3, 1
	}
	for _, rate := range o.Rates {
		if !(rate > 0 && rate <= 1000) {
			return fmt.Errorf("%w: --rates has %v: want more than 0, up to 1000", errUsage, rate)
		}
	}
	switch {
	case !(o.Seconds > 0 && o.Seconds <= 3600):
		return fmt.Errorf("%w: --seconds %v: want more than 0, up to 3600", errUsage, o.Seconds)
	case o.Settings < 0:
		return fmt.Errorf("%w: --settings %d: want 0 or more", errUsage, o.Settings)
	}
	return nil
}

func (o *liveBenchOptions) run(ctx context.Context) (err error) {
	file := filepath.Join(o.out, "results.json")
	results := &livebench.Results{}
	if o.goOn {
		if results, err = livebench.Read(file); err != nil {
			return badInput(err)
		}
	}
	results.Machine = livebench.Machine{CPU: profile.CPUModel(), Cores: runtime.NumCPU()}
	r, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	line := newStatusLine(o.mute)
	defer line.end()
	o.Started = showRuns(line)
	o.After = func(r *livebench.Results) error { return r.Write(file) }
	if err = livebench.Bench(ctx, r, o.Options, results); ctx.Err() != nil || len(results.Runs) == 0 {
		return err
	}
	return errors.Join(err, predict(ctx, results, o.out), writeLive(results, o.out))
}

// predict adds what the simulator has for the runs, where there is a profile.
func predict(ctx context.Context, r *livebench.Results, out string) error {
	set, err := task.ReadSet(livebench.Profile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = r.Predict(ctx, set)
	}
	return errors.Join(err, r.Write(filepath.Join(out, "results.json")))
}

// open reads what is played and what is known of the networks, and joins ROS.
func (o *liveBenchOptions) open(ctx context.Context) (*rig.Rig, error) {
	models := ros.Share("models")
	if ros.Share("nodes/plain_rclpy/plain_rclpy.py") == "" {
		return nil, errors.New("the plain nodes are not beside this executable: run live-bench in a checkout (make live-bench)")
	}
	m, err := manifest.Load(models)
	if err != nil {
		return nil, err
	}
	o.Tasks = m.Tasks
	var tasks []string
	for _, t := range m.Tasks {
		tasks = append(tasks, t.Name)
	}
	pictures, err := job.AllPictures(ctx, o.bag)
	if err != nil {
		return nil, err
	}
	logs, err := filepath.Abs(filepath.Join(o.out, "logs"))
	if err != nil {
		return nil, err
	}
	if os.Getenv("ROS_DOMAIN_ID") == "" { // nobody else's topics
		err = os.Setenv("ROS_DOMAIN_ID", strconv.Itoa(1+os.Getpid()%100))
	}
	err = errors.Join(err, os.Setenv("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST"), os.MkdirAll(logs, 0o755))
	if err != nil {
		return nil, err
	}
	return rig.Open(rig.Options{Root: filepath.Dir(models), Logs: logs, Tasks: tasks, Pictures: pictures})
}

// showRuns shows a bar of the runs that are done, and the time left.
func showRuns(line *statusLine) func(what string, done, all int) {
	started := time.Now()
	return func(what string, done, all int) {
		left := ""
		if done > 0 {
			left = fmt.Sprintf(", about %v left", (time.Since(started) * time.Duration(all-done) / time.Duration(done)).Round(10*time.Second))
		}
		line.show("%s run %d of %d%s: %s", bar(done, all), done+1, all, left, what)
	}
}

// writeLive writes the Markdown and the figures of results beside them.
func writeLive(r *livebench.Results, folder string) error {
	figures, err := r.Figures(filepath.Join(folder, "figures"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "results.md"), r.Markdown("# Live", "figures", figures), 0o644)
}

func methodNames() (names []string) {
	for _, m := range livebench.Methods {
		names = append(names, m.Name)
	}
	return names
}
