package livebench

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"

	"rtmdl/internal/report"
)

// Results are what results.json has.
type Results struct {
	Machine Machine `json:"machine"`
	Runs    []Run   `json:"runs"`           // of each method and rate one, with its best settings
	Others  []Run   `json:"other_settings"` // the runs with settings that were worse
}

// Machine is what the runs were made on.
type Machine struct {
	CPU   string `json:"cpu"` // model
	Cores int    `json:"cores"`
}

// Run is one method with one of its settings at one rate.
type Run struct {
	Method         string  `json:"method"`
	Settings       string  `json:"settings"` // empty: it has none
	RateHz         float64 `json:"rate_hz"`
	Seconds        float64 `json:"seconds"` // for which frames were played
	Tasks          []Task  `json:"tasks"`
	MacroMissRate  float64 `json:"macro_miss_rate"`
	MeanLoss       float64 `json:"mean_loss"`
	OnTimeAccuracy float64 `json:"on_time_accuracy"`
	CPUS           float64 `json:"cpu_s"`
	OthersCPUS     float64 `json:"others_cpu_s"`
	// PlayerLateMs is the 99th percentile of how late frames were played: on a machine that is too busy a camera would
	// have come first, too.
	PlayerLateMs float64 `json:"player_late_p99_ms"`
}

// Task has the figures of one task, those of report.json first.
type Task struct {
	report.Task

	Accuracy       float64 `json:"accuracy"`
	Loss           float64 `json:"loss"`
	OnTimeAccuracy float64 `json:"on_time_accuracy"`
	// Simulated is the miss rate that the simulator has for this task, see Predict; nil: not simulated.
	Simulated *float64 `json:"simulated_miss_rate,omitempty"`
}

// Read reads results.json.
func Read(file string) (*Results, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	r := &Results{}
	if err := json.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("%s is no results of live-bench: %w", file, err)
	}
	return r, nil
}

// Write writes results.json, aside first and then renamed.
func (r *Results) Write(file string) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(file+".part", append(data, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(file+".part", file)
}

// Add adds a run, among Runs if it is the best so far of its method and rate.
func (r *Results) Add(run Run) {
	i := r.best(run.Method, run.RateHz)
	switch {
	case i < 0:
		r.Runs = append(r.Runs, run)
	case cmp.Or(cmp.Compare(run.MacroMissRate, r.Runs[i].MacroMissRate), cmp.Compare(run.CPUS, r.Runs[i].CPUS)) < 0:
		r.Runs[i], run = run, r.Runs[i]
		fallthrough
	default:
		r.Others = append(r.Others, run)
	}
}

// Has reports whether there is a run of a method with some settings at a rate.
func (r *Results) Has(method, settings string, rate float64) bool {
	same := func(run Run) bool { return run.Method == method && run.Settings == settings && run.RateHz == rate }
	return slices.ContainsFunc(r.Runs, same) || slices.ContainsFunc(r.Others, same)
}

// best returns the index of the best run of a method at a rate; -1: there is none.
func (r *Results) best(method string, rate float64) int {
	return slices.IndexFunc(r.Runs, func(run Run) bool { return run.Method == method && run.RateHz == rate })
}
