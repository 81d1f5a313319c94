package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"rtmdl/internal/ros/msg"
)

// row is a line of the table of all frames.
type row struct {
	Number  int
	At      string
	Stamp   string
	Task    string
	Outcome string
	Late    bool
	Lost    bool
	Latency string
	State   string
	Boxes   string
}

// maxRows bounds the table of all frames.
const maxRows = 3000

// rows lists all frames with what became of them, those that only a timing or a result tells of too.
func (p *page) rows(r *run) {
	type place struct {
		logTime int64
		stamp   msg.Time
		number  int // of the frame in the bag; 0: not there
	}
	var places []place
	seen := map[msg.Time]bool{}
	if r.camera != nil {
		for i, f := range r.camera.frames {
			places = append(places, place{f.logTime, f.stamp, i + 1})
			seen[f.stamp] = true
		}
	}
	matches := make([]match, len(r.tasks))
	for i, t := range r.tasks {
		matches[i] = t.match()
		for k := range t.timings {
			if stamp := t.timings[k].Header.Stamp; !seen[stamp] {
				seen[stamp] = true
				places = append(places, place{t.timings[k].logTime, stamp, 0})
			}
		}
		for k := range t.outputs {
			if stamp := t.outputs[k].stamp; !seen[stamp] {
				seen[stamp] = true
				places = append(places, place{t.outputs[k].logTime, stamp, 0})
			}
		}
	}
	slices.SortStableFunc(places, func(a, b place) int { return cmp.Compare(a.logTime, b.logTime) })
	for _, at := range places {
		lines := []row{{Stamp: stampText(at.stamp)}} // of a bag without tasks
		if len(r.tasks) > 0 {
			lines = lines[:0]
		}
		for i, t := range r.tasks {
			lines = append(lines, t.row(matches[i], at.stamp))
		}
		for _, w := range lines {
			if len(p.Rows) == maxRows {
				p.MoreRows++
				continue
			}
			w.Number, w.At = at.number, fmt.Sprintf("%.3f", r.seconds(at.logTime))
			p.Rows = append(p.Rows, w)
		}
	}
}

func (t *task) row(m match, stamp msg.Time) row {
	w := row{Stamp: stampText(stamp), Task: t.name, Outcome: "no timing", Lost: true}
	if i, ok := m.timings[stamp]; ok {
		j := &t.timings[i]
		w.Outcome, w.Lost = j.Outcome.String(), j.Outcome != msg.OutcomePublished
		w.Late = j.Missed && !w.Lost
		if w.Late {
			w.Outcome = "late"
		}
		if j.Reason != "" {
			w.Outcome += ": " + shorten(j.Reason, 60)
		}
		if latency, ok := j.latency(); ok {
			w.Latency = fmt.Sprintf("%.2f", float64(latency)/1e6)
		}
	}
	if i, ok := m.outputs[stamp]; ok {
		o := &t.outputs[i]
		if len(t.timings) == 0 {
			w.Outcome, w.Lost = msg.OutcomePublished.String(), false
		}
		w.State = shorten(o.state, 40)
		var parts []string
		for _, b := range o.boxes[:min(len(o.boxes), 8)] {
			parts = append(parts, fmt.Sprintf("%s %.2f (%.0f, %.0f, %.0f × %.0f)", shorten(b.Label, 40), b.Score, b.X, b.Y, b.Width, b.Height))
		}
		if o.count > 8 {
			parts = append(parts, fmt.Sprintf("and %d more", o.count-8))
		}
		w.Boxes = strings.Join(parts, "; ")
	}
	return w
}
