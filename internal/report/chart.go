package report

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strconv"
	"strings"
)

// Charts are SVG in a coordinate system of their own; colours come from the page's style, by class, so that they follow a
// dark or light theme.
const (
	chartWidth  = 720
	chartLeft   = 46 // room for the numbers of the vertical axis
	chartRight  = 12
	chartTop    = 24 // room for a name above
	chartBottom = 30 // room for the numbers of the horizontal axis
)

// chart builds one SVG.
type chart struct {
	strings.Builder
	height       float64
	xMax, yMax   float64 // data at the right and the upper end
	xUnit, yUnit string
	whole        bool // only whole numbers on the vertical axis
}

func newChart(height, xMax, yMax float64, xUnit, yUnit, title string) *chart {
	c := &chart{height: height, xMax: niceTop(xMax), yMax: niceTop(yMax), xUnit: xUnit, yUnit: yUnit}
	fmt.Fprintf(c, `<svg class="chart" viewBox="0 0 %d %s" role="img" aria-label="%s">`,
		chartWidth, number(height), html.EscapeString(title))
	return c
}

func (c *chart) x(v float64) float64 {
	return chartLeft + v/c.xMax*(chartWidth-chartLeft-chartRight)
}

func (c *chart) y(v float64) float64 {
	return c.height - chartBottom - v/c.yMax*(c.height-chartBottom-chartTop)
}

// axes draws grid lines and numbers.
func (c *chart) axes(vertical bool) {
	for _, v := range ticks(c.yMax, 4) {
		if c.whole && v != math.Trunc(v) {
			continue
		}
		y := c.y(v)
		fmt.Fprintf(c, `<line class="grid" x1="%d" x2="%d" y1="%s" y2="%s"/>`, chartLeft, chartWidth-chartRight, number(y), number(y))
		fmt.Fprintf(c, `<text class="tick" x="%d" y="%s" text-anchor="end">%s</text>`, chartLeft-6, number(y+4), number(v))
	}
	for _, v := range ticks(c.xMax, 8) {
		x := c.x(v)
		if vertical {
			fmt.Fprintf(c, `<line class="grid" x1="%s" x2="%s" y1="%d" y2="%s"/>`,
				number(x), number(x), chartTop, number(c.height-chartBottom))
		}
		fmt.Fprintf(c, `<text class="tick" x="%s" y="%s" text-anchor="middle">%s</text>`,
			number(x), number(c.height-chartBottom+15), number(v))
	}
	fmt.Fprintf(c, `<text class="unit" x="%d" y="%s" text-anchor="end">%s</text>`,
		chartWidth-chartRight, number(c.height-4), html.EscapeString(c.xUnit))
	fmt.Fprintf(c, `<text class="unit" x="2" y="10">%s</text>`, html.EscapeString(c.yUnit))
}

// mark draws a dashed line with a name across the chart, at a height or, upright, at a place.
func (c *chart) mark(v float64, upright bool, name string) {
	name = html.EscapeString(name)
	if upright {
		anchor, dx := "start", 5.0
		if c.x(v) > chartWidth-110 {
			anchor, dx = "end", -5
		}
		fmt.Fprintf(c, `<line class="limit" x1="%s" x2="%s" y1="%d" y2="%s"/><text class="limit" x="%s" y="%d" text-anchor="%s">%s</text>`,
			number(c.x(v)), number(c.x(v)), chartTop-14, number(c.height-chartBottom), number(c.x(v)+dx), chartTop-6, anchor, name)
		return
	}
	dy := -4.0
	if c.y(v) < chartTop+14 {
		dy = 12
	}
	fmt.Fprintf(c, `<line class="limit" x1="%d" x2="%d" y1="%s" y2="%s"/><text class="limit" x="%d" y="%s">%s</text>`,
		chartLeft, chartWidth-chartRight, number(c.y(v)), number(c.y(v)), chartLeft+4, number(c.y(v)+dy), name)
}

func (c *chart) done() template.HTML {
	c.WriteString("</svg>")
	return template.HTML(c.String())
}

// histogram counts latencies in bins, against the deadline. All in ms.
func histogram(latencies []int64, deadline float64) template.HTML {
	if len(latencies) == 0 {
		return ""
	}
	top := float64(latencies[len(latencies)-1]) / 1e6
	shown := max(top, min(deadline, 3*top)) * 1.02
	c := newChart(200, shown, 1, "ms from receipt to publishing", "frames", "Histogram of latencies")
	const bins = 48
	var counts [bins]int
	most := 0
	for _, ns := range latencies {
		i := min(int(float64(ns)/1e6/c.xMax*bins), bins-1)
		counts[i]++
		most = max(most, counts[i])
	}
	c.yMax, c.whole = niceTop(float64(most)), true
	c.axes(false)
	for i, n := range counts {
		if n == 0 {
			continue
		}
		from, to := float64(i)*c.xMax/bins, float64(i+1)*c.xMax/bins
		class := "bar"
		if deadline > 0 && (from+to)/2 > deadline {
			class = "bar late"
		}
		fmt.Fprintf(c, `<rect class="%s" x="%s" y="%s" width="%s" height="%s"><title>%s to %s ms: %d</title></rect>`,
			class, number(c.x(from)+0.5), number(c.y(float64(n))), number(c.x(to)-c.x(from)-1), number(c.y(0)-c.y(float64(n))),
			number(from), number(to), n)
	}
	if deadline > 0 && deadline <= c.xMax {
		c.mark(deadline, true, "deadline "+number(deadline)+" ms")
	}
	return c.done()
}

