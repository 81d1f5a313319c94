// Package timeline draws what a simulation traced as an SVG picture: a lane
// for each CPU worker and accelerator slot, with the stages that ran there,
// and one for each task, with its releases, deadlines and misses.
package timeline

import (
	"bytes"
	"fmt"
	"math"
	"time"

	"rtmdl/scheduler/core"
	"rtmdl/scheduler/sim"
	"rtmdl/scheduler/task"
)

// Picture is what is drawn.
type Picture struct {
	Set      *task.Set
	Plan     *task.Plan
	Config   sim.Config
	Trace    *sim.Trace
	From, To time.Duration // the span of time, To after From
}

// Sizes in px.
const (
	width      = 1400.0
	left       = 170.0
	right      = 24.0
	top        = 64.0
	laneHeight = 40.0
	taskHeight = 30.0
	gapHeight  = 14.0
	foot       = 92.0
)

// palette has colours that differ for readers who see few of them, too (Okabe
// and Ito).
var palette = []string{"#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#7f7f7f"}

const missColour = "#c00000"

type drawing struct {
	Picture
	bytes.Buffer
}

// SVG returns the picture. It needs no fonts but those of the viewer.
func (p Picture) SVG() []byte {
	d := &drawing{Picture: p}
	lanes := p.Config.CPUWorkers + p.Config.Slots
	height := top + float64(lanes)*laneHeight + gapHeight + float64(len(p.Set.Tasks))*taskHeight + foot
	fmt.Fprintf(d, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" `+
		`font-family="DejaVu Sans, Verdana, sans-serif" font-size="12">`+"\n", width, height, width, height)
	d.WriteString(`<defs><pattern id="lost" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">` +
		`<rect width="6" height="6" fill="#fff" fill-opacity="0.15"/><rect width="2.5" height="6" fill="#fff" fill-opacity="0.75"/>` +
		`</pattern></defs>` + "\n")
	fmt.Fprintf(d, `<rect width="%.0f" height="%.0f" fill="#ffffff"/>`+"\n", width, height)
	fmt.Fprintf(d, `<text x="%.0f" y="24" font-size="15" font-weight="bold">%v, late jobs: %v, %v</text>`+"\n",
		16.0, p.Config.Mode, p.Config.Late, p.Config.Order)
	d.axis(height - foot)
	d.lanes()
	d.tasks(top + float64(lanes)*laneHeight + gapHeight)
	d.legend(height - foot + 46)
	d.WriteString("</svg>\n")
	return d.Bytes()
}

func (d *drawing) x(at time.Duration) float64 {
	return left + float64(at-d.From)/float64(d.To-d.From)*(width-left-right)
}

// axis draws the time in about twelve round steps.
func (d *drawing) axis(bottom float64) {
	span := float64(d.To - d.From)
	step := math.Pow(10, math.Floor(math.Log10(span/12)))
	for _, factor := range []float64{1, 2, 5, 10} {
		if span/(step*factor) <= 14 {
			step *= factor
			break
		}
	}
	for at := math.Ceil(float64(d.From)/step) * step; at <= float64(d.To); at += step {
		x := d.x(time.Duration(at))
		fmt.Fprintf(d, `<line x1="%.1f" y1="%.0f" x2="%.1f" y2="%.1f" stroke="#d8d8d8"/>`+"\n", x, top-8, x, bottom+4)
		fmt.Fprintf(d, `<text x="%.1f" y="%.1f" text-anchor="middle" fill="#444">%s</text>`+"\n", x, bottom+18, number(at/1e6))
		fmt.Fprintf(d, `<text x="%.1f" y="%.0f" text-anchor="middle" fill="#444">%s</text>`+"\n", x, top-14, number(at/1e6))
	}
	fmt.Fprintf(d, `<text x="%.0f" y="%.1f" text-anchor="end" fill="#444">ms</text>`+"\n", left-12, bottom+18)
}

func number(ms float64) string { return fmt.Sprintf("%.6g", ms) }

func (d *drawing) lanes() {
	for u := range d.Config.CPUWorkers {
		d.lane(u, "CPU worker", u, d.Config.CPUWorkers)
	}
	for u := range d.Config.Slots {
		d.lane(d.Config.CPUWorkers+u, "accelerator slot", u, d.Config.Slots)
	}
	for _, r := range d.Trace.Runs {
		lane := r.Unit
		if r.Resource == core.Accelerator {
			lane += d.Config.CPUWorkers
		}
		d.run(lane, r)
		if r.Stage == core.Whole {
			for slot := range d.Config.Slots {
				d.run(d.Config.CPUWorkers+slot, r)
			}
		}
	}
}

func (d *drawing) lane(lane int, name string, unit, of int) {
	y := top + float64(lane)*laneHeight
	if of > 1 {
		name = fmt.Sprint(name, " ", unit)
	}
	fmt.Fprintf(d, `<text x="%.0f" y="%.1f" text-anchor="end">%s</text>`+"\n", left-12, y+laneHeight/2+4, name)
	fmt.Fprintf(d, `<rect x="%.0f" y="%.1f" width="%.0f" height="%.1f" fill="#f4f4f4"/>`+"\n",
		left, y+3, width-left-right, laneHeight-6)
}

// run draws a stage in its lane: pre and post lighter than infer, an aborted
// one hatched.
func (d *drawing) run(lane int, r sim.StageRun) {
	from, to := max(r.From, d.From), min(r.To, d.To)
	if from > to || r.From >= d.To || r.To < d.From {
		return
	}
	x, y := d.x(from), top+float64(lane)*laneHeight+5
	w, h := max(d.x(to)-x, 1), laneHeight-10
	opacity := 1.0
	if r.Stage == core.Pre || r.Stage == core.Post {
		opacity = 0.55
	}
	v := d.Set.Tasks[r.Task].Variants[d.Plan.Variants[r.Task]].Name
	fmt.Fprintf(d, `<g><title>%s/%s job %d, %v: %s to %s ms</title>`, escape(d.Set.Tasks[r.Task].Name), escape(v), r.Job, r.Stage,
		number(float64(r.From)/1e6), number(float64(r.To)/1e6))
	fmt.Fprintf(d, `<rect x="%.2f" y="%.1f" width="%.2f" height="%.1f" fill="%s" fill-opacity="%.2f" stroke="#222" stroke-width="0.6"/>`,
		x, y, w, h, Colour(r.Task), opacity)
	if r.Aborted {
		fmt.Fprintf(d, `<rect x="%.2f" y="%.1f" width="%.2f" height="%.1f" fill="url(#lost)"/>`, x, y, w, h)
	}
	if label := fmt.Sprintf("%v %d", r.Stage, r.Job); w > 8*float64(len(label)) {
		fmt.Fprintf(d, `<text x="%.2f" y="%.1f" text-anchor="middle" font-size="11">%s</text>`, x+w/2, y+h/2+4, label)
	} else if label = fmt.Sprint(r.Job); w > 8*float64(len(label)) {
		fmt.Fprintf(d, `<text x="%.2f" y="%.1f" text-anchor="middle" font-size="11">%s</text>`, x+w/2, y+h/2+4, label)
	}
	d.WriteString("</g>\n")
}

// Colour returns the colour of the i-th task, from 0, as #rrggbb; they repeat.
func Colour(i int) string { return palette[i%len(palette)] }
