package profile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"rtmdl/scheduler/task"
)

// Report is what was measured, as the JSON file has it.
type Report struct {
	Device    string        `json:"device"`
	CPUModel  string        `json:"cpu_model"`
	Cores     Cores         `json:"cores"`
	Load      string        `json:"load"`
	Pictures  string        `json:"pictures"`
	Noise     Verdict       `json:"noise"`
	Precision float64       `json:"precision"`
	Rounds    int           `json:"rounds"`
	Seconds   float64       `json:"seconds"`
	Levels    []LevelReport `json:"levels"`
	Pairs     []PairReport  `json:"pairs"`
}

// Cores are the cores that stages ran on; empty: wherever the system put them.
type Cores struct {
	CPU         []int `json:"cpu"`
	Accelerator []int `json:"accelerator"`
}

// LevelReport has the times of a level by stage: pre, infer, post.
type LevelReport struct {
	Task   string                 `json:"task"`
	Name   string                 `json:"name"`
	Stages map[string]StageReport `json:"stages"`
}

// StageReport is a Summary in ms. Low and high bound the median with 95 % confidence.
type StageReport struct {
	Count     int     `json:"n"`
	Median    float64 `json:"median_ms"`
	P90       float64 `json:"p90_ms"`
	P99       float64 `json:"p99_ms"`
	CV        float64 `json:"cv"`
	Low       float64 `json:"low_ms"`
	High      float64 `json:"high_ms"`
	Converged bool    `json:"converged"`
}

// PairReport has how many times as long the median inference lasts beside the other one as alone. It may be a little
// below 1, where there is no slowdown.
type PairReport struct {
	A         string  `json:"a"` // task/level
	B         string  `json:"b"`
	SlowA     float64 `json:"slow_a"`
	SlowB     float64 `json:"slow_b"`
	Gain      float64 `json:"gain"` // work done by both side by side, by the time, over one after the other: up to 2
	Count     int     `json:"n"`    // of the side with fewer samples
	Converged bool    `json:"converged"`
}

// Fill adds what the samples say of levels and of pairs of them, which must be those of the samples.
func (r *Report) Fill(levels []Level, pairs [][2]int, s *Samples) {
	r.Rounds = s.Rounds
	for i := range levels {
		stagesOf := map[string]StageReport{}
		for stage, samples := range s.Levels[i] {
			if len(samples) == 0 {
				continue
			}
			stagesOf[Stage(stage).String()] = newStageReport(Summarize(samples), r.Precision)
		}
		r.Levels = append(r.Levels, LevelReport{Task: levels[i].Task, Name: levels[i].Name, Stages: stagesOf})
	}
	r.Pairs = []PairReport{}
	for i, p := range pairs {
		pair := PairReport{Converged: true, Count: min(len(s.Pairs[i][0]), len(s.Pairs[i][1]))}
		var slow [2]float64
		for side, level := range p {
			beside, alone := Summarize(s.Pairs[i][side]), Summarize(s.Levels[level][Infer])
			slow[side] = float64(beside.Median) / float64(max(alone.Median, 1))
			pair.Converged = pair.Converged && beside.Converged(r.Precision)
		}
		pair.A, pair.B = levels[p[0]].ref(), levels[p[1]].ref()
		pair.SlowA, pair.SlowB = slow[0], slow[1]
		if slow[0] > 0 && slow[1] > 0 {
			pair.Gain = 1/slow[0] + 1/slow[1]
		}
		r.Pairs = append(r.Pairs, pair)
	}
}

func newStageReport(s Summary, precision float64) StageReport {
	return StageReport{
		Count: s.Count, Median: task.Milliseconds(s.Median), P90: task.Milliseconds(s.P90), P99: task.Milliseconds(s.P99),
		CV: s.CV, Low: task.Milliseconds(s.Low), High: task.Milliseconds(s.High), Converged: s.Converged(precision),
	}
}

// Wide returns which medians are not known as narrowly as was asked for: "task/level stage", and "pair a, b".
func (r *Report) Wide() []string {
	var wide []string
	for _, l := range r.Levels {
		for stage := range stages {
			if s, ok := l.Stages[stage.String()]; ok && !s.Converged {
				wide = append(wide, fmt.Sprintf("%s/%s %v", l.Task, l.Name, stage))
			}
		}
	}
	for _, p := range r.Pairs {
		if !p.Converged {
			wide = append(wide, fmt.Sprintf("pair %s, %s", p.A, p.B))
		}
	}
	return wide
}