// dot is a job on the timeline.
type dot struct {
	at      float64 // s since the start
	latency float64 // ms; negative: not published
	missed  bool
}

// maxDots is the number of dots above which a timeline shows the span of each column instead.
const maxDots = 1200

// scatter shows the latency of each job over the run; those not published as ticks on the ground.
func scatter(dots []dot, duration, deadline float64) template.HTML {
	if len(dots) == 0 {
		return ""
	}
	top := 0.0
	for _, d := range dots {
		top = max(top, d.latency)
	}
	c := newChart(200, max(duration, 0.1), max(top, min(deadline, max(3*top, 1)))*1.05, "s since the start", "ms", "Latency of each job over the run")
	c.xMax = max(duration, 0.1)
	c.axes(true)
	if deadline > 0 && deadline <= c.yMax {
		c.mark(deadline, false, "deadline "+number(deadline)+" ms")
	}
	if len(dots) > maxDots {
		c.columns(dots)
	} else {
		for _, d := range dots {
			class := "dot"
			if d.missed {
				class = "dot late"
			}
			if d.latency >= 0 {
				fmt.Fprintf(c, `<circle class="%s" cx="%s" cy="%s" r="2.4"/>`, class, number(c.x(d.at)), number(c.y(d.latency)))
			} else {
				c.lost(d.at)
			}
		}
	}
	return c.done()
}

func (c *chart) lost(at float64) {
	fmt.Fprintf(c, `<rect class="lost" x="%s" y="%s" width="2" height="9"/>`, number(c.x(at)-1), number(c.y(0)-9))
}

// columns draws, for each column of two units, the span of its latencies.
func (c *chart) columns(dots []dot) {
	type column struct {
		low, high    float64
		lost         bool
		used, missed bool
	}
	columns := make([]column, chartWidth/2+1)
	for _, d := range dots {
		i := min(max(int(c.x(d.at)/2), 0), len(columns)-1)
		k := &columns[i]
		if d.latency < 0 {
			k.lost = true
			continue
		}
		if !k.used || d.latency < k.low {
			k.low = d.latency
		}
		k.high = max(k.high, d.latency)
		k.used, k.missed = true, k.missed || d.missed
	}
	for i, k := range columns {
		class := "span"
		if k.missed {
			class = "span late"
		}
		if k.used {
			fmt.Fprintf(c, `<rect class="%s" x="%d" y="%s" width="2" height="%s"/>`,
				class, 2*i, number(c.y(k.high)-1), number(c.y(k.low)-c.y(k.high)+2))
		}
		if k.lost {
			fmt.Fprintf(c, `<rect class="lost" x="%d" y="%s" width="2" height="9"/>`, 2*i, number(c.y(0)-9))
		}
	}
}

// spell is a stretch of time with one state.
type spell struct {
	from, to float64 // s since the start
	text     string
	color    string
}

// strip shows the states over the run.
func strip(spells []spell, duration float64) template.HTML {
	if len(spells) == 0 {
		return ""
	}
	c := newChart(74, max(duration, 0.1), 1, "s since the start", "", "State over the run")
	c.xMax = max(duration, 0.1)
	for _, s := range spells {
		fmt.Fprintf(c, `<rect x="%s" y="%d" width="%s" height="20" fill="%s"><title>%s, %s to %s s</title></rect>`,
			number(c.x(s.from)), chartTop, number(max(c.x(s.to)-c.x(s.from), 0.7)), s.color,
			html.EscapeString(s.text), number(s.from), number(s.to))
	}
	for _, v := range ticks(c.xMax, 8) {
		fmt.Fprintf(c, `<text class="tick" x="%s" y="58" text-anchor="middle">%s</text>`, number(c.x(v)), number(v))
	}
	fmt.Fprintf(c, `<text class="unit" x="%d" y="72" text-anchor="end">s since the start</text>`, chartWidth-chartRight)
	return c.done()
}

// step returns a step of 1, 2 or 5 times a power of ten that divides top into n parts at most.
func step(top float64, n int) float64 {
	if !(top > 0) || math.IsInf(top, 0) {
		return 1
	}
	raw := top / float64(n)
	unit := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, f := range []float64{1, 2, 5} {
		if f*unit >= raw*0.999999 {
			return f * unit
		}
	}
	return 10 * unit
}

// niceTop rounds the end of an axis up a little.
func niceTop(v float64) float64 {
	if !(v > 0) || math.IsInf(v, 0) {
		return 1
	}
	s := step(v, 10)
	return math.Ceil(v/s-1e-9) * s
}

// ticks returns the numbers to write along an axis from 0 to top.
func ticks(top float64, n int) []float64 {
	s := step(top, n)
	var all []float64
	for i := 0; float64(i)*s <= top*1.000001 && i <= 2*n; i++ {
		all = append(all, float64(i)*s)
	}
	return all
}

// number writes a number with two decimals at most.
func number(v float64) string {
	return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64)
}
