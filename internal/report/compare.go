package report

import (
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"text/tabwriter"

	"rtmdl/internal/ros/msg"
)

// Compared has the figures of the run that a report is compared with.
type Compared struct {
	Name      string  `json:"name"` // of the bag
	DurationS float64 `json:"duration_s"`
	Tasks     []Task  `json:"tasks"` // by name
}

// comparison is the part of the page on one task that is in either run.
type comparison struct {
	Name    string
	Rows    []comparedRow
	Figure  template.HTML
	OnlyOne string // says so where the task is in one run only; there is nothing else then
}

// comparedRow is a figure of both runs. Grade is good or bad where the difference is to the better or worse, else empty.
type comparedRow struct {
	What, This, Other, Difference string
	Grade                         string
}

// compare compares two runs task by task. The figures are those of the runs.
func compare(this, other *run, thisTasks, otherTasks []Task) []comparison {
	names := map[string]bool{}
	find := func(r *run, figures []Task) map[string]int {
		at := map[string]int{}
		for i := range figures {
			at[r.tasks[i].name] = i
			names[r.tasks[i].name] = true
		}
		return at
	}
	a, b := find(this, thisTasks), find(other, otherTasks)
	var all []comparison
	for _, name := range slices.Sorted(maps.Keys(names)) {
		c := comparison{Name: name}
		i, here := a[name]
		k, there := b[name]
		switch {
		case !there:
			c.OnlyOne = "is in this run only"
		case !here:
			c.OnlyOne = "is in the other run only"
		default:
			c.Rows = compareFigures(&thisTasks[i], &otherTasks[k])
			c.Figure = cumulative(this.tasks[i], other.tasks[k], thisTasks[i].DeadlineMs)
		}
		all = append(all, c)
	}
	return all
}

// compareFigures lists the figures of a task.
func compareFigures(a, b *Task) []comparedRow {
	rows := []comparedRow{{What: "frames received", This: fmt.Sprint(a.Frames), Other: fmt.Sprint(b.Frames), Difference: signed(float64(a.Frames-b.Frames), "")}}
	share := func(what string, x, y, better int) {
		rows = append(rows, shares(what, x, a.Frames, y, b.Frames, better))
	}
	if a.MissRate != nil && b.MissRate != nil {
		share("missed", a.Missed, b.Missed, -1)
	}
	for _, o := range msg.Outcomes() {
		x, y := a.Outcomes[o.String()], b.Outcomes[o.String()]
		if better := -1; x+y > 0 {
			if o == msg.OutcomePublished {
				better = 1
			}
			share(o.String(), x, y, better)
		}
	}
	time := func(what string, x, y float64, better int) {
		if x > 0 && y > 0 {
			row := comparedRow{What: what, This: number(x) + " ms", Other: number(y) + " ms",
				Difference: signed(x-y, " ms"), Grade: grade(x-y, better)}
			if row.Grade != "" {
				row.Difference += fmt.Sprintf(" (%s)", signed(round(100*(x-y)/y, 1), " %"))
			}
			rows = append(rows, row)
		}
	}
	time("deadline", a.DeadlineMs, b.DeadlineMs, 0)
	time("latency p50", a.P50Ms, b.P50Ms, -1)
	time("latency p99", a.P99Ms, b.P99Ms, -1)
	time("latency max", a.MaxMs, b.MaxMs, -1)
	if a.AgeP99Ms != nil && b.AgeP99Ms != nil {
		time("age of results p99", *a.AgeP99Ms, *b.AgeP99Ms, -1)
	}
	variants := maps.Clone(a.Variants)
	maps.Copy(variants, b.Variants)
	for _, v := range slices.Sorted(maps.Keys(variants)) {
		rows = append(rows, shares("jobs of variant "+shorten(v, 40), a.Variants[v], a.Jobs, b.Variants[v], b.Jobs, 0))
	}
	return rows
}

// shares compares counts as parts of all, since runs differ in length; the difference is in percentage points. A better of 1
// says that more is better, -1 that less is, 0 neither.
func shares(what string, x, ofX, y, ofY, better int) comparedRow {
	percent := func(n, of int) float64 { return round(100*float64(n)/float64(max(of, 1)), 2) }
	a, b := percent(x, ofX), percent(y, ofY)
	return comparedRow{
		What: what, This: fmt.Sprintf("%s %% (%d)", number(a), x), Other: fmt.Sprintf("%s %% (%d)", number(b), y),
		Difference: signed(a-b, " points"), Grade: grade(a-b, better),
	}
}

func grade(difference float64, better int) string {
	switch d := round(difference, 2) * float64(better); {
	case d > 0:
		return "good"
	case d < 0:
		return "bad"
	}
	return ""
}

// signed writes a difference with two decimals at most.
func signed(v float64, unit string) string {
	text := number(v)
	switch {
	case text == "0", text == "-0":
		return "0"
	case v > 0:
		text = "+" + text
	}
	return text + unit
}

// cumulative shows which share of the frames was published within which time, in both runs: the curve's height at the deadline
// is the share that was not missed, and what it lacks at the right was not published, or later still.
func cumulative(this, other *task, deadline float64) template.HTML {
	curves := []struct {
		class, name string
		task        *task
	}{{"other", "the other", other}, {"this", "this run", this}}
	if len(this.latencies()) == 0 || len(other.latencies()) == 0 {
		return ""
	}
	top := deadline * 1.25
	for _, curve := range curves {
		top = max(top, 1.1*ms(rank(curve.task.latencies(), 99)))
	}
	c := newChart(220, top, 100, "ms from receipt to publishing", "% of frames", "Frames published within a time, in both runs")
	c.axes(true)
	if deadline > 0 {
		c.mark(deadline, true, "deadline "+number(deadline)+" ms")
	}
	for _, curve := range curves {
		latencies := curve.task.latencies()
		fmt.Fprintf(c, `<path class="curve %s" d="M%s %s`, curve.class, number(c.x(0)), number(c.y(0)))
		const steps = 320
		for i := 1; i <= steps; i++ {
			at := float64(i) * c.xMax / steps
			within, _ := slices.BinarySearch(latencies, int64(at*1e6)+1)
			fmt.Fprintf(c, " %s %s", number(c.x(at)), number(c.y(100*float64(within)/float64(len(curve.task.timings)))))
		}
		fmt.Fprintf(c, `"><title>%s</title></path>`, curve.name)
	}
	return c.done()
}

// writeComparison writes the comparison as a table of text.
func (p *page) writeComparison(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "compared with %s\tthis run\tthe other\tdifference\n", p.Other.Name)
	for _, c := range p.Compared {
		if c.OnlyOne != "" {
			fmt.Fprintf(t, "%s %s\n", c.Name, c.OnlyOne)
		}
		for _, r := range c.Rows {
			fmt.Fprintf(t, "%s: %s\t%s\t%s\t%s\n", c.Name, r.What, r.This, r.Other, r.Difference)
		}
	}
	return t.Flush()
}
