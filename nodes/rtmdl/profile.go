//go:build cgo

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/manifest"
	"rtmdl/internal/monotonic"
	"rtmdl/internal/profile"
	"rtmdl/internal/profile/job"
	"rtmdl/internal/ros"
	"rtmdl/internal/suite"
)

// profileOptions are the flags of rtmdl profile.
type profileOptions struct {
	device, library   string
	models, bag, load string
	tasks             []string // names; empty: all
	cpu, accelerator  []int    // cores; empty: the suite's
	slots             int
	pairs, quiet      bool
	precision         float64
	time              time.Duration
	out, json, figure string
	publish           string // topic: this process is the camera of another one's load
}

func profileCommand(rosArgs []string) *cobra.Command {
	var o profileOptions
	c := &cobra.Command{
		Use:   "profile --out FILE",
		Short: "Time every stage of every level on this machine, and write a task set",
		Long: `Runs every level of the manifest on real pictures as the suite does, its stages on the threads and
cores that they have there, and writes their times as a task set for plan and simulate. With --pairs also how much
inferences of different tasks slow each other down on the accelerator's cores.

Rounds that run every level once go on until the 95 % interval of each median is narrower than --precision (or than
10 microseconds), or the time is up; what is not narrow enough is said. While it measures, a camera in a process of its
own publishes at 30 Hz, and this one receives; --load none measures without.

A fixed piece of work that is timed in between, and the system's count of involuntary switches, tell when the machine
is too noisy to trust the times. Task set and JSON say so: 'quiet', or 'noisy: <measure> <value> over <limit>'.`,
		Example: `  rtmdl profile --task lane --task sign --pairs --time 10m --out tasks.yaml --json profile.json
  rtmdl plan --tasks tasks.yaml --out plan.yaml`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.publish != "" {
				pictures, err := o.pictures(c.Context())
				if err != nil {
					return err
				}
				return job.Publish(c.Context(), o.publish, pictures, os.Stdin, rosArgs)
			}
			if err := o.check(); err != nil {
				return err
			}
			err := o.run(c.Context(), rosArgs)
			if errors.Is(err, context.Canceled) {
				return errors.New("interrupted: nothing was written")
			}
			return err
		},
	}
	f := c.Flags()
	f.StringVar(&o.device, "device", "cpu", "what runs the inferences: "+strings.Join(device.Names(), ", "))
	f.StringVar(&o.library, "onnxruntime-library", device.DefaultLibrary, "ONNX Runtime's library: a name that the system finds, or a path")
	f.StringSliceVar(&o.tasks, "task", nil, "a task to profile; may be given again (default: all)")
	f.StringVar(&o.models, "models", ros.Share("models"), "folder of the networks and their manifest.yaml")
	f.IntSliceVar(&o.cpu, "cpu-cores", nil, "cores (from 0) of pre- and post-processing (default: as the suite's)")
	f.IntSliceVar(&o.accelerator, "accelerator-cores", nil, "cores of inference (default: as the suite's)")
	f.IntVar(&o.slots, "slots", 1, "inferences at once, as the parameter accelerator_slots")
	f.BoolVar(&o.pairs, "pairs", false, "time pairs of inferences side by side, too")
	f.StringVar(&o.bag, "bag", ros.Share("internal/demo/demo.mcap"), "bag whose pictures go in; none: a drawn one")
	f.StringVar(&o.load, "load", "camera", "what else goes on: camera (30 Hz, over DDS) or none")
	f.Float64Var(&o.precision, "precision", 0.05, "width of a median's 95 % interval that is narrow enough, as a share of the median")
	f.DurationVar(&o.time, "time", 10*time.Minute, "stop after that time; the first round is completed in any case")
	f.StringVar(&o.out, "out", "", "task set to write (YAML)")
	f.StringVar(&o.json, "json", "", "write all figures to this file")
	f.StringVar(&o.figure, "figure", "", "draw the times into this file (.svg, .png or .pdf)")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "show no progress")
	f.StringVar(&o.publish, "publish", "", "be the camera that another one starts")
	_ = f.MarkHidden("publish") // it is there
	return c
}

