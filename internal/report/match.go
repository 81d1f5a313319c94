package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rtmdl/internal/ros/msg"
)

// match finds what belongs to a stamp.
type match struct {
	timings map[msg.Time]int // index of the first in task.timings
	outputs map[msg.Time]int // index of the first in task.outputs
}

func (t *task) match() match {
	m := match{make(map[msg.Time]int, len(t.timings)), make(map[msg.Time]int, len(t.outputs))}
	for i := range t.timings {
		if _, ok := m.timings[t.timings[i].Header.Stamp]; !ok {
			m.timings[t.timings[i].Header.Stamp] = i
		}
	}
	for i := range t.outputs {
		if _, ok := m.outputs[t.outputs[i].stamp]; !ok {
			m.outputs[t.outputs[i].stamp] = i
		}
	}
	return m
}

// A line of the accounts: a number, and whether it fits the others.
type line struct {
	What   string
	Count  int
	Note   string
	OK     bool // checked, and right
	Wrong  bool // checked, and wrong
	Indent bool // part of the line above
}

func (l line) check(ok bool, right, wrong string) line {
	l.OK, l.Wrong, l.Note = ok, !ok, right
	if !ok {
		l.Note = wrong
	}
	return l
}

// account follows every frame of a task: from the camera to its job's outcome and the result.
func (t *task) account(r *run, f Task) []line {
	m := t.match()
	var lines []line
	if r.camera != nil {
		lines = append(lines, t.accountCamera(r, m)...)
	}
	if len(t.timings) > 0 {
		lines = append(lines, t.accountOutcomes(f)...)
	}
	if len(t.outputTopics) > 0 {
		lines = append(lines, t.accountOutputs(m, f))
	}
	if t.status != nil {
		lines = append(lines, t.accountStatus())
	}
	return lines
}

func (t *task) accountCamera(r *run, m match) []line {
	frames := r.camera.frames
	stamps := make(map[msg.Time]bool, len(frames))
	without := set{}
	for _, f := range frames {
		if _, ok := m.timings[f.stamp]; !ok && !stamps[f.stamp] {
			without.add(f.stamp)
		}
		stamps[f.stamp] = true
	}
	strangers := set{}
	for i := range t.timings {
		if stamp := t.timings[i].Header.Stamp; !stamps[stamp] {
			strangers.add(stamp)
		}
	}
	lines := []line{{What: "camera frames in the bag", Count: r.camera.count}}
	if twice := len(frames) - len(stamps); twice > 0 {
		lines[0] = lines[0].check(false, "", fmt.Sprintf("%d of them carry the stamp of an earlier one (did the bag loop?)", twice))
	}
	if len(t.timings) == 0 {
		return lines
	}
	return append(lines,
		line{What: "of these without a job timing", Count: without.n, Indent: true}.check(without.n == 0,
			"the node received every frame", "not received, or the timing was not recorded: "+without.String()),
		line{What: "job timings", Count: len(t.timings)}.check(strangers.n == 0, "each of a frame in the bag",
			fmt.Sprintf("%d of frames that are not in the bag: %s", strangers.n, strangers)))
}

func (t *task) accountOutcomes(f Task) []line {
	var lines []line
	named := 0
	for _, o := range msg.Outcomes() {
		n := f.Outcomes[o.String()]
		named += n
		if n > 0 || o == msg.OutcomePublished {
			lines = append(lines, line{What: o.String(), Count: n, Note: t.reasons(o), Indent: true})
		}
	}
	inTime, contradictions := 0, 0
	for i := range t.timings {
		j := &t.timings[i]
		if !j.Missed {
			inTime++
		}
		late := j.Outcome != msg.OutcomePublished || j.PublishedNs > j.DeadlineNs
		if late != j.Missed {
			contradictions++
		}
	}
	lines = append(lines, line{What: "sum of the outcomes", Count: named}.check(named == f.Frames, "every timing has one",
		fmt.Sprintf("%d timings have an outcome that is unknown to this version", f.Frames-named)))
	return append(lines, line{What: "published in time", Count: inTime}.check(contradictions == 0,
		fmt.Sprintf("and %d missed make %d", f.Missed, inTime+f.Missed),
		fmt.Sprintf("%d timings say 'missed' against their own instants", contradictions)))
}

