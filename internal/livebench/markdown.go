package livebench

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"
)

// quiet is the share of the machine's processor time that others may take without being mentioned.
const quiet = 0.05

// Markdown is a section on the results, under a heading such as "## Live", with the figures of the given names in a
// folder.
func (r *Results) Markdown(heading, folder string, figures []Figure) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `%s

Made by `+"`rtmdl live-bench`"+` on %d cores (%s). Do not edit. Three tasks on one camera, which plays the demo's
pictures over DDS. For every method miss rate = 1 - published in time / frames played, latency runs from the stamp that
the player sets to the publishing of the result, and the deadline is one period of the rate. Loss is that of the
variants that ran, on the test split; on-time accuracy counts a miss as 0. Plain nodes have a queue of one, and at each
rate the best of their settings (intra-op threads 1 or ONNX Runtime's own choice, 0; spinning on or off) is shown.
`+"`simulated`"+` are the miss rates that the simulator has for the suite, with the levels' times of a profile of this machine:
without the way of a frame to the suite and of a result out of it, and for `+"`full`"+` with the plan that it begins with.

`, heading, r.Machine.Cores, r.Machine.CPU)
	for _, m := range Methods {
		fmt.Fprintf(&b, "- `%s`: %s%s.\n", m.Name, m.Title, map[bool]string{true: "", false: " (no run yet)"}[r.ran(m.Name)])
	}
	late := 0.0
	for _, run := range r.Runs {
		late = max(late, run.PlayerLateMs)
	}
	fmt.Fprintf(&b, "\nOf each run's frames 99 %% were played at most %.1f ms late.\n", late)
	if n := r.disturbed(); n > 0 {
		fmt.Fprintf(&b, "\n**In %d of %d runs other processes took more than %.0f %% of the machine: these figures are not to be relied on.**\n",
			n, len(r.Runs), 100*quiet)
	}
	fmt.Fprintln(&b)
	for _, f := range figures {
		fmt.Fprintf(&b, "![%s](%s)\n\n", f.Title, path.Join(folder, f.Name))
	}
	var tasks []string
	if len(r.Runs) > 0 {
		for _, t := range r.Runs[0].Tasks {
			tasks = append(tasks, t.Name)
		}
	}
	fmt.Fprintf(&b, "| Hz | method | settings | macro miss %% | miss %% of %s | simulated | mean loss %% | on-time accuracy | p50 ms | p99 ms | max ms | CPU s a s | others |\n%s\n",
		strings.Join(tasks, " / "), strings.Repeat("| --- ", 13)+"|")
	for _, rate := range r.rates() {
		for _, m := range Methods {
			if i := r.best(m.Name, rate); i >= 0 {
				r.Runs[i].row(&b)
			}
		}
	}
	return b.Bytes()
}

func (run *Run) row(b *bytes.Buffer) {
	each := func(format string, of func(*Task) float64) string {
		var all []string
		for i := range run.Tasks {
			all = append(all, fmt.Sprintf(format, of(&run.Tasks[i])))
		}
		return strings.Join(all, " / ")
	}
	fmt.Fprintf(b, "| %g | %s | %s | %.1f | %s | %s | %.2f | %.4f | %s | %s | %s | %.2f | %.2f |\n", run.RateHz, run.Method, run.Settings,
		100*run.MacroMissRate, each("%.1f", func(t *Task) float64 { return 100 * *t.MissRate }), run.simulated(), 100*run.MeanLoss, run.OnTimeAccuracy,
		each("%.0f", func(t *Task) float64 { return t.P50Ms }), each("%.0f", func(t *Task) float64 { return t.P99Ms }),
		each("%.0f", func(t *Task) float64 { return t.MaxMs }), run.CPUS/run.Seconds, run.OthersCPUS/run.Seconds)
}

// simulated has the simulated miss rates in percent, nothing where there are none.
func (run *Run) simulated() string {
	var all []string
	for _, t := range run.Tasks {
		if t.Simulated != nil {
			all = append(all, fmt.Sprintf("%.1f", 100**t.Simulated))
		}
	}
	return strings.Join(all, " / ")
}

// rates are those that there are runs at.
func (r *Results) rates() (rates []float64) {
	for _, run := range r.Runs {
		rates = append(rates, run.RateHz)
	}
	slices.Sort(rates)
	return slices.Compact(rates)
}

func (r *Results) ran(method string) bool {
	return slices.ContainsFunc(r.Runs, func(run Run) bool { return run.Method == method })
}

// disturbed returns in how many runs other processes took much of the machine.
func (r *Results) disturbed() (n int) {
	for _, run := range r.Runs {
		if run.OthersCPUS > quiet*float64(r.Machine.Cores)*run.Seconds {
			n++
		}
	}
	return n
}