// check finds what would otherwise be wrong only after minutes of measuring.
func (o *profileOptions) check() error {
	switch {
	case o.out == "":
		return fmt.Errorf("%w: --out FILE is missing", errUsage)
	case !slices.Contains(device.Names(), o.device):
		return fmt.Errorf("%w: --device %s: want one of %s", errUsage, o.device, strings.Join(device.Names(), ", "))
	case o.load != "camera" && o.load != "none":
		return fmt.Errorf("%w: --load %s: want camera or none", errUsage, o.load)
	case !(o.precision > 0 && o.precision <= 1):
		return fmt.Errorf("%w: --precision %v: want more than 0, up to 1", errUsage, o.precision)
	case o.time < 0:
		return fmt.Errorf("%w: --time %v: want 0 (one round) or more", errUsage, o.time)
	case o.figure != "" && !slices.Contains([]string{".svg", ".png", ".pdf"}, filepath.Ext(o.figure)):
		return fmt.Errorf("%w: --figure %s must end in .svg, .png or .pdf", errUsage, o.figure)
	}
	for _, file := range []string{o.out, o.json, o.figure} {
		if info, err := os.Stat(filepath.Dir(file)); err != nil || !info.IsDir() {
			return fmt.Errorf("%w: there is no folder %s for %s", errUsage, filepath.Dir(file), file)
		}
	}
	for _, name := range o.tasks {
		if !slices.ContainsFunc(suite.Tasks(), func(t suite.Task) bool { return t.Name == name }) {
			return fmt.Errorf("%w: there is no task '%s'", errUsage, name)
		}
	}
	return nil
}

func (o *profileOptions) run(ctx context.Context, rosArgs []string) (err error) {
	line := newStatusLine(o.quiet)
	defer line.clear()
	pictures, err := o.pictures(ctx)
	if err != nil {
		return err
	}
	camera.UseOneThread()
	var tasks []suite.Task
	var names []string
	deadlines := map[string]time.Duration{}
	for _, t := range suite.Tasks() {
		if len(o.tasks) == 0 || slices.Contains(o.tasks, t.Name) {
			tasks, names = append(tasks, t), append(names, t.Name)
			deadlines[t.Name] = t.Deadline
		}
	}
	models, err := manifest.Load(o.models, names...)
	if err != nil {
		return err
	}
	r := &profile.Report{Device: o.device, CPUModel: profile.CPUModel(), Precision: o.precision, Load: "none"}
	r.Pictures = fmt.Sprintf("%d of %s", len(pictures), filepath.Base(o.bag))
	if o.bag == "none" || o.bag == "" {
		r.Pictures = "a drawn one"
	}
	r.Cores.CPU, r.Cores.Accelerator = suite.DivideCores(device.Cores())
	if len(o.cpu) > 0 {
		r.Cores.CPU = o.cpu
	}
	if len(o.accelerator) > 0 {
		r.Cores.Accelerator = o.accelerator
	}
	levels, err := job.Open(job.Options{
		Models: models, Tasks: tasks, Device: o.device, Library: o.library, CPU: r.Cores.CPU, Accelerator: r.Cores.Accelerator, Slots: o.slots, Pictures: pictures,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, levels.Close()) }()
	if err := profile.Check(levels.All, deadlines); err != nil {
		return err
	}
	var load *job.Load
	if o.load == "camera" {
		if load, err = o.startLoad(ctx, rosArgs); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, load.Close()) }()
	}
	plan := profile.Plan{
		Levels: len(levels.All), Precision: o.precision, Time: o.time, Progress: showProgress(line, levels.All),
		Now: func() time.Duration { return time.Duration(monotonic.Now()) },
	}
	if o.pairs {
		plan.Pairs = levels.Pairs()
	}
	started := plan.Now()
	samples, err := profile.Measure(ctx, levels, plan)
	if err != nil {
		return err
	}
	r.Seconds = (plan.Now() - started).Seconds()
	if load != nil {
		r.Load = fmt.Sprintf("a camera of %d Hz in a process of its own, over DDS: %.1f frames a second came", profile.CameraRate, load.Rate())
	}
	r.Noise = levels.Noise.Judge()
	r.Fill(levels.All, plan.Pairs, samples)
	line.clear()
	if err := o.write(r, levels.All, deadlines); err != nil {
		return err
	}
	return printProfile(os.Stdout, r, o.out)
}

