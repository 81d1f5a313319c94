package profile

import (
	"image/color"
	"io"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// Figure draws the levels' median times, one stage on the other, with a line up to the 99th percentile of inference, in
// a format of gonum's plot, such as svg or png.
func (r *Report) Figure(format string) (io.WriterTo, error) {
	p := plot.New()
	p.Title.Text = "Time of each level, noise: " + r.Noise.Text
	p.Title.TextStyle.Font.Size = vg.Points(9)
	p.Y.Label.Text = "ms"
	p.Y.Min = 0
	p.Legend.Top = true
	p.Add(plotter.NewGrid())
	names := make([]string, len(r.Levels))
	for i, l := range r.Levels {
		names[i] = l.Task + "/" + l.Name
	}
	var below *plotter.BarChart
	for stage, shade := range []color.RGBA{{90, 150, 220, 255}, {230, 150, 60, 255}, {110, 180, 110, 255}} {
		values := make(plotter.Values, len(r.Levels))
		for i, l := range r.Levels {
			values[i] = l.Stages[Stage(stage).String()].Median
		}
		bars, err := plotter.NewBarChart(values, vg.Points(14))
		if err != nil {
			return nil, err
		}
		bars.Color, bars.LineStyle.Width = shade, 0
		if below != nil {
			bars.StackOn(below)
		}
		p.Add(bars)
		p.Legend.Add(Stage(stage).String(), bars)
		below = bars
	}
	for i, l := range r.Levels {
		infer, pre := l.Stages[Infer.String()], l.Stages[Pre.String()].Median
		line, err := plotter.NewLine(plotter.XYs{{X: float64(i), Y: pre + infer.Median}, {X: float64(i), Y: pre + infer.P99}})
		if err != nil {
			return nil, err
		}
		p.Add(line)
		if i == 0 {
			p.Legend.Add("p99 of infer", line)
		}
	}
	p.NominalX(names...)
	p.X.Min, p.X.Max = -0.7, float64(len(names))-0.3 // whole bars
	p.Y.Max *= 1.3                                   // the legend above them
	p.X.Tick.Label.Rotation = math.Pi / 4
	p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = -1, -0.5
	return p.WriterTo(18*vg.Centimeter, 11*vg.Centimeter, format)
}
