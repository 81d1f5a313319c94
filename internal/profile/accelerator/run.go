package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"rtmdl/internal/device"
	"rtmdl/internal/manifest"
	"rtmdl/internal/monotonic"
	"rtmdl/internal/profile"
)

// options are the flags.
type options struct {
	device, library, models, levels, out string
	gpu                                  int
	same                                 bool
	time                                 time.Duration
	precision                            float64
}

// result is the JSON: what rtmdl profile writes, and what is known of the machine, the networks and of stopping.
type result struct {
	profile.Report
	Machine machine             `json:"machine"`
	Loads   map[string]loading  `json:"loads"` // by task/level
	Stops   map[string]stopping `json:"stops"`
}

// loading is how a network came to the device.
type loading struct {
	Milliseconds float64 `json:"load_ms"`       // with the first run
	Whole        bool    `json:"whole"`         // every node runs on the device
	WhyNot       string  `json:"why,omitempty"` // what the device said, if not
}

// stopping is how long stopped inferences took to return.
type stopping struct {
	Count  int     `json:"n"`
	Done   int     `json:"done_before"` // those that were done before they were told
	Median float64 `json:"median_ms"`
	P90    float64 `json:"p90_ms"`
	Most   float64 `json:"most_ms"`
}

// run measures and writes JSON to the file that --out names, else to stdout.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	var o options
	f := flag.NewFlagSet("accelerator", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&o.device, "device", "cpu", "cpu, cuda or tensorrt")
	f.StringVar(&o.library, "library", "", "ONNX Runtime's library (default: "+device.DefaultLibrary+")")
	f.IntVar(&o.gpu, "gpu", 0, "number of the GPU")
	f.StringVar(&o.models, "models", "models", "folder with manifest.yaml and the networks")
	f.StringVar(&o.levels, "levels", "", "regular expression of the levels, task/level (default: all)")
	f.BoolVar(&o.same, "same-task", true, "time pairs of one task's levels, too")
	f.DurationVar(&o.time, "time", time.Minute, "time for the rounds; the first is completed in any case")
	f.Float64Var(&o.precision, "precision", 0.02, "width of a median's 95 % interval that is narrow enough, as a share of the median")
	f.StringVar(&o.out, "out", "", "file for the figures (default: standard output)")
	if err := f.Parse(args); err != nil {
		return err
	}
	r, err := o.measure(ctx, stderr)
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	data = append(data, '\n')
	if o.out == "" {
		_, err = stdout.Write(data)
		return err
	}
	return os.WriteFile(o.out, data, 0o644) //nolint:gosec // for everybody
}

func (o *options) measure(ctx context.Context, log io.Writer) (_ *result, err error) {
	filter, err := regexp.Compile(o.levels)
	if err != nil {
		return nil, fmt.Errorf("--levels: %w", err)
	}
	models, err := manifest.Load(o.models)
	if err != nil {
		return nil, err
	}
	open := func(whole bool) (device.Device, error) {
		return device.Open(o.device, device.Options{Library: o.library, GPU: o.gpu, Whole: whole})
	}
	d, err := open(false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	whole, err := open(true)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, whole.Close()) }()
	x, err := profile.NewInferences(d)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	r := &result{Machine: readMachine(ctx), Loads: map[string]loading{}, Stops: map[string]stopping{}}
	r.Device, r.CPUModel, r.Precision, r.Load, r.Pictures = o.device, profile.CPUModel(), o.precision, "none", "random numbers"
	for _, t := range models.Tasks {
		for _, l := range t.Levels {
			name := t.Name + "/" + l.Name
			if !filter.MatchString(name) {
				continue
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			started := monotonic.Now()
			model, loaded, err := loadModel(whole, d, filepath.Join(o.models, filepath.FromSlash(l.Path)))
			if err != nil {
				return nil, err
			}
			if err := x.Add(profile.NewLevel(&t, &l), model); err != nil {
				return nil, err
			}
			fillRandom(x.All[len(x.All)-1].Tensors, t.Input.Low, t.Input.High)
			if _, err := x.Run(len(x.All) - 1); err != nil {
				return nil, err
			}
			loaded.Milliseconds = milliseconds(time.Duration(monotonic.Now() - started))
			r.Loads[name] = loaded
			fmt.Fprintf(log, "%s: %.0f ms to load and run once, whole: %v\n", name, loaded.Milliseconds, loaded.Whole)
		}
	}
	if len(x.All) == 0 {
		return nil, fmt.Errorf("no level matches --levels %s", o.levels)
	}
	return r, r.fill(ctx, o, x, log)
}

// fill measures.
func (r *result) fill(ctx context.Context, o *options, x *profile.Inferences, log io.Writer) error {
	plan := profile.Plan{
		Levels: len(x.All), Pairs: x.Pairs(), Precision: o.precision, Time: o.time,
		Now: func() time.Duration { return time.Duration(monotonic.Now()) },
	}
	if o.same {
		plan.Pairs = append(plan.Pairs, x.SameTask()...)
	}
	started := plan.Now()
	samples, err := profile.Measure(ctx, x, plan)
	if err != nil {
		return err
	}
	r.Seconds = (plan.Now() - started).Seconds()
	r.Noise = x.Noise.Judge()
	r.Fill(x.All, plan.Pairs, samples)
	fmt.Fprintf(log, "%d rounds of %d levels and %d pairs in %.1f s, noise: %s\n",
		r.Rounds, len(x.All), len(plan.Pairs), r.Seconds, r.Noise.Text)
	return r.stop(ctx, x, samples)
}

// stop stops inferences of the longest levels, at random times of their course.
func (r *result) stop(ctx context.Context, x *profile.Inferences, s *profile.Samples) error {
	const longest, each = 3, 50
	byTime := make([]int, len(x.All))
	medians := make([]time.Duration, len(x.All))
	for i := range byTime {
		byTime[i], medians[i] = i, profile.Summarize(s.Levels[i][profile.Infer]).Median
	}
	slices.SortFunc(byTime, func(a, b int) int { return int(medians[b] - medians[a]) })
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same times at each run
	for _, i := range byTime[:min(longest, len(byTime))] {
		var took []time.Duration
		for range each {
			if err := ctx.Err(); err != nil {
				return err
			}
			t, stopped, err := x.Stop(i, time.Duration(random.Float64()*float64(medians[i])))
			if err != nil {
				return err
			}
			if stopped {
				took = append(took, t)
			}
		}
		summary := profile.Summarize(took)
		most := time.Duration(0)
		for _, t := range took {
			most = max(most, t)
		}
		r.Stops[x.All[i].Task+"/"+x.All[i].Name] = stopping{
			Count: len(took), Done: each - len(took), Median: milliseconds(summary.Median), P90: milliseconds(summary.P90),
			Most: milliseconds(most),
		}
	}
	return nil
}

// loadModel loads a network whole if the device can run all of it, else as it can.
func loadModel(whole, some device.Device, path string) (device.Model, loading, error) {
	m, refused := whole.Load(path)
	if refused == nil {
		return m, loading{Whole: true}, nil
	}
	m, err := some.Load(path)
	return m, loading{WhyNot: refused.Error()}, err
}

func fillRandom(t *device.Tensors, low, high float64) {
	random := rand.New(rand.NewPCG(1, 3)) //nolint:gosec // the same numbers at each run
	for _, in := range t.In {
		for i := range in {
			in[i] = float32(low + (high-low)*random.Float64())
		}
	}
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1e3 }
