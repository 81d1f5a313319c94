package timeline

import (
	"fmt"
	"strings"
	"time"

	"rtmdl/scheduler/core"
	"rtmdl/scheduler/sim"
)

// tasks draws a lane for each task: each job from its release to its end, a
// tick at its deadline, and a cross where it was missed.
func (d *drawing) tasks(y0 float64) {
	for i := range d.Set.Tasks {
		y := y0 + float64(i)*taskHeight
		name := shorten(d.Set.Tasks[i].Name + "/" + d.Set.Tasks[i].Variants[d.Plan.Variants[i]].Name)
		fmt.Fprintf(d, `<rect x="12" y="%.1f" width="10" height="10" fill="%s"/>`, y+10, Colour(i))
		fmt.Fprintf(d, `<text x="%.0f" y="%.1f" text-anchor="end">%s</text>`+"\n", left-12, y+taskHeight/2+4, escape(name))
		fmt.Fprintf(d, `<line x1="%.0f" y1="%.1f" x2="%.0f" y2="%.1f" stroke="#e4e4e4"/>`+"\n",
			left, y+taskHeight-2, width-right, y+taskHeight-2)
	}
	for _, j := range d.Trace.Jobs {
		d.job(y0+float64(j.Task)*taskHeight, j)
	}
}

func (d *drawing) job(y float64, j sim.JobEnd) {
	if j.Release > d.To || max(j.End, j.Deadline) < d.From {
		return
	}
	inside := func(at time.Duration) bool { return at >= d.From && at <= d.To }
	base := y + taskHeight - 2
	from, to := d.x(max(j.Release, d.From)), d.x(min(max(j.End, d.From), d.To))
	bar := Colour(j.Task)
	fmt.Fprintf(d, `<g><title>job %d: released %s, deadline %s, %v %s ms</title>`, j.Job,
		number(float64(j.Release)/1e6), number(float64(j.Deadline)/1e6), j.Outcome, number(float64(j.End)/1e6))
	fmt.Fprintf(d, `<rect x="%.2f" y="%.1f" width="%.2f" height="6" fill="%s" fill-opacity="0.5"/>`, from, base-9, max(to-from, 1), bar)
	if inside(j.Release) {
		x := d.x(j.Release)
		fmt.Fprintf(d, `<path d="M%.2f %.1f V%.1f m-3 5 l3 -5 l3 5" fill="none" stroke="#222" stroke-width="1.1"/>`, x, base, y+4)
	}
	if inside(j.Deadline) {
		x, stroke := d.x(j.Deadline), "#222"
		if j.Missed {
			stroke = missColour
		}
		fmt.Fprintf(d, `<path d="M%.2f %.1f V%.1f m-3 -5 l3 5 l3 -5" fill="none" stroke="%s" stroke-width="1.1" stroke-dasharray="none"/>`,
			x, y+6, base, stroke)
	}
	if j.Missed && inside(j.End) {
		d.cross(d.x(j.End), base-6)
		if j.Outcome != core.Finish {
			fmt.Fprintf(d, `<text x="%.2f" y="%.1f" font-size="9" fill="%s">%v</text>`, d.x(j.End)+6, base-10, missColour, j.Outcome)
		}
	}
	d.WriteString("</g>\n")
}

func (d *drawing) cross(x, y float64) {
	fmt.Fprintf(d, `<path d="M%.2f %.1f l8 8 m0 -8 l-8 8" stroke="%s" stroke-width="2" fill="none"/>`, x-4, y-4, missColour)
}

func (d *drawing) legend(y float64) {
	x := left
	fmt.Fprintf(d, `<path d="M%.1f %.1f v-14 m-3 5 l3 -5 l3 5" fill="none" stroke="#222"/><text x="%.1f" y="%.1f">release</text>`, x, y+4, x+8, y)
	x += 90
	fmt.Fprintf(d, `<path d="M%.1f %.1f v14 m-3 -5 l3 5 l3 -5" fill="none" stroke="#222"/><text x="%.1f" y="%.1f">deadline (red: missed)</text>`,
		x, y-10, x+8, y)
	x += 180
	d.cross(x, y-4)
	fmt.Fprintf(d, `<text x="%.1f" y="%.1f">end of a missed job</text>`, x+10, y)
	x += 170
	fmt.Fprintf(d, `<rect x="%.1f" y="%.1f" width="24" height="12" fill="#666"/><text x="%.1f" y="%.1f">infer</text>`, x, y-10, x+30, y)
	x += 80
	fmt.Fprintf(d, `<rect x="%.1f" y="%.1f" width="24" height="12" fill="#666" fill-opacity="0.55"/><text x="%.1f" y="%.1f">pre, post</text>`,
		x, y-10, x+30, y)
	x += 110
	fmt.Fprintf(d, `<rect x="%.1f" y="%.1f" width="24" height="12" fill="#666"/><rect x="%.1f" y="%.1f" width="24" height="12" fill="url(#lost)"/>`+
		`<text x="%.1f" y="%.1f">aborted</text>`+"\n", x, y-10, x, y-10, x+30, y)
	fmt.Fprintf(d, `<text x="%.1f" y="%.1f" fill="#444">Numbers are those of jobs; a bar under a task is a job from its release to its end.</text>`+"\n",
		left, y+24)
}

func shorten(s string) string {
	if r := []rune(s); len(r) > 19 {
		return string(r[:18]) + "…"
	}
	return s
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

func escape(s string) string { return escaper.Replace(s) }
