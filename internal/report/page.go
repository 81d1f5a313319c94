package report

import (
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"rtmdl/internal/bag"
	"rtmdl/internal/draw"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("report").Funcs(template.FuncMap{
	"percent": func(v float64) string { return number(100*v) + " %" },
	"ms":      number,
	"ms2":     func(v float64) string { return fmt.Sprintf("%.2f", v) },
	"color":   colorText,
	"safe":    func(s string) template.CSS { return template.CSS(s) },
}).Parse(pageText))

// page is what report.html shows.
type page struct {
	Name     string // of the bag
	Recorded string
	Duration string
	Camera   string
	Frames   int
	Tasks    []taskPage
	Pictures []picture
	Problems []string
	Missing  []string
	Topics   []*bag.Topic
	Rows     []row
	MoreRows int
	Several  bool // tasks
	Schedule *schedule
	Other    *page // of the run that it is compared with, without its tasks; nil: none
	Compared []comparison
	outDir   string
}

// taskPage is the part on one task.
type taskPage struct {
	Task
	Grade     string // good, fair or bad
	Age       string
	Late      int // published after the deadline
	Lost      int // not published
	Facts     []string
	Account   []line
	Stages    []stageRow
	Histogram template.HTML
	Timeline  template.HTML
	Classes   []classRow
	Seen      int // frames with a box
	States    []stateRow
	Strip     template.HTML
	HasBoxes  bool
	Timings   bool
}

type stageRow struct {
	Name               string
	P50, P99, Max      float64
	Share              float64 // of the total's median, in percent
	Count              int
	Total, Wait, Extra bool
}

type classRow struct {
	Label         string
	Boxes, Frames int
	Mean, Top     float64
	Share         float64 // of the most frequent class, in percent
}

type stateRow struct {
	Text  string
	Count int
	Share float64
}

func colorText(class string) string {
	c := draw.ClassColor(class)
	return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B)
}

func newPage(path string, reader *bag.Reader, r *run) *page {
	p := &page{
		Name: filepath.Base(path), Topics: reader.Topics(),
		Recorded: time.Unix(0, r.start).UTC().Format("2006-01-02 15:04:05 UTC"),
		Duration: number(round(time.Duration(r.end-r.start).Seconds(), 1)) + " s",
	}
	if r.camera != nil {
		p.Camera, p.Frames = r.camera.topic.Name, r.camera.count
	}
	return p
}

// finish fills in what follows from the run and the figures.
func (p *page) finish(report *Report, r *run) {
	p.Several = len(r.tasks) > 1
	for i, t := range r.tasks {
		p.Tasks = append(p.Tasks, t.page(r, report.Tasks[i]))
	}
	p.rows(r)
	names := make([]string, 0, len(r.bad))
	for name := range r.bad {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		r.problem(fmt.Sprintf("%d of the messages on %s can't be decoded; the first: %v.", r.bad[name].count, name, r.bad[name].first))
	}
	p.Problems = r.problems
	p.Missing = r.missing()
}

// missing says what the report can't tell, and why.
func (r *run) missing() []string {
	var all []string
	if r.camera == nil {
		all = append(all, "No camera images in the bag: no pictures, and no check that every frame was received.")
	}
	if len(r.tasks) == 0 {
		all = append(all, "No task left a trace in the bag: no <task>/detections, no scheduler/job_timing, no scheduler/status.")
	}
	for _, t := range r.tasks {
		if len(t.timings) == 0 {
			all = append(all, t.name+": no job timings. Latencies and misses are unknown, and there is no timeline; frames are counted by the results, so dropped "+
				"ones are not seen. Record scheduler/job_timing, too.")
		}
		if len(t.outputTopics) == 0 {
			all = append(all, t.name+": no topic with its results. What it detected, and the age of results, are unknown.")
		} else if _, sane := t.ages(); !sane && len(t.outputs) > 0 {
			all = append(all, t.name+": the stamps of its frames are more than an hour away from the time of publishing, as when a bag is "+
				"played with its original stamps. Ages are left out; latencies do not depend on stamps.")
		}
	}
	if r.statuses == 0 && len(r.tasks) > 0 {
		all = append(all, "No scheduler/status: the scheduler's own counts can't be compared.")
	}
	for _, c := range r.cameras {
		if c != r.camera && c.count > 0 {
			all = append(all, fmt.Sprintf("%s has %d more images; the report looks at %s.", c.topic.Name, c.count, r.camera.topic.Name))
		}
	}
	return all
}

func (t *task) page(r *run, f Task) taskPage {
	p := taskPage{Task: f, Account: t.account(r, f), Age: "–", Timings: len(t.timings) > 0, HasBoxes: len(t.outputTopics) > 0}
	if f.AgeP99Ms != nil {
		p.Age = number(*f.AgeP99Ms) + " ms"
	}
	switch {
	case f.MissRate == nil:
	case *f.MissRate <= 0.01:
		p.Grade = "good"
	case *f.MissRate <= 0.1:
		p.Grade = "fair"
	default:
		p.Grade = "bad"
	}
	p.Lost = f.Frames - f.Published
	p.Late = max(f.Missed-p.Lost, 0)
	p.Facts = t.facts(f)
	p.Stages = t.stageRows()
	p.Histogram = histogram(t.latencies(), f.DeadlineMs)
	dots := make([]dot, len(t.timings))
	for i := range t.timings {
		dots[i] = dot{r.seconds(t.timings[i].logTime), -1, t.timings[i].Missed}
		if latency, ok := t.timings[i].latency(); ok {
			dots[i].latency = float64(latency) / 1e6
		}
	}
	duration := r.seconds(r.end)
	p.Timeline = scatter(dots, duration, f.DeadlineMs)
	p.Classes, p.Seen = t.classRows()
	p.States = t.stateRows()
	p.Strip = strip(t.spells(r), duration)
	return p
}

