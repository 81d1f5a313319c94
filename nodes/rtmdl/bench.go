package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rtmdl/internal/bench"
	"rtmdl/internal/livebench"
)

func benchCommand() *cobra.Command {
	var o bench.Options
	var jsonFile, live, report, figures, calibrate string
	var quiet bool
	c := &cobra.Command{
		Use:   "bench [SCENARIO...]",
		Short: "Compare the planner with other methods",
		Long: `Runs the scenarios (all, or those named) with the planner and all baselines in
the same simulator and prints a table. Scenarios: ` + strings.Join(bench.Scenarios, ", ") + `.

--full does everything, takes up to an hour on 2 cores, and goes on where it
was interrupted, from a file beside that of --json. --report makes the Markdown
and the figures from such a JSON file without running anything.`,
		RunE: func(c *cobra.Command, args []string) error {
			if calibrate != "" {
				return bench.Calibrate(c.Context(), calibrate, c.OutOrStdout())
			}
			if report != "" {
				return writeBenchReport(jsonFile, live, report, figures)
			}
			if o.Sets < 0 {
				return fmt.Errorf("%w: --sets %d: want 1 or more", errUsage, o.Sets)
			}
			o.Scenarios = args
			if o.Full {
				if jsonFile == "" {
					jsonFile = "out/bench/full.json"
				}
				if err := os.MkdirAll(filepath.Dir(jsonFile), 0o755); err != nil {
					return err
				}
				o.State = strings.TrimSuffix(jsonFile, ".json") + ".state.jsonl"
			}
			l := newStatusLine(quiet)
			o.Progress = func(text string) { l.show("%s", text) }
			r, err := bench.Run(c.Context(), o)
			l.end()
			if r == nil {
				if errors.Is(err, bench.ErrScenario) {
					err = errors.Join(err, errUsage)
				}
				return err
			}
			r.Table(c.OutOrStdout())
			if jsonFile != "" {
				err = errors.Join(err, writeJSON(jsonFile, c.OutOrStdout(), r))
			}
			return err
		},
	}
	f := c.Flags()
	f.BoolVar(&o.Full, "full", false, "everything, resumable")
	f.IntVar(&o.Sets, "sets", 0, "sets of each point of scenario random (default 1)")
	f.DurationVar(&o.Limit, "limit", 60*time.Minute, "begin nothing after that time")
	f.StringVar(&jsonFile, "json", "", "write the results to this file (with --full: out/bench/full.json)")
	f.StringVar(&o.Note, "note", "", "what a reader of the report should know of this run")
	f.StringVar(&report, "report", "", "write this Markdown file and figures beside it from the file of --json")
	f.StringVar(&live, "live", "", "with --report: a section on the results of live-bench in this file, too")
	f.StringVar(&figures, "figures", "figures", "folder of the figures, from that of --report")
	f.StringVar(&calibrate, "calibrate", "", "find the periods of scenario paper and write its files into this folder")
	f.BoolVarP(&quiet, "quiet", "q", false, "show no progress")
	return c
}

func writeBenchReport(jsonFile, live, report, figures string) error {
	if jsonFile == "" {
		return fmt.Errorf("%w: --report needs --json FILE", errUsage)
	}
	data, err := os.ReadFile(jsonFile)
	if err != nil {
		return badInput(err)
	}
	var r bench.Report
	if err := json.Unmarshal(data, &r); err != nil {
		return fmt.Errorf("%w: %s: %w", errUsage, jsonFile, err)
	}
	folder := filepath.Join(filepath.Dir(report), figures)
	names, err := r.Figures(folder)
	if err != nil {
		return err
	}
	text := r.Markdown(figures, names)
	if live != "" {
		results, err := livebench.Read(live)
		if err != nil {
			return badInput(err)
		}
		names, err := results.Figures(folder)
		if err != nil {
			return err
		}
		text = append(append(text, '\n'), results.Markdown("## Live, against plain nodes", figures, names)...)
	}
	return os.WriteFile(report, text, 0o644)
}
