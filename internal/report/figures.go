package report

import (
	"math"
	"slices"
	"time"

	"rtmdl/internal/ros/msg"
)

// fill computes the figures of report.json.
func (r *Report) fill(run *run) {
	r.DurationS = round(time.Duration(run.end-run.start).Seconds(), 3)
	if run.camera != nil {
		r.BagFrames = run.camera.count
	}
	r.Tasks = []Task{}
	for _, t := range run.tasks {
		r.Tasks = append(r.Tasks, t.figures())
	}
}

func (t *task) figures() Task {
	f := Task{Name: t.name, Variants: map[string]int{}, Outcomes: map[string]int{}}
	for _, o := range msg.Outcomes() {
		f.Outcomes[o.String()] = 0
	}
	for i := range t.timings {
		j := &t.timings[i]
		f.Frames++
		f.Outcomes[j.Outcome.String()]++
		if j.Outcome != msg.OutcomeRefused {
			f.Jobs++
			if j.Variant != "" {
				f.Variants[j.Variant]++
			}
		}
		if j.Missed {
			f.Missed++
		}
	}
	if len(t.timings) == 0 { // the outputs are all that is known
		f.Frames, f.Jobs = len(t.outputs), len(t.outputs)
		f.Outcomes[msg.OutcomePublished.String()] = len(t.outputs)
	}
	f.Published = f.Outcomes[msg.OutcomePublished.String()]
	if len(t.timings) > 0 {
		rate := round(float64(f.Missed)/float64(f.Frames), 6)
		f.MissRate = &rate
	}
	f.SetLatencies(t.latencies())
	f.DeadlineMs = t.deadline()
	if ages, sane := t.ages(); sane {
		age := ms(rank(ages, 99))
		f.AgeP99Ms = &age
	}
	return f
}

// SetLatencies sets the percentiles, by nearest rank, of sorted latencies in ns; 0 if there are none.
func (f *Task) SetLatencies(sorted []int64) {
	f.P50Ms, f.P99Ms, f.MaxMs = ms(rank(sorted, 50)), ms(rank(sorted, 99)), ms(rank(sorted, 100))
}

// latencies returns those of the published jobs, sorted, in ns.
func (t *task) latencies() []int64 {
	var all []int64
	for i := range t.timings {
		if latency, ok := t.timings[i].latency(); ok {
			all = append(all, latency)
		}
	}
	slices.Sort(all)
	return all
}

// latency returns the time from receipt to publishing, in ns, and whether the job was published.
func (j *timing) latency() (int64, bool) {
	if j.Outcome != msg.OutcomePublished || j.PublishedNs < j.ReceivedNs || j.ReceivedNs == 0 {
		return 0, false
	}
	return j.PublishedNs - j.ReceivedNs, true
}

// deadline returns the relative deadline that most jobs had, or else that of the status, in ms; 0: unknown.
func (t *task) deadline() float64 {
	counts := map[int64]int{}
	best := int64(0)
	for i := range t.timings {
		if d := t.timings[i].DeadlineNs - t.timings[i].ReceivedNs; d > 0 {
			counts[d]++
			if counts[d] > counts[best] || (counts[d] == counts[best] && d < best) {
				best = d
			}
		}
	}
	if best == 0 && t.status != nil {
		return t.status.DeadlineMs
	}
	return ms(best)
}

// Ages outside of these say that stamps and publishing are not on one clock, as when a bag is played with its old stamps.
const (
	leastAge = -int64(time.Second)
	mostAge  = int64(time.Hour)
)

// ages returns the sorted ages in ns, and whether at least half of all are believable; the others are left out.
func (t *task) ages() ([]int64, bool) {
	var all []int64
	for i := range t.outputs {
		if age := t.outputs[i].time - t.outputs[i].stamp.Nanos(); age >= leastAge && age <= mostAge {
			all = append(all, age)
		}
	}
	slices.Sort(all)
	return all, len(all) > 0 && 2*len(all) >= len(t.outputs)
}

// rank returns the p-th percentile of sorted values by nearest rank; 0 if there are none.
func rank(sorted []int64, p float64) int64 {
	if len(sorted) == 0 {
		return 0
	}
	i := int(math.Ceil(p/100*float64(len(sorted)))) - 1
	return sorted[min(max(i, 0), len(sorted)-1)]
}

// ms converts nanoseconds to milliseconds with three decimals.
func ms(ns int64) float64 { return round(float64(ns)/1e6, 3) }

func round(v float64, decimals int) float64 {
	scale := math.Pow10(decimals)
	return math.Round(v*scale) / scale
}

// A stage is a part of a job's way; together they lead from receipt to publishing without gaps.
type stage struct {
	name     string
	from, to func(*msg.JobTiming) int64
}

var stages = []stage{
	{"receipt to submission", func(j *msg.JobTiming) int64 { return j.ReceivedNs }, func(j *msg.JobTiming) int64 { return j.SubmittedNs }},
	{"waiting for pre", func(j *msg.JobTiming) int64 { return j.SubmittedNs }, func(j *msg.JobTiming) int64 { return j.PreStartedNs }},
	{"pre", func(j *msg.JobTiming) int64 { return j.PreStartedNs }, func(j *msg.JobTiming) int64 { return j.PreEndedNs }},
	{"waiting for infer", func(j *msg.JobTiming) int64 { return j.PreEndedNs }, func(j *msg.JobTiming) int64 { return j.InferStartedNs }},
	{"infer", func(j *msg.JobTiming) int64 { return j.InferStartedNs }, func(j *msg.JobTiming) int64 { return j.InferEndedNs }},
	{"waiting for post", func(j *msg.JobTiming) int64 { return j.InferEndedNs }, func(j *msg.JobTiming) int64 { return j.PostStartedNs }},
	{"post", func(j *msg.JobTiming) int64 { return j.PostStartedNs }, func(j *msg.JobTiming) int64 { return j.PostEndedNs }},
	{"post to publishing", func(j *msg.JobTiming) int64 { return j.PostEndedNs }, func(j *msg.JobTiming) int64 { return j.PublishedNs }},
}

// durations returns the sorted times of a stage, in ns, over the jobs that went through it.
func (t *task) durations(s stage) []int64 {
	var all []int64
	for i := range t.timings {
		j := &t.timings[i].JobTiming
		from, to := s.from(j), s.to(j)
		if from != 0 && to != 0 && to >= from {
			all = append(all, to-from)
		}
	}
	slices.Sort(all)
	return all
}
