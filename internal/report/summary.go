package report

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"rtmdl/internal/ros/msg"
)

// Summary writes a few lines on what was seen and where to look: five for one task, two more for each further one, and one
// if the bag has problems; then the comparison, if there is one.
func (r *Report) Summary(w io.Writer) error {
	var b strings.Builder
	p := r.page
	camera := "no camera images"
	if p.Camera != "" {
		camera = fmt.Sprintf("%d frames on %s", p.Frames, p.Camera)
	}
	fmt.Fprintf(&b, "%s: %s, %s\n", p.Name, p.Duration, camera)
	if len(p.Tasks) == 0 {
		b.WriteString("no task left a trace in the bag\n")
	}
	seen := []string{}
	for _, t := range p.Tasks {
		var parts []string
		for _, o := range msg.Outcomes() {
			if n := t.Outcomes[o.String()]; n > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", n, o))
			}
		}
		if len(parts) == 0 {
			parts = append(parts, "none")
		}
		if t.Timings {
			fmt.Fprintf(&b, "%s: %d frames = %s; %d missed (%s %%) with a deadline of %s ms\n", t.Name, t.Frames,
				strings.Join(parts, " + "), t.Missed, number(100**t.MissRate), number(t.DeadlineMs))
			fmt.Fprintf(&b, "%s: latency p50 %s, p99 %s, max %s ms; age of results p99 %s\n", t.Name,
				number(t.P50Ms), number(t.P99Ms), number(t.MaxMs), t.Age)
		} else {
			fmt.Fprintf(&b, "%s: %d results, no job timings; age of results p99 %s\n", t.Name, t.Published, t.Age)
		}
		for _, c := range t.Classes[:min(len(t.Classes), 6)] {
			seen = append(seen, fmt.Sprintf("%s in %d", c.Label, c.Frames))
		}
	}
	if len(seen) == 0 {
		seen = append(seen, "nothing detected")
	}
	fmt.Fprintf(&b, "seen, by frames: %s; %d pictures\n", strings.Join(seen, ", "), len(p.Pictures))
	if n := len(p.Problems); n > 0 {
		fmt.Fprintf(&b, "problems in the bag: %d, the first: %s\n", n, p.Problems[0])
	}
	if p.Other != nil {
		if err := p.writeComparison(&b); err != nil {
			return err
		}
	}
	if p.outDir != "" {
		fmt.Fprintf(&b, "look at %s (figures in report.json, pictures in frames/)\n", filepath.Join(p.outDir, "report.html"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