// pictures are what goes in.
func (o *profileOptions) pictures(ctx context.Context) ([][]byte, error) {
	if o.bag == "none" || o.bag == "" {
		return job.Drawn()
	}
	return job.ReadPictures(ctx, o.bag)
}

// startLoad starts this executable as a camera.
func (o *profileOptions) startLoad(ctx context.Context, rosArgs []string) (*job.Load, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	topic := fmt.Sprintf("rtmdl_profile_%d/image_raw", os.Getpid())
	args := append([]string{"profile", "--publish", topic, "--bag", o.bag}, rosArgs...)
	c := exec.Command(self, args...) // it ends with its input, so that it publishes as long as is measured
	c.Stderr = os.Stderr
	return job.StartLoad(ctx, c, topic, rosArgs)
}

// bar draws which part of a work is done; all is not 0.
func bar(done, all int) string {
	const width = 20
	full := width * done / all
	return "[" + strings.Repeat("#", full) + strings.Repeat(".", width-full) + "]"
}

// showProgress shows a bar of the medians that are narrow enough, and the time left.
func showProgress(line *statusLine, levels []profile.Level) func(profile.Progress) {
	return func(p profile.Progress) {
		widest := ""
		if p.Done < p.All {
			name := "a pair"
			if p.WidestLevel >= 0 {
				name = levels[p.WidestLevel].Task + "/" + levels[p.WidestLevel].Name
			}
			widest = fmt.Sprintf(", widest %.1f %% (%s)", 100*p.Widest, name)
		}
		line.show("%s round %d: %d of %d medians narrow enough%s; at most %v left",
			bar(p.Done, p.All), p.Rounds, p.Done, p.All, widest, p.Left.Round(time.Second))
	}
}

// write writes what was asked for, once all of it is made.
func (o *profileOptions) write(r *profile.Report, levels []profile.Level, deadlines map[string]time.Duration) error {
	set, err := r.Set(levels, deadlines)
	if err != nil {
		return err
	}
	files := map[string][]byte{o.out: append(r.Comment(), set.Marshal()...)}
	if o.json != "" {
		if files[o.json], err = r.JSON(); err != nil {
			return err
		}
	}
	if o.figure != "" {
		figure, err := r.Figure(filepath.Ext(o.figure)[1:])
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if _, err := figure.WriteTo(&b); err != nil {
			return err
		}
		files[o.figure] = b.Bytes()
	}
	for name, data := range files {
		if err := writeWhole(name, data); err != nil {
			return err
		}
	}
	return nil
}

// writeWhole writes a file that is there in whole or not at all.
func writeWhole(name string, data []byte) error {
	part := name + ".part"
	if err := os.WriteFile(part, data, 0o644); err != nil { //nolint:gosec // for everybody
		return errors.Join(err, os.RemoveAll(part))
	}
	return os.Rename(part, name)
}

func printProfile(out io.Writer, r *profile.Report, file string) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "level\tstage\tmedian ms\t95 %\tp90\tp99\tcv\tn")
	for _, l := range r.Levels {
		for _, stage := range []profile.Stage{profile.Pre, profile.Infer, profile.Post} {
			s := l.Stages[stage.String()]
			fmt.Fprintf(w, "%s/%s\t%v\t%.3f\t%.3f to %.3f\t%.3f\t%.3f\t%.2f\t%d\n",
				l.Task, l.Name, stage, s.Median, s.Low, s.High, s.P90, s.P99, s.CV, s.Count)
		}
	}
	for _, p := range r.Pairs {
		fmt.Fprintf(w, "%s beside %s\t\tx%.2f\t\t\t\t\t%d\n%s beside %s\t\tx%.2f\t\t\t\t\t%d\n",
			p.A, p.B, p.SlowA, p.Count, p.B, p.A, p.SlowB, p.Count)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	wide := "all medians narrow enough"
	if names := r.Wide(); len(names) > 0 {
		wide = "not narrow enough: " + strings.Join(names, "; ")
	}
	_, err := fmt.Fprintf(out, "%s\nload: %s\nnoise: %s\nwrote %s\n", wide, r.Load, r.Noise.Text, file)
	return err
}
