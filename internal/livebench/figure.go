package livebench

import (
	"fmt"
	"os"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
)

// Figure is a picture that was written.
type Figure struct{ Name, Title string }

// curves are what is drawn over the rate.
var curves = []struct {
	Figure
	y  string
	of func(*Run) float64
}{
	{Figure{"live-miss.svg", "Miss rate over the camera's rate"}, "macro miss rate, %", func(r *Run) float64 { return 100 * r.MacroMissRate }},
	{Figure{"live-loss.svg", "Loss of accuracy over the camera's rate"}, "mean loss, %", func(r *Run) float64 { return 100 * r.MeanLoss }},
	{Figure{"live-accuracy.svg", "On-time accuracy over the camera's rate"}, "on-time accuracy", func(r *Run) float64 { return r.OnTimeAccuracy }},
	{Figure{"live-latency.svg", "Latency over the camera's rate"}, "p99 of the slowest task, periods", (*Run).slowest},
	{Figure{"live-cpu.svg", "Processor time over the camera's rate"}, "s a second", func(r *Run) float64 { return r.CPUS / r.Seconds }},
}

// slowest is the largest 99th percentile of a task's latencies, in periods: at 1 it reaches the deadline.
func (run *Run) slowest() (most float64) {
	for i := range run.Tasks {
		most = max(most, run.Tasks[i].P99Ms/run.Tasks[i].DeadlineMs)
	}
	return most
}

// Figures draws the results into a folder, as SVG.
func (r *Results) Figures(folder string) (out []Figure, err error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	var ticks plot.ConstantTicks
	for _, rate := range r.rates() {
		ticks = append(ticks, plot.Tick{Value: rate, Label: fmt.Sprint(rate)})
	}
	for _, c := range curves {
		p := plot.New()
		p.Title.Text, p.X.Label.Text, p.Y.Label.Text = c.Title, "Hz", c.y
		p.Legend.Top, p.Legend.Left = true, true
		p.Legend.Padding = vg.Points(2)
		p.X.Min, p.Y.Min = 0, 0
		p.X.Tick.Marker = ticks
		p.Add(plotter.NewGrid())
		for k, m := range Methods {
			var points plotter.XYs
			for _, rate := range r.rates() {
				if i := r.best(m.Name, rate); i >= 0 {
					points = append(points, plotter.XY{X: rate, Y: c.of(&r.Runs[i])})
				}
			}
			if len(points) == 0 {
				continue
			}
			line, marks, err := plotter.NewLinePoints(points)
			if err != nil {
				return nil, err
			}
			line.Color, marks.Color, marks.Shape = plotutil.Color(k), plotutil.Color(k), plotutil.Shape(k)
			p.Add(line, marks)
			p.Legend.Add(m.Title, line, marks)
		}
		p.Y.Max = 1.35 * max(p.Y.Max, 0.1) // room for the legend
		if err := p.Save(18*vg.Centimeter, 11*vg.Centimeter, filepath.Join(folder, c.Name)); err != nil {
			return nil, err
		}
		out = append(out, c.Figure)
	}
	return out, nil
}
