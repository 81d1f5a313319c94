package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"rtmdl/scheduler/sim"
	"rtmdl/scheduler/task"
)

// simulationReport is the JSON of a simulation. Times are in ms, rates and
// accuracies 0 to 1.
type simulationReport struct {
	Tasks          []taskReport `json:"tasks"` // in file order
	MacroMissRate  float64      `json:"macro_miss_rate"`
	MicroMissRate  float64      `json:"micro_miss_rate"`
	MaxMissRate    float64      `json:"max_miss_rate"`
	WithinBound    float64      `json:"within_bound"`
	MeanLoss       float64      `json:"mean_loss"`
	SumLoss        float64      `json:"sum_loss"`
	OnTimeAccuracy float64      `json:"on_time_accuracy"`
	Packed         int          `json:"packed"`
	Guaranteed     int          `json:"guaranteed"` // inferences that a less urgent one joined
	Broken         int          `json:"broken"`     // and those that it made exceed the bound
}

type taskReport struct {
	Name     string  `json:"name"`
	Variant  string  `json:"variant"`
	Priority int     `json:"priority"`
	Released int     `json:"released"`
	Missed   int     `json:"missed"`
	MissRate float64 `json:"miss_rate"`
	Accuracy float64 `json:"accuracy"`
	Loss     float64 `json:"loss"`
	P50      float64 `json:"p50_ms"`
	P99      float64 `json:"p99_ms"`
	Max      float64 `json:"max_ms"`
}

func newReport(s *task.Set, r *sim.Result) *simulationReport {
	report := &simulationReport{
		MacroMissRate: r.MacroMissRate, MicroMissRate: r.MicroMissRate, MaxMissRate: r.MaxMissRate, WithinBound: r.WithinBound,
		MeanLoss: r.MeanLoss, SumLoss: r.SumLoss, OnTimeAccuracy: r.OnTimeAccuracy,
		Packed: r.Packed, Guaranteed: r.Guaranteed, Broken: r.Broken,
	}
	for i, t := range r.Tasks {
		report.Tasks = append(report.Tasks, taskReport{
			Name: s.Tasks[i].Name, Variant: s.Tasks[i].Variants[t.Variant].Name, Priority: t.Priority,
			Released: t.Released, Missed: t.Missed, MissRate: t.MissRate, Accuracy: float64(t.Accuracy), Loss: t.Loss,
			P50: task.Milliseconds(t.P50), P99: task.Milliseconds(t.P99), Max: task.Milliseconds(t.Max),
		})
	}
	return report
}

// writeJSON writes v to a file, or to out if the name is "-".
func writeJSON(name string, out io.Writer, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	data = append(data, '\n')
	if name == "-" {
		_, err = out.Write(data)
		return err
	}
	return os.WriteFile(name, data, 0o644)
}

func printReport(out io.Writer, s *task.Set, r *sim.Result) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "task\tvariant\tpriority\treleased\tmissed\tmiss rate\tbound\tloss\tp50 ms\tp99 ms\tmax ms\t")
	for i, t := range r.Tasks {
		mark := ""
		if !t.Within(s.Tasks[i].MaxMissRate) {
			mark = " !"
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%.2f %%%s\t%.2f %%\t%.2f %%\t%.3f\t%.3f\t%.3f\t\n",
			s.Tasks[i].Name, s.Tasks[i].Variants[t.Variant].Name, t.Priority, t.Released, t.Missed, 100*t.MissRate, mark,
			100*float64(s.Tasks[i].MaxMissRate), 100*t.Loss,
			task.Milliseconds(t.P50), task.Milliseconds(t.P99), task.Milliseconds(t.Max))
	}
	w.Flush()
	fmt.Fprintf(out, "miss rate: %.2f %% mean over tasks, %.2f %% over jobs, %.2f %% at most; %.0f %% of tasks within their bounds\n",
		100*r.MacroMissRate, 100*r.MicroMissRate, 100*r.MaxMissRate, 100*r.WithinBound)
	fmt.Fprintf(out, "accuracy loss: %.4f sum, %.4f mean; on-time accuracy %.4f\n", r.SumLoss, r.MeanLoss, r.OnTimeAccuracy)
	if s.Platform.AcceleratorSlots > 1 || r.Packed > 0 {
		fmt.Fprintf(out, "packed: %d inferences joined a running one; of %d with a guarantee %d exceeded it\n", r.Packed, r.Guaranteed, r.Broken)
	}
}
