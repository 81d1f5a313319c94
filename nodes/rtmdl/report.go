package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"rtmdl/internal/report"
)

func reportCommand() *cobra.Command {
	var (
		o     report.Options
		quiet bool
	)
	c := &cobra.Command{
		Use:   "report BAG",
		Short: "Make a report of a recorded run: report.html with a timeline, report.json and annotated pictures",
		Long: `Makes a report from a bag alone: what ran where and when, what became of every frame, latencies by stage,
detections, and annotated pictures. The bag needs the camera topic and what the suite published (scheduler/job_timing above all); what is
missing or damaged is said in the report.`,
		Args: oneBag,
		RunE: func(c *cobra.Command, args []string) error {
			if o.OutDir == "" {
				name := filepath.Base(filepath.Clean(args[0]))
				o.OutDir = strings.TrimSuffix(name, ".mcap") + "_report"
			}
			line := newStatusLine(quiet)
			o.Progress = func(done, total uint64) { line.show("read %d of %d messages", done, total) }
			r, err := report.FromBag(c.Context(), args[0], o)
			line.clear()
			if err != nil {
				return err
			}
			return r.Summary(os.Stdout)
		},
	}
	f := c.Flags()
	f.StringVarP(&o.OutDir, "out", "o", "", "folder for the report (default: <bag>_report)")
	f.IntVar(&o.MaxPictures, "pictures", 12, "annotated pictures, at most")
	f.StringVar(&o.Trace, "trace", "", "write what ran where and when into this JSON file, for ui.perfetto.dev")
	f.StringVar(&o.Compare, "compare", "", "compare with the run in this bag: misses, outcomes, latencies, variants")
	f.BoolVarP(&quiet, "quiet", "q", false, "show no progress")
	return c
}