// reasons lists why frames were refused or failed, the most frequent first.
func (t *task) reasons(o msg.Outcome) string {
	counts := map[string]int{}
	for i := range t.timings {
		if t.timings[i].Outcome == o && t.timings[i].Reason != "" {
			counts[t.timings[i].Reason]++
		}
	}
	names := make([]string, 0, len(counts))
	for name := range counts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a, b)
	})
	var parts []string
	for _, name := range names[:min(len(names), 5)] {
		parts = append(parts, fmt.Sprintf("%s (%d)", shorten(name, 80), counts[name]))
	}
	if len(names) > 5 {
		parts = append(parts, "…")
	}
	return strings.Join(parts, ", ")
}

func (t *task) accountOutputs(m match, f Task) line {
	l := line{What: "results in the bag", Count: len(t.outputs)}
	if len(t.timings) == 0 {
		l.Note = "no timings to compare with"
		return l
	}
	missing, extra := set{}, set{}
	for i := range t.timings {
		j := &t.timings[i]
		if _, ok := m.outputs[j.Header.Stamp]; !ok && j.Outcome == msg.OutcomePublished {
			missing.add(j.Header.Stamp)
		}
	}
	for i := range t.outputs {
		if at, ok := m.timings[t.outputs[i].stamp]; !ok || t.timings[at].Outcome != msg.OutcomePublished {
			extra.add(t.outputs[i].stamp)
		}
	}
	var wrong []string
	if missing.n > 0 {
		wrong = append(wrong, fmt.Sprintf("%d published ones are missing (not recorded?): %s", missing.n, missing))
	}
	if extra.n > 0 {
		wrong = append(wrong, fmt.Sprintf("%d are of frames that no timing calls published: %s", extra.n, extra))
	}
	if twice := len(t.outputs) - len(m.outputs); twice > 0 {
		wrong = append(wrong, fmt.Sprintf("%d carry the stamp of an earlier one", twice))
	}
	return l.check(len(wrong) == 0, fmt.Sprintf("one for each of the %d published frames", f.Published), strings.Join(wrong, "; "))
}

func (t *task) accountStatus() line {
	s := t.status
	l := line{What: "frames received, by the scheduler's last status", Count: int(min(s.Received, 1<<53))}
	ended := s.Published + s.Replaced + s.Expired + s.Refused + s.Cancelled + s.Failed
	if sum := ended + uint64(s.Pending); sum != s.Received {
		return l.check(false, "", fmt.Sprintf("but its outcomes and %d pending add up to %d", s.Pending, sum))
	}
	if len(t.timings) == 0 {
		return l
	}
	timings := uint64(0)
	for i := range t.timings {
		if t.timings[i].logTime <= t.statusTime {
			timings++
		}
	}
	pending := ""
	if s.Pending > 0 {
		pending = fmt.Sprintf(" and %d pending", s.Pending)
	}
	return l.check(timings == ended, fmt.Sprintf("%d timings until then%s", timings, pending),
		fmt.Sprintf("but %d ended by it, and %d timings until then: the recording began later, or messages crossed or were lost",
			ended, timings))
}

// set counts stamps and remembers the first few.
type set struct {
	n     int
	first []msg.Time
}

func (s *set) add(t msg.Time) {
	s.n++
	if len(s.first) < 3 {
		s.first = append(s.first, t)
	}
}

// String lists the first stamps.
func (s set) String() string {
	var parts []string
	for _, t := range s.first {
		parts = append(parts, stampText(t))
	}
	if s.n > len(s.first) {
		parts = append(parts, "…")
	}
	return strings.Join(parts, ", ")
}

// stampText writes a stamp as seconds with nine decimals, as ROS tools do.
func stampText(t msg.Time) string { return fmt.Sprintf("%d.%09d", t.Sec, t.Nanosec) }

// shorten cuts a text of the bag to about n bytes.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}

// seconds returns the time since the start of the run.
func (r *run) seconds(logTime int64) float64 { return time.Duration(logTime - r.start).Seconds() }
