//go:build cgo

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"rtmdl/internal/camera"
	"rtmdl/internal/evaluate"
	"rtmdl/internal/ros"
)

func evaluateCommand() *cobra.Command {
	var (
		o                           evaluate.Options
		task, jsonFile              string
		confusionFile, mistakesFile string
		confusion                   evaluate.Confusion
		mistakes                    evaluate.Sheet
		quiet                       bool
	)
	tasks := strings.Join(slices.Sorted(maps.Keys(evaluate.Tasks)), ", ")
	c := &cobra.Command{
		Use:   "evaluate --task T --data DIR",
		Short: "Measure a network's accuracy on a labelled data set, as the car runs it",
		Long: `Runs a task's network with all that is around it on a car (decoding, Pre, ONNX Runtime, Post) on every picture of
a split, and prints the figures with their 95 % intervals: of a bootstrap over scenes, or over pictures where there
are none. Each look at a 'test' split belongs into docs/test-log.md. Tasks: ` + tasks + `.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			run, ok := evaluate.Tasks[task]
			if !ok {
				return fmt.Errorf("%w: there is no task '%s'; there are %s", errUsage, task, tasks)
			}
			camera.UseOneThread()
			line := newStatusLine(quiet)
			o.Progress = func(done, all int) { line.show("%d of %d pictures", done, all) }
			o.Case = func(c evaluate.Case) {
				confusion.Add(c)
				mistakes.Add(c)
			}
			figures, err := run(c.Context(), o)
			line.clear()
			if err != nil {
				return err
			}
			if jsonFile != "" {
				data, err := json.MarshalIndent(figures, "", "  ")
				if err != nil {
					return err
				}
				if err := os.WriteFile(jsonFile, append(data, '\n'), 0o644); err != nil { //nolint:gosec // for everybody
					return err
				}
			}
			if confusionFile != "" {
				if err := confusion.Write(confusionFile); err != nil {
					return err
				}
			}
			if mistakesFile != "" {
				if err := mistakes.Write(mistakesFile); err != nil {
					return err
				}
			}
			w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "figure\tvalue\t95 %\tof")
			for _, f := range figures {
				fmt.Fprintf(w, "%s\t%.4f\t%.4f to %.4f\t%d\n", f.Name, f.Value, f.Low, f.High, f.Count)
			}
			if err := w.Flush(); err != nil {
				return err
			}
			for i, p := range confusion.Mistakes(5) {
				if i == 0 {
					fmt.Println("\nmost frequent mistakes")
				}
				fmt.Printf("  %s told as %s: %d\n", p.Truth, p.Told, p.Count)
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&task, "task", "", "what is evaluated: "+tasks)
	f.StringVar(&o.Data, "data", "", "folder that holds the data sets' folders")
	f.StringVar(&o.Split, "split", "test", "train, val, test, or all for every picture")
	f.StringVar(&o.Models, "models", ros.Share("models"), "folder of the networks and their manifest.yaml")
	f.StringVar(&o.Variant, "variant", "w100", "the network: a level of the manifest")
	f.StringVar(&o.Library, "library", "", "ONNX Runtime's library (default: the one that set-up installed)")
	f.StringVar(&jsonFile, "json", "", "write the figures to this file")
	f.StringVar(&confusionFile, "confusion", "", "write the confusion matrix to this file (.csv, or a picture: .png, .svg, .pdf)")
	f.StringVar(&mistakesFile, "mistakes", "", "write a sheet of the worst mistakes to this file (.jpg)")
	f.BoolVarP(&quiet, "quiet", "q", false, "show no progress")
	for _, name := range []string{"task", "data"} {
		if err := c.MarkFlagRequired(name); err != nil {
			panic(err) // no such flag
		}
	}
	return c
}