// JSON returns the report as a file.
func (r *Report) JSON() ([]byte, error) {
	data, err := json.MarshalIndent(r, "", "  ")
	return append(data, '\n'), err
}

// CameraRate is how often the load's camera publishes, in Hz.
const CameraRate = 30

// Period is that of every task: a job for every frame of a camera of 30 Hz.
const Period = time.Second / CameraRate

// Set makes a task set: stage times are medians, and a task's cv is the median of its levels' inferences. The levels are
// those of the report, the deadlines those of the tasks. Errors are those of task.Set.Validate.
func (r *Report) Set(levels []Level, deadlines map[string]time.Duration) (*task.Set, error) {
	set := task.NewSet()
	set.Platform.CPUWorkers = max(1, len(r.Cores.CPU))
	if len(r.Pairs) > 0 {
		set.Platform.AcceleratorSlots = 2
	}
	refs := map[string]task.Ref{}
	cvs := map[string][]float64{}
	for i, l := range r.Levels {
		level := &levels[i]
		if n := len(set.Tasks); n == 0 || set.Tasks[n-1].Name != l.Task {
			set.Tasks = append(set.Tasks, task.Task{
				Name: l.Task, Period: Period, Deadline: deadlines[l.Task], MaxMissRate: task.DefaultMaxMissRate, Queue: 1,
			})
		}
		t := &set.Tasks[len(set.Tasks)-1]
		refs[level.ref()] = task.Ref{Task: len(set.Tasks) - 1, Variant: len(t.Variants)}
		cvs[l.Task] = append(cvs[l.Task], l.Stages[Infer.String()].CV)
		t.Variants = append(t.Variants, task.Variant{
			Name: l.Name, Accuracy: level.Accuracy, Storage: level.Storage, Shared: level.Shared,
			Pre:   task.FromMilliseconds(l.Stages[Pre.String()].Median),
			Infer: task.FromMilliseconds(l.Stages[Infer.String()].Median),
			Post:  task.FromMilliseconds(l.Stages[Post.String()].Median),
		})
	}
	for i := range set.Tasks {
		set.Tasks[i].CV = middle(cvs[set.Tasks[i].Name])
	}
	for _, p := range r.Pairs {
		set.Packing = append(set.Packing, task.Pair{
			A: refs[p.A], B: refs[p.B], SlowA: slowdown(p.SlowA), SlowB: slowdown(p.SlowB),
		})
	}
	if err := set.Validate(); err != nil {
		return nil, err
	}
	return set, nil
}

// Check returns what would be wrong with the task set whatever was measured: to be known before that.
func Check(levels []Level, deadlines map[string]time.Duration) error {
	r := &Report{}
	r.Fill(levels, nil, &Samples{Levels: make([][stages][]time.Duration, len(levels))})
	_, err := r.Set(levels, deadlines)
	return err
}

// slowdown is within what a task set may have.
func slowdown(x float64) task.Millionths {
	return min(max(task.ToMillionths(x), task.One), task.MaxFactor)
}

// Comment returns what the head of the task set says of how it was measured, each line as a YAML comment.
func (r *Report) Comment() []byte {
	lines := []string{
		fmt.Sprintf("Measured by rtmdl profile: %s (%s), CPU stages on %s, inference on %s.",
			r.Device, r.CPUModel, cores(r.Cores.CPU), cores(r.Cores.Accelerator)),
		"noise: " + r.Noise.Text,
		"load: " + r.Load,
		"pictures: " + r.Pictures + "; pre decodes each of them",
		"accuracy: of the manifest, on its val split",
		fmt.Sprintf("%d rounds in %.0f s; times are medians, a task's cv is the median of its levels' inferences", r.Rounds, r.Seconds),
		fmt.Sprintf("95 %% intervals of the medians within %.3g %%: ", 100*r.Precision),
	}
	if wide := r.Wide(); len(wide) == 0 {
		lines[len(lines)-1] += "all"
	} else {
		lines[len(lines)-1] += "all but " + strings.Join(wide, "; ")
	}
	var b bytes.Buffer
	for _, line := range lines {
		fmt.Fprintf(&b, "# %s\n", strings.NewReplacer("\n", " ", "\r", " ").Replace(line))
	}
	return b.Bytes()
}

func cores(numbers []int) string {
	switch len(numbers) {
	case 0:
		return "any core"
	case 1:
		return fmt.Sprintf("core %d", numbers[0])
	}
	return fmt.Sprintf("cores %s", strings.Trim(fmt.Sprint(numbers), "[]"))
}
