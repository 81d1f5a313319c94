package livebench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"rtmdl/internal/manifest"
)

// ErrMethod is returned for a method that there is none of.
var ErrMethod = errors.New("unknown method")

// Measurer makes runs.
type Measurer interface {
	// Measure starts programs (see Method.Programs), plays pictures to them at a rate in Hz for some seconds, and ends
	// them. Errors say why there are no figures; another run may do.
	Measure(ctx context.Context, programs [][]string, rate, seconds float64) (*Heard, error)
}

// Options say what is run.
type Options struct {
	Rates    []float64 // Hz, > 0; none: 10 to 60 by 10, and on until the first method misses half
	Methods  []string  // names; none: all
	Settings int       // so many of each method's settings are tried; 0: all
	Seconds  float64   // that a run plays, > 0
	Limit    time.Duration
	Tasks    []manifest.Task // in the order of the results
	// Started is told what begins, how many runs are done and how many there are so far. After is told after each run,
	// so that what was measured can be kept.
	Started func(what string, done, all int)
	After   func(*Results) error
}

// half is the miss rate that is as far as the curve goes, and mostHz where it ends in any case.
const (
	stepHz = 10
	fewHz  = 60
	mostHz = 200
	half   = 0.5
)

// Bench measures what is not in the results yet, and adds it there. Where a run fails the others go on, and the last
// error of each method is returned in the end. An error of ctx means that it was interrupted.
func Bench(ctx context.Context, m Measurer, o Options, r *Results) error {
	methods, err := chosen(o.Methods)
	if err != nil {
		return err
	}
	var tasks []string
	for _, t := range o.Tasks {
		tasks = append(tasks, t.Name)
	}
	for i := range methods {
		if n := o.Settings; n > 0 && n < len(methods[i].Settings) {
			methods[i].Settings = methods[i].Settings[:n]
		}
	}
	rates := o.Rates
	if len(rates) == 0 {
		rates = upTo(fewHz)
	}
	var all []job
	for _, rate := range rates {
		all = append(all, r.missing(methods, rate)...)
	}
	last, started, failed := rates[len(rates)-1], time.Now(), map[string]error{}
	for done := 0; ; done++ {
		for done == len(all) && len(o.Rates) == 0 && last < mostHz && r.holds(methods[0].Name, last) {
			last += stepHz
			all = append(all, r.missing(methods, last)...)
		}
		if done == len(all) {
			return joined(failed)
		}
		j := all[done]
		if o.Limit > 0 && time.Since(started) > o.Limit {
			return errors.Join(fmt.Errorf("the time of %v was up with %d runs left", o.Limit, len(all)-done), joined(failed))
		}
		o.Started(strings.TrimSpace(fmt.Sprintf("%g Hz %s %s", j.rate, j.method.Name, j.settings)), done, len(all))
		heard, err := m.Measure(ctx, j.method.Programs(tasks, j.settings, 1000/j.rate), j.rate, o.Seconds)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			failed[j.method.Name] = fmt.Errorf("%s at %g Hz: %w", j.method.Name, j.rate, err)
			continue
		}
		run := heard.figures(j.rate, o.Tasks, j.method.Variant)
		run.Method, run.Settings = j.method.Name, j.settings
		r.Add(run)
		if err := o.After(r); err != nil {
			return err
		}
	}
}

// job is a run to be made.
type job struct {
	method   *Method
	settings string
	rate     float64
}

// missing returns the runs at a rate that are not in the results.
func (r *Results) missing(methods []Method, rate float64) (jobs []job) {
	for i := range methods {
		for _, settings := range methods[i].Settings {
			if !r.Has(methods[i].Name, settings, rate) {
				jobs = append(jobs, job{&methods[i], settings, rate})
			}
		}
	}
	return jobs
}

// holds reports whether a method misses less than half at a rate.
func (r *Results) holds(method string, rate float64) bool {
	i := r.best(method, rate)
	return i >= 0 && r.Runs[i].MacroMissRate < half
}

func upTo(hz int) (rates []float64) {
	for rate := stepHz; rate <= hz; rate += stepHz {
		rates = append(rates, float64(rate))
	}
	return rates
}

// chosen returns the named methods, in their order; of no names all.
func chosen(names []string) (methods []Method, err error) {
	for _, name := range names {
		if !slices.ContainsFunc(Methods, func(m Method) bool { return m.Name == name }) {
			return nil, fmt.Errorf("%w '%s'", ErrMethod, name)
		}
	}
	for _, m := range Methods {
		if len(names) == 0 || slices.Contains(names, m.Name) {
			methods = append(methods, m)
		}
	}
	return methods, nil
}

func joined(failed map[string]error) error {
	var all []error
	for _, m := range Methods {
		all = append(all, failed[m.Name])
	}
	return errors.Join(all...)
}
