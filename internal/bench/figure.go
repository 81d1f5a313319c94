package bench

import (
	"fmt"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
)

// Figure is a picture that was written.
type Figure struct{ Name, Title string }

// Figures writes the pictures that the report has data for into a folder, as
// SVG.
func (r *Report) Figures(folder string) (out []Figure, err error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	for _, f := range []struct {
		name, title string
		draw        func(*plot.Plot) bool
	}{
		{"loss-miss.svg", "Loss against miss rate, paper high, split calibration", r.lossAgainstMisses},
		{"miss-utilisation.svg", "Miss rate against utilisation, random sets", func(p *plot.Plot) bool {
			return r.overX(p, "random", "utilisation of the original models", "macro miss rate, %",
				func(g *Group) (Estimate, bool) { return scaled(g.Macro, 100), true })
		}},
		{"met-utilisation.svg", "Share of random sets met", func(p *plot.Plot) bool {
			return r.overX(p, "random", "utilisation of the original models", "sets met, %",
				func(g *Group) (Estimate, bool) { return scaled(g.Met, 100), true })
		}},
		{"loss-storage.svg", "Loss against storage", r.lossAgainstStorage},
		{"factorial.svg", "Misses of the mechanisms' combinations", r.ablation},
		{"time-n.svg", "Time until the returned plan was found", func(p *plot.Plot) bool {
			return r.overX(p, "time", "tasks", "s", func(g *Group) (Estimate, bool) { return g.FoundS, true })
		}},
	} {
		p := plot.New()
		p.Title.Text = f.title
		p.Legend.Top = true
		p.Legend.TextStyle.Font.Size = vg.Points(8)
		p.Add(plotter.NewGrid())
		if !f.draw(p) {
			continue
		}
		if err := p.Save(18*vg.Centimeter, 11*vg.Centimeter, filepath.Join(folder, f.name)); err != nil {
			return nil, err
		}
		out = append(out, Figure{f.name, f.title})
	}
	return out, nil
}

func scaled(e Estimate, by float64) Estimate {
	return Estimate{e.Mean * by, e.Low * by, e.High * by, e.Max * by}
}

// shown are the methods that curves are drawn of: with all of them nothing
// could be told apart.
var shown = []string{ours, "DM-NMC blackbox", "DM-NMC split", "DM-MC split", "EDF", "Audsley", "knapsack Audsley", "greedy DM", "NSGA-II", exhaustive}

// points is a curve with intervals.
type points struct {
	plotter.XYs
	plotter.YErrors
}

// overX draws a value of all records of a scenario by x, all n together.
func (r *Report) overX(p *plot.Plot, scenario, x, y string, value func(*Group) (Estimate, bool)) bool {
	p.X.Label.Text, p.Y.Label.Text = x, y
	any := false
	for k, method := range shown {
		sums := map[float64][]Group{}
		var xs []float64
		for _, g := range r.Groups {
			if g.Scenario == scenario && g.Method == method {
				if sums[g.X] == nil {
					xs = append(xs, g.X)
				}
				sums[g.X] = append(sums[g.X], g)
			}
		}
		if len(xs) == 0 {
			continue
		}
		slices.Sort(xs)
		var c points
		for _, at := range xs {
			e := pooled(sums[at], value)
			c.XYs = append(c.XYs, plotter.XY{X: at, Y: e.Mean})
			c.YErrors = append(c.YErrors, struct{ Low, High float64 }{e.Mean - e.Low, e.High - e.Mean})
		}
		line, marks, err := plotter.NewLinePoints(c.XYs)
		if err != nil {
			return false
		}
		bars, err := plotter.NewYErrorBars(c)
		if err != nil {
			return false
		}
		line.Color = plotutil.Color(k)
		marks.Color, marks.Shape = plotutil.Color(k), plotutil.Shape(k)
		bars.Color = plotutil.Color(k)
		if method == ours {
			line.Width = vg.Points(2)
		}
		p.Add(line, marks, bars)
		p.Legend.Add(method, line, marks)
		any = true
	}
	return any
}

// pooled is the mean of groups weighted by their counts, its interval from
// those of the groups as if independent; of shares met it is Wilson's again.
func pooled(gs []Group, value func(*Group) (Estimate, bool)) Estimate {
	count, sum, variance := 0.0, 0.0, 0.0
	for i := range gs {
		e, _ := value(&gs[i])
		n := float64(gs[i].Count)
		half := (e.High - e.Low) / 2
		count += n
		sum += n * e.Mean
		variance += n * n * half * half
	}
	mean, half := sum/count, 0.0
	if variance > 0 {
		half = math.Sqrt(variance) / count
	}
	return Estimate{mean, max(0, mean-half), mean + half, mean}
}

