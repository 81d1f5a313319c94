package evaluate

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Confusion counts what was told of each class of the truth. The zero value is ready to use. Not for concurrent use.
type Confusion struct {
	counts map[[2]string]int
	names  []string // as they were first seen
}

// Add counts a case's pairs.
func (m *Confusion) Add(c Case) {
	if m.counts == nil {
		m.counts = map[[2]string]int{}
	}
	for _, p := range c.Pairs {
		m.counts[[2]string{p.Truth, p.Told}] += p.Count
		for _, name := range []string{p.Truth, p.Told} {
			if !slices.Contains(m.names, name) {
				m.names = append(m.names, name)
			}
		}
	}
}

// Mistakes returns the pairs that are wrong, the most frequent first, at most n of them.
func (m *Confusion) Mistakes(n int) []Pair {
	var all []Pair
	for key, count := range m.counts {
		if key[0] != key[1] && count > 0 {
			all = append(all, Pair{key[0], key[1], count})
		}
	}
	slices.SortFunc(all, func(a, b Pair) int {
		return cmp.Or(b.Count-a.Count, cmp.Compare(a.Truth, b.Truth), cmp.Compare(a.Told, b.Told))
	})
	return all[:min(n, len(all))]
}

// Write writes the matrix to a file: of comma-separated values (.csv), or a picture (.png, .svg, .pdf) whose shades go
// with the share of the truth's class. A row is a class of the truth.
func (m *Confusion) Write(path string) error {
	names := slices.Sorted(slices.Values(m.names))
	if len(names) == 0 {
		return fmt.Errorf("%w: no case was counted, so that there is no confusion matrix for %s", ErrData, path)
	}
	if filepath.Ext(path) == ".csv" {
		return m.writeCSV(path, names)
	}
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = "What was told of what", "told", "truth"
	side := 0.9 * vg.Centimeter
	small := font.Length(min(10, max(5, 160/float64(len(names)))))
	rows := slices.Clone(names)
	slices.Reverse(rows) // the first one on top
	p.Add(cells{m, rows, names, small})
	p.NominalY(rows...)
	p.NominalX(names...)
	p.X.Tick.Label.Rotation, p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = math.Pi/2, draw.XRight, draw.YCenter
	p.X.Tick.Label.Font.Size, p.Y.Tick.Label.Font.Size = small+2, small+2
	size := vg.Length(len(names))*side*0.7 + 7*vg.Centimeter
	if err := p.Save(size, size, path); err != nil {
		return fmt.Errorf("confusion matrix: %w", err)
	}
	return nil
}

func (m *Confusion) writeCSV(path string, names []string) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	w := csv.NewWriter(file)
	_ = w.Write(append([]string{"truth"}, names...)) // Flush keeps the error
	for _, truth := range names {
		row := []string{truth}
		for _, told := range names {
			row = append(row, strconv.Itoa(m.counts[[2]string{truth, told}]))
		}
		_ = w.Write(row)
	}
	w.Flush()
	return cmp.Or(w.Error(), file.Close())
}

// cells draws the counts, the rows from below.
type cells struct {
	*Confusion
	rows, columns []string
	size          font.Length
}

// Plot implements plot.Plotter.
func (c cells) Plot(canvas draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&canvas)
	for row, truth := range c.rows {
		all := 0
		for _, told := range c.columns {
			all += c.counts[[2]string{truth, told}]
		}
		for column, told := range c.columns {
			count := c.counts[[2]string{truth, told}]
			if count == 0 {
				continue
			}
			shade := uint8(255 - 205*float64(count)/float64(all))
			fill := color.RGBA{shade, shade, 255, 255}
			if truth != told {
				fill = color.RGBA{255, shade, shade, 255}
			}
			left, right := x(float64(column)-0.5), x(float64(column)+0.5)
			low, high := y(float64(row)-0.5), y(float64(row)+0.5)
			canvas.FillPolygon(fill, []vg.Point{{X: left, Y: low}, {X: right, Y: low}, {X: right, Y: high}, {X: left, Y: high}})
			style := p.X.Tick.Label
			style.Rotation, style.XAlign, style.YAlign, style.Font.Size = 0, draw.XCenter, draw.YCenter, c.size
			canvas.FillText(style, vg.Point{X: x(float64(column)), Y: y(float64(row))}, strconv.Itoa(count))
		}
	}
}

// DataRange implements plot.DataRanger.
func (c cells) DataRange() (xmin, xmax, ymin, ymax float64) {
	high := float64(len(c.rows)) - 0.5
	return -0.5, high, -0.5, high
}

var _ plot.Plotter = cells{}
var _ plot.DataRanger = cells{}
