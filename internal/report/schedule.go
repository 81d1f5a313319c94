package report

import (
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"os"

	"rtmdl/internal/timeline"
	"rtmdl/internal/trace"
)

// ErrNoTimings is returned where a trace is asked for of a bag that has no job timings.
var ErrNoTimings = errors.New("the bag has no job timings, so nobody knows what ran when: record scheduler/job_timing, too " +
	"(rtmdl record … /scheduler/job_timing)")

// trace returns what the schedulers did.
func (r *run) trace() *trace.Trace {
	var names []string
	var jobs []trace.Job
	for i, t := range r.tasks {
		names = append(names, shorten(t.name, 40))
		scheduler := ""
		if r.several {
			scheduler = t.namespace
		}
		for k := range t.timings {
			jobs = append(jobs, trace.Job{Scheduler: scheduler, Task: i, JobTiming: &t.timings[k].JobTiming})
		}
	}
	return trace.New(names, jobs)
}

// writeTrace makes a Chrome trace.
func writeTrace(t *trace.Trace, file string) error {
	f, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("write trace: %w", err)
	}
	if err = errors.Join(t.WriteChrome(f), f.Close()); err != nil {
		return fmt.Errorf("write trace: %w", err)
	}
	return nil
}

//go:embed schedule.js
var scheduleScript string

// maxDrawn is the number of jobs that the timeline shows, the first ones: a page of some 10 MB.
const maxDrawn = 60_000

// schedule is what the timeline's script draws. Times are in microseconds since the start.
type schedule struct {
	Script template.JS `json:"-"`
	More   int         `json:"-"` // jobs that are left out

	Tasks  []string   `json:"tasks"`
	Colors []string   `json:"colors"` // by task
	Texts  []string   `json:"texts"`  // variants, devices and reasons
	End    int64      `json:"end"`
	Lanes  []laneData `json:"lanes"`
	// Jobs has for each: task, number, outcome as an index into texts, 1 if missed, received, deadline, end, blocked, and as
	// indices into texts the variant, the task that it was packed with, and the reason.
	Jobs [][11]int64 `json:"jobs"`
}

// laneData has for each of a lane's spans: job as an index, stage (0 pre, 1 infer, 2 post), from, duration.
type laneData struct {
	Name        string     `json:"name"`
	Accelerator bool       `json:"acc"`
	Spans       [][4]int64 `json:"spans"`
}

// newSchedule returns what is drawn of a trace, or nil if there is nothing to draw.
func newSchedule(t *trace.Trace) *schedule {
	if len(t.Jobs) == 0 {
		return nil
	}
	drawn := t.Jobs[:min(len(t.Jobs), maxDrawn)]
	p := &schedule{Script: template.JS(scheduleScript), More: len(t.Jobs) - len(drawn), Tasks: t.Tasks}
	for i := range t.Tasks {
		p.Colors = append(p.Colors, timeline.Colour(i))
	}
	index := map[string]int64{}
	text := func(s string) int64 {
		i, ok := index[s]
		if !ok {
			i = int64(len(p.Texts))
			index[s] = i
			p.Texts = append(p.Texts, s)
		}
		return i
	}
	us := func(ns int64) int64 { return (ns - t.Start) / 1000 }
	for _, j := range drawn {
		missed := int64(0)
		if j.Missed {
			missed = 1
		}
		end := us(j.End())
		p.End = max(p.End, end, us(j.DeadlineNs))
		p.Jobs = append(p.Jobs, [11]int64{
			int64(j.Task), int64(j.Job), text(j.Outcome.String()), missed, us(j.ReceivedNs), us(j.DeadlineNs), end,
			j.BlockedNs / 1000, text(shorten(j.Variant, 40)), text(shorten(j.PackedWith, 40)), text(shorten(j.Reason, 200)),
		})
	}
	for _, lane := range t.Lanes {
		l := laneData{Name: lane.Name, Accelerator: lane.Accelerator, Spans: [][4]int64{}}
		for _, s := range lane.Spans {
			if s.Job < len(drawn) {
				l.Spans = append(l.Spans, [4]int64{int64(s.Job), int64(s.Stage), us(s.From), us(s.To) - us(s.From)})
			}
		}
		p.Lanes = append(p.Lanes, l)
	}
	return p
}