func (r *Report) lossAgainstMisses(p *plot.Plot) bool {
	p.X.Label.Text, p.Y.Label.Text = "macro miss rate, %", "mean loss, %"
	any := false
	for k, g := range r.Groups {
		if g.Scenario != "paper" || !strings.HasPrefix(g.Case, "high split") || strings.Contains(g.Case, "packing") && g.Method != ours {
			continue
		}
		if !slices.Contains(shown, g.Method) {
			continue
		}
		s, err := plotter.NewScatter(plotter.XYs{{X: 100 * g.Macro.Mean, Y: 100 * g.MeanLoss.Mean}})
		if err != nil {
			return false
		}
		s.Color, s.Shape, s.Radius = plotutil.Color(k), plotutil.Shape(k), vg.Points(4)
		name := g.Method
		if _, packing, ok := strings.Cut(g.Case, ", "); ok {
			name += ", " + packing
		}
		p.Add(s)
		p.Legend.Add(name, s)
		any = true
	}
	return any
}

func (r *Report) lossAgainstStorage(p *plot.Plot) bool {
	p.X.Label.Text, p.Y.Label.Text = "storage, % of that of the largest variants", "mean loss, %"
	curves := map[string]plotter.XYs{}
	var names []string
	for _, g := range r.Groups {
		if g.Scenario != "storage" || g.Method != ours || g.Met.Mean < 1 {
			continue
		}
		name := g.Case[:strings.LastIndex(g.Case, ",")]
		if curves[name] == nil {
			names = append(names, name)
		}
		curves[name] = append(curves[name], plotter.XY{X: g.X, Y: 100 * g.MeanLoss.Mean})
	}
	for k, name := range names {
		line, marks, err := plotter.NewLinePoints(curves[name])
		if err != nil {
			return false
		}
		line.Color, marks.Color, marks.Shape = plotutil.Color(k), plotutil.Color(k), plotutil.Shape(k)
		p.Add(line, marks)
		p.Legend.Add(name, line, marks)
	}
	return len(names) > 0
}

// ablation is a bar a combination, by set.
func (r *Report) ablation(p *plot.Plot) bool {
	p.Y.Label.Text = "macro miss rate, %"
	var cases, combinations []string
	values := map[string]map[string]Estimate{}
	for _, g := range r.Groups {
		if g.Scenario != "factorial" {
			continue
		}
		if values[g.Case] == nil {
			values[g.Case] = map[string]Estimate{}
			cases = append(cases, g.Case)
		}
		if !slices.Contains(combinations, g.Method) {
			combinations = append(combinations, g.Method)
		}
		values[g.Case][g.Method] = g.Macro
	}
	width := vg.Points(8)
	for k, name := range cases {
		var heights plotter.Values
		var c points
		for i, combination := range combinations {
			e := scaled(values[name][combination], 100)
			heights = append(heights, e.Mean)
			c.XYs = append(c.XYs, plotter.XY{X: float64(i) + 0.22*float64(k-1), Y: e.Mean})
			c.YErrors = append(c.YErrors, struct{ Low, High float64 }{e.Mean - e.Low, e.High - e.Mean})
		}
		bars, err := plotter.NewBarChart(heights, width)
		if err != nil {
			return false
		}
		errorBars, err := plotter.NewYErrorBars(c)
		if err != nil {
			return false
		}
		bars.Color, bars.LineStyle.Width, bars.Offset = plotutil.Color(k), 0, width*vg.Length(k-1)
		errorBars.Color = color.Black
		p.Add(bars, errorBars)
		p.Legend.Add(name, bars)
	}
	for i, c := range combinations {
		combinations[i] = fmt.Sprint(i+1, ": ", short(c))
	}
	if len(cases) > 0 {
		p.NominalX(combinations...)
		p.X.Tick.Label.Rotation = 0.6
		p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = -1, -0.5
		p.X.Tick.Label.Font.Size = vg.Points(7)
	}
	return len(cases) > 0
}

// short has a letter a mechanism.
func short(combination string) string {
	if strings.HasPrefix(combination, "none") {
		return "none"
	}
	out := ""
	for _, m := range strings.Split(combination, " + ") {
		out += strings.ToUpper(m[:2])
	}
	return out
}
