package report

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"rtmdl/internal/bag"
)

// Options say what FromBag makes. The zero value computes the figures only.
type Options struct {
	// OutDir gets report.json, report.html and frames/; it is made if it is not there. Empty: nothing is written.
	OutDir string
	// MaxPictures is the largest number of annotated pictures; 0 means 12, negative none.
	MaxPictures int
	// Trace gets what ran where and when as a Chrome trace, for ui.perfetto.dev. Empty: none is written.
	Trace string
	// Compare is another bag, that the report compares its own with. Empty: none.
	Compare string
	// Progress is told now and then how many of all messages have been read; nil: nobody is.
	Progress func(done, total uint64)
}

// Report has the figures of a run. As JSON it is report.json.
type Report struct {
	DurationS float64 `json:"duration_s"` // from the first message to the last, in seconds
	BagFrames int     `json:"bag_frames"` // images on the camera topic
	Tasks     []Task  `json:"tasks"`      // by name

	Compared *Compared `json:"compared_with,omitempty"`

	page *page // what else the HTML and the summary tell
}

// Task has the figures of one task. Times are in milliseconds.
type Task struct {
	Name       string         `json:"name"`
	Frames     int            `json:"frames"`    // received; the sum of Outcomes
	Jobs       int            `json:"jobs"`      // frames that entered the scheduler: all but the refused
	Published  int            `json:"published"` // in time or late
	Missed     int            `json:"missed"`    // not published in time
	MissRate   *float64       `json:"miss_rate"` // Missed / Frames; nil: no job timings tell
	DeadlineMs float64        `json:"deadline_ms"`
	P50Ms      float64        `json:"p50_ms"` // latencies; 0 where nothing was published
	P99Ms      float64        `json:"p99_ms"`
	MaxMs      float64        `json:"max_ms"`
	AgeP99Ms   *float64       `json:"age_p99_ms"` // nil: the bag does not tell
	Variants   map[string]int `json:"variants"`   // jobs by variant of the network
	Outcomes   map[string]int `json:"outcomes"`   // frames by outcome, all six
}

// FromBag reads a bag (a file or a rosbag2 folder) twice at most, and writes the report. It returns the errors of bag.Open
// for what is no bag, and ErrNoTimings where Options.Trace asks for what it can't tell; an unfinished bag is reported as far as it goes. The memory that it needs goes by the number
// of frames, not by their size.
func FromBag(ctx context.Context, path string, o Options) (*Report, error) {
	reader, run, err := load(ctx, path, o.Progress)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	schedule := run.trace()
	if o.Trace != "" {
		if len(schedule.Jobs) == 0 {
			return nil, fmt.Errorf("%s: %w", path, ErrNoTimings)
		}
		if err := writeTrace(schedule, o.Trace); err != nil {
			return nil, err
		}
	}
	report := &Report{page: newPage(path, reader, run)}
	report.fill(run)
	if o.Compare != "" {
		if err := report.compare(ctx, run, o); err != nil {
			return nil, err
		}
	}
	if o.MaxPictures == 0 {
		o.MaxPictures = 12
	}
	report.page.Pictures = makePictures(ctx, reader, run, o.MaxPictures)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	report.page.finish(report, run)
	report.page.Schedule = newSchedule(schedule)
	if o.OutDir == "" {
		return report, nil
	}
	return report, report.write(o.OutDir)
}

// load opens a bag and reads all but the pixels. The caller closes the reader.
func load(ctx context.Context, path string, progress func(done, total uint64)) (*bag.Reader, *run, error) {
	reader, err := bag.Recover(path)
	if err != nil {
		return nil, nil, err
	}
	err = reader.Damage()
	if reader.Count() > 0 {
		var r *run
		if r, err = collect(ctx, reader, progress); err == nil {
			return reader, r, nil
		}
	}
	reader.Close()
	return nil, nil, err
}

// compare reads the other bag and compares.
func (r *Report) compare(ctx context.Context, run *run, o Options) error {
	reader, other, err := load(ctx, o.Compare, o.Progress)
	if err != nil {
		return err
	}
	defer reader.Close()
	var figures Report
	figures.fill(other)
	r.Compared = &Compared{filepath.Base(o.Compare), figures.DurationS, figures.Tasks}
	r.page.Other, r.page.Compared = newPage(o.Compare, reader, other), compare(run, other, r.Tasks, figures.Tasks)
	return nil
}

// write makes the files.
func (r *Report) write(dir string) error {
	frames := filepath.Join(dir, "frames")
	if err := os.MkdirAll(frames, 0o755); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	old, err := filepath.Glob(filepath.Join(frames, "[0-9][0-9][0-9]_*.jpg"))
	for _, file := range old { // of an earlier report
		err = errors.Join(err, os.Remove(file))
	}
	for _, p := range r.page.Pictures {
		err = errors.Join(err, os.WriteFile(filepath.Join(frames, p.File), p.jpeg, 0o644))
	}
	var figures, html bytes.Buffer
	encoder := json.NewEncoder(&figures)
	encoder.SetIndent("", "  ")
	err = errors.Join(err, encoder.Encode(r), pageTemplate.Execute(&html, r.page))
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	r.page.outDir = dir
	err = errors.Join(
		os.WriteFile(filepath.Join(dir, "report.json"), figures.Bytes(), 0o644),
		os.WriteFile(filepath.Join(dir, "report.html"), html.Bytes(), 0o644),
	)
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}
