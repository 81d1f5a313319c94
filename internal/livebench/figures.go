package livebench

import (
	"math"
	"slices"
	"time"

	"rtmdl/internal/manifest"
	"rtmdl/internal/report"
	"rtmdl/internal/ros/msg"
)

// Unanswered is the outcome of a frame of which nothing is heard: another one took its place in a queue of the
// middleware, or it was lost there.
const Unanswered = "unanswered"

// Answer is what became of a frame for one task.
type Answer struct {
	Outcome   string // as msg.Outcome has them; empty: nobody tells
	Variant   string // that ran; empty: nobody tells
	Published int64  // wall clock in ns since 1970; 0: not published
}

// Heard is what a run gave.
type Heard struct {
	Stamps  []int64                     // of the frames played, wall clock in ns since 1970
	Answers map[string]map[int64]Answer // by task and stamp
	CPU     time.Duration               // of the method's processes
	Others  time.Duration               // of all other processes but the player
	Late    []int64                     // by how many ns frames were played late, sorted
}

// figures computes a run's figures; levels are the tasks with their accuracies, in the order in which the run has them,
// and variant is what ran where nobody tells (empty: nothing).
func (h *Heard) figures(rate float64, levels []manifest.Task, variant string) Run {
	run := Run{
		RateHz: rate, Seconds: float64(len(h.Stamps)) / rate, CPUS: round(h.CPU.Seconds()), OthersCPUS: round(h.Others.Seconds()),
	}
	var late report.Task
	late.SetLatencies(h.Late)
	run.PlayerLateMs = late.P99Ms
	for i := range levels {
		t := h.task(time.Duration(float64(time.Second)/rate), &levels[i], variant)
		run.Tasks = append(run.Tasks, t)
		n := float64(len(levels))
		run.MacroMissRate += *t.MissRate / n
		run.MeanLoss += t.Loss / n
		run.OnTimeAccuracy += t.OnTimeAccuracy / n
	}
	run.MacroMissRate, run.MeanLoss, run.OnTimeAccuracy = round(run.MacroMissRate), round(run.MeanLoss), round(run.OnTimeAccuracy)
	return run
}

func (h *Heard) task(deadline time.Duration, levels *manifest.Task, variant string) Task {
	t := Task{Task: report.Task{
		Name: levels.Name, Frames: len(h.Stamps), DeadlineMs: float64(deadline) / float64(time.Millisecond),
		Variants: map[string]int{}, Outcomes: map[string]int{Unanswered: 0},
	}}
	for _, o := range msg.Outcomes() {
		t.Outcomes[o.String()] = 0
	}
	accuracy, best := map[string]float64{}, 0.0
	for _, l := range levels.Levels {
		accuracy[l.Name] = l.Accuracy.Value
		best = max(best, l.Accuracy.Value)
	}
	var latencies []int64
	variants, inTime, inTimeAccuracy := 0, 0, 0.0
	for _, stamp := range h.Stamps {
		a := h.Answers[levels.Name][stamp]
		if a.Outcome == "" {
			a.Outcome = Unanswered
			if a.Published != 0 {
				a.Outcome, a.Variant = msg.OutcomePublished.String(), variant
			}
		}
		t.Outcomes[a.Outcome]++
		if a.Outcome != Unanswered && a.Outcome != msg.OutcomeRefused.String() {
			t.Jobs++
			if a.Variant != "" {
				variants++
				t.Variants[a.Variant]++
				t.Accuracy += accuracy[a.Variant]
			}
		}
		if a.Published == 0 {
			continue
		}
		t.Published++
		latencies = append(latencies, a.Published-stamp)
		if a.Published-stamp <= int64(deadline) {
			inTime++
			inTimeAccuracy += accuracy[a.Variant]
		}
	}
	slices.Sort(latencies)
	t.SetLatencies(latencies)
	if len(latencies) > 0 {
		age := t.P99Ms // the same here: both run from the stamp
		t.AgeP99Ms = &age
	}
	t.Missed = t.Frames - inTime
	miss := round(float64(t.Missed) / float64(max(1, t.Frames)))
	t.MissRate = &miss
	if variants == 0 {
		t.Accuracy, variants = best, 1
	}
	t.Accuracy = round(t.Accuracy / float64(variants))
	t.Loss = round((best - t.Accuracy) / best)
	t.OnTimeAccuracy = round(inTimeAccuracy / float64(max(1, t.Frames)))
	return t
}

func round(v float64) float64 { return math.Round(v*1e6) / 1e6 }
