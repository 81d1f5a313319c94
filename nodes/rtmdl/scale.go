package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"rtmdl/scheduler/scale"
	"rtmdl/scheduler/task"
)

func scaleCommand() *cobra.Command {
	var tasks, name, out, figure, jsonFile, models, modelsOut string
	var budget int64
	c := &cobra.Command{
		Use:   "scale --task T --budget BYTES --tasks FILE",
		Short: "Choose which levels of a family to keep, and so how many layers to share, within a budget of storage",
		Long: `Chooses the levels of a task's family that are worth their storage: within the budget, those with the least expected
loss of accuracy, if the time that a job can spare is that of any level with the same probability. Exact. FILE is a
task set with measured times and shared storage, as rtmdl profile writes it. Prints the frontier: for each storage
the best set of levels. In a budget in which nothing fits the smallest set is named, and the exit code is 3.

With --models-out the networks are written, too: a new folder of models with a manifest, in which the task has the
chosen levels alone and the shared file what these need. Other tasks are copied as they are; scale them one after the
other, from folder to folder. Extras, such as the classifier of signs alone, are left out.`,
		Example: `  rtmdl profile --out tasks.yaml
  rtmdl scale --task lane --budget 1500000 --tasks tasks.yaml --figure frontier.svg
  rtmdl scale --task lane --budget 1500000 --tasks tasks.yaml --out small.yaml --models models --models-out small`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			for flag, value := range map[string]string{"tasks": tasks, "task": name} {
				if value == "" {
					return fmt.Errorf("%w: --%s is missing", errUsage, flag)
				}
			}
			set, err := task.ReadSet(tasks)
			if err != nil {
				return badInput(err)
			}
			i := slices.IndexFunc(set.Tasks, func(t task.Task) bool { return t.Name == name })
			if i < 0 {
				return fmt.Errorf("%w: %s has no task '%s'", errUsage, tasks, name)
			}
			t := &set.Tasks[i]
			frontier, err := scale.Frontier(t)
			if err != nil {
				return badInput(err)
			}
			chosen, tooSmall := scale.Within(frontier, task.Bytes(budget))
			if tooSmall != nil {
				chosen = -1
			}
			printFrontier(c, t, frontier, chosen)
			if figure != "" {
				if err := drawFrontier(figure, t, frontier, budget); err != nil {
					return err
				}
			}
			if jsonFile != "" {
				if err := writeFrontier(jsonFile, t, frontier, chosen); err != nil {
					return err
				}
			}
			if tooSmall != nil {
				return fmt.Errorf("%w: %w; the smallest set of %s is %s with %d bytes", errInfeasible, tooSmall, name,
					levelNames(t, frontier[0]), frontier[0].Storage)
			}
			if modelsOut != "" {
				if err := keepModels(c, models, modelsOut, t, frontier[chosen], budget); err != nil {
					return err
				}
			}
			if out != "" {
				keep(set, i, frontier[chosen].Levels)
				return badInput(set.WriteFile(out))
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&tasks, "tasks", "", "task-set file (YAML)")
	f.StringVar(&name, "task", "", "the task whose family it is")
	f.Int64Var(&budget, "budget", 0, "bytes that the kept levels may have together")
	f.StringVar(&out, "out", "", "write the task set with the kept levels alone to this file (YAML)")
	f.StringVar(&models, "models", "models", "with --models-out: folder of the networks and their manifest.yaml")
	f.StringVar(&modelsOut, "models-out", "", "write the networks with the kept levels alone to this new folder")
	f.StringVar(&figure, "figure", "", "draw the frontier to this file (.svg, .png, .pdf)")
	f.StringVar(&jsonFile, "json", "", "write the frontier to this file")
	return c
}

func levelNames(t *task.Task, c scale.Choice) string {
	var names []string
	for _, l := range c.Levels {
		names = append(names, t.Variants[l].Name)
	}
	return strings.Join(names, " ")
}

// sharedParts returns the names of the parts that the levels need, each once.
func sharedParts(t *task.Task, c scale.Choice) []string {
	var names []string
	for _, l := range c.Levels {
		for _, p := range t.Variants[l].Shared {
			if !slices.Contains(names, p.Name) {
				names = append(names, p.Name)
			}
		}
	}
	slices.Sort(names)
	return names
}

func printFrontier(c *cobra.Command, t *task.Task, frontier []scale.Choice, chosen int) {
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\tbytes\texpected loss\tlevels\tshared parts")
	for i, choice := range frontier {
		mark := ""
		if i == chosen {
			mark = "*"
		}
		fmt.Fprintf(w, "%s\t%d\t%.4f\t%s\t%s\n", mark, choice.Storage, choice.Loss, levelNames(t, choice), strings.Join(sharedParts(t, choice), " "))
	}
	_ = w.Flush()
	var never []string
	for i := range t.Variants {
		if !slices.ContainsFunc(frontier, func(choice scale.Choice) bool { return slices.Contains(choice.Levels, i) }) {
			never = append(never, t.Variants[i].Name)
		}
	}
	if len(never) > 0 {
		fmt.Fprintf(c.OutOrStdout(), "never worth their storage: %s\n", strings.Join(never, " "))
	}
}

func drawFrontier(path string, t *task.Task, frontier []scale.Choice, budget int64) error {
	p := plot.New()
	p.Title.Text = "Levels of " + t.Name + " within a storage"
	p.X.Label.Text, p.Y.Label.Text = "storage (MB)", "expected loss of accuracy"
	p.Y.Min = 0
	var points plotter.XYs
	for _, c := range frontier {
		points = append(points, plotter.XY{X: float64(c.Storage) / 1e6, Y: c.Loss})
	}
	end := max(points[len(points)-1].X, float64(budget)/1e6) * 1.05
	line, err := plotter.NewLine(append(slices.Clone(points), plotter.XY{X: end, Y: points[len(points)-1].Y}))
	if err != nil {
		return err
	}
	line.StepStyle = plotter.PostStep
	dots, err := plotter.NewScatter(points)
	if err != nil {
		return err
	}
	bound, err := plotter.NewLine(plotter.XYs{{X: float64(budget) / 1e6, Y: 0}, {X: float64(budget) / 1e6, Y: points[0].Y}})
	if err != nil {
		return err
	}
	bound.Dashes = []vg.Length{vg.Points(4), vg.Points(3)}
	p.Add(plotter.NewGrid(), line, dots, bound)
	p.Legend.Add("frontier", line)
	p.Legend.Add("budget", bound)
	p.Legend.Top = true
	return p.Save(16*vg.Centimeter, 10*vg.Centimeter, path)
}

func writeFrontier(path string, t *task.Task, frontier []scale.Choice, chosen int) error {
	type row struct {
		Levels []string   `json:"levels"`
		Parts  []string   `json:"shared_parts"`
		Bytes  task.Bytes `json:"bytes"`
		Loss   float64    `json:"expected_loss"`
		Chosen bool       `json:"chosen"`
	}
	var rows []row
	for i, c := range frontier {
		rows = append(rows, row{strings.Fields(levelNames(t, c)), sharedParts(t, c), c.Storage, c.Loss, i == chosen})
	}
	data, err := json.MarshalIndent(rows, "", "  ")
	return errors.Join(err, os.WriteFile(path, append(data, '\n'), 0o644)) //nolint:gosec // for everybody
}

// keep leaves of a task the given levels alone, and of the packing table the rows of levels that are left.
func keep(s *task.Set, t int, levels []int) {
	index := map[int]int{}
	var variants []task.Variant
	for _, l := range levels {
		index[l] = len(variants)
		variants = append(variants, s.Tasks[t].Variants[l])
	}
	s.Tasks[t].Variants = variants
	var rows []task.Pair
	for _, row := range s.Packing {
		left := true
		for _, ref := range []*task.Ref{&row.A, &row.B} {
			if ref.Task == t {
				at, ok := index[ref.Variant]
				ref.Variant, left = at, left && ok
			}
		}
		if left {
			rows = append(rows, row)
		}
	}
	s.Packing = rows
}