// facts tells in a few words what ran.
func (t *task) facts(f Task) []string {
	var facts []string
	variants := make([]string, 0, len(f.Variants))
	for name := range f.Variants {
		variants = append(variants, name)
	}
	slices.SortFunc(variants, func(a, b string) int {
		return cmp.Or(cmp.Compare(f.Variants[b], f.Variants[a]), cmp.Compare(a, b))
	})
	for _, name := range variants[:min(len(variants), 6)] {
		facts = append(facts, fmt.Sprintf("variant %s: %d jobs", shorten(name, 40), f.Variants[name]))
	}
	devices, packed := map[string]bool{}, 0
	for i := range t.timings {
		if d := t.timings[i].Device; d != "" && !devices[d] && len(devices) < 6 {
			devices[d] = true
			facts = append(facts, "inference on "+shorten(d, 40))
		}
		if t.timings[i].PackedWith != "" {
			packed++
		}
	}
	if packed > 0 {
		facts = append(facts, fmt.Sprintf("%d inferences shared the accelerator with another", packed))
	}
	if t.latePolicy != "" {
		facts = append(facts, "late policy "+shorten(t.latePolicy, 20))
	}
	return facts
}

func (t *task) stageRows() []stageRow {
	if len(t.timings) == 0 {
		return nil
	}
	total := t.latencies()
	middle := float64(rank(total, 50))
	var rows []stageRow
	add := func(name string, all []int64) *stageRow {
		s := stageRow{Name: name, Count: len(all), P50: ms(rank(all, 50)), P99: ms(rank(all, 99)), Max: ms(rank(all, 100))}
		if middle > 0 {
			s.Share = round(min(100*float64(rank(all, 50))/middle, 100), 1)
		}
		rows = append(rows, s)
		return &rows[len(rows)-1]
	}
	for _, s := range stages {
		add(s.name, t.durations(s)).Wait = strings.HasPrefix(s.name, "waiting")
	}
	add("receipt to publishing", total).Total = true
	var blocked []int64
	for i := range t.timings {
		if _, ok := t.timings[i].latency(); ok {
			blocked = append(blocked, max(t.timings[i].BlockedNs, 0))
		}
	}
	slices.Sort(blocked)
	add("of it ready, but blocked", blocked).Extra = true
	return rows
}

func (t *task) classRows() (rows []classRow, seen int) {
	type tally struct {
		boxes, frames int
		sum, top      float64
	}
	classes := map[string]*tally{}
	for i := range t.outputs {
		found := t.outputs[i].found()
		if len(found) > 0 {
			seen++
		}
		here := map[string]bool{}
		for _, b := range found {
			c := classes[b.Label]
			if c == nil {
				c = &tally{}
				classes[b.Label] = c
			}
			c.boxes++
			if !here[b.Label] {
				here[b.Label] = true
				c.frames++
			}
			if !math.IsNaN(b.Score) {
				c.sum, c.top = c.sum+b.Score, max(c.top, b.Score)
			}
		}
	}
	most := 0
	for label, c := range classes {
		rows = append(rows, classRow{
			Label: shorten(label, 60), Boxes: c.boxes, Frames: c.frames, Mean: round(c.sum/float64(c.boxes), 2), Top: round(c.top, 2),
		})
		most = max(most, c.boxes)
	}
	slices.SortFunc(rows, func(a, b classRow) int { return cmp.Or(b.Boxes-a.Boxes, cmp.Compare(a.Label, b.Label)) })
	for i := range rows {
		rows[i].Share = round(100*float64(rows[i].Boxes)/float64(most), 1)
	}
	return rows[:min(len(rows), 60)], seen
}

func (t *task) stateRows() []stateRow {
	counts := map[string]int{}
	for _, s := range t.states {
		counts[s.text]++
	}
	var rows []stateRow
	for text, n := range counts {
		rows = append(rows, stateRow{shorten(text, 40), n, round(100*float64(n)/float64(len(t.states)), 1)})
	}
	slices.SortFunc(rows, func(a, b stateRow) int { return cmp.Or(b.Count-a.Count, cmp.Compare(a.Text, b.Text)) })
	return rows[:min(len(rows), 12)]
}

// maxSpells bounds the strip of states.
const maxSpells = 2000

// spells joins equal states that follow one another; a pause of more than a second ends one.
func (t *task) spells(r *run) []spell {
	const pause = 1.0
	var all []spell
	for i, s := range t.states {
		from := r.seconds(s.logTime)
		to := min(from+pause, r.seconds(r.end))
		if i+1 < len(t.states) {
			to = min(to, r.seconds(t.states[i+1].logTime))
		}
		if n := len(all); n > 0 && all[n-1].text == s.text && from-all[n-1].to < 0.001 {
			all[n-1].to = to
			continue
		}
		if len(all) == maxSpells {
			break
		}
		all = append(all, spell{from, to, s.text, colorText(s.text)})
	}
	return all
}
