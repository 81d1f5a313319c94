package livebench

import (
	"strings"
	"testing"
	"time"

	"rtmdl/internal/report"
	"rtmdl/scheduler/task"
)

func TestRunsOfTheSuiteAreSimulated(t *testing.T) {
	const ms = time.Millisecond
	set := task.NewSet()
	for _, name := range []string{"sign", "lane"} {
		set.Tasks = append(set.Tasks, task.Task{
			Name: name, Period: time.Second, Deadline: time.Second, MaxMissRate: 0.1, Variants: []task.Variant{
				{Name: largest, Accuracy: 0.9, Pre: ms, Infer: 30 * ms, Post: ms}, {Name: "w50", Accuracy: 0.8, Pre: ms, Infer: 5 * ms, Post: ms},
			},
		})
	}
	// At 25 Hz one of two inferences of 30 ms is done within 40 ms, and both small ones.
	run := func(method string) Run {
		return Run{Method: method, RateHz: 25, Tasks: []Task{{Task: report.Task{Name: "lane"}}, {Task: report.Task{Name: "sign"}}}}
	}
	r := Results{Runs: []Run{run("plain_rclgo"), run("split"), run("full")}}
	if err := r.Predict(t.Context(), set); err != nil {
		t.Fatal(err)
	}
	if r.Runs[0].Tasks[0].Simulated != nil || r.Runs[0].simulated() != "" {
		t.Error("a plain node was simulated")
	}
	if lane, sign := *r.Runs[1].Tasks[0].Simulated, *r.Runs[1].Tasks[1].Simulated; lane < 0.5 || sign > lane {
		t.Errorf("split: lane %v, and sign, which comes first in the file, %v", lane, sign)
	}
	if got := r.Runs[2].simulated(); got != "0.0 / 0.0" {
		t.Errorf("full: %s", got)
	}
	set.Tasks[0].Variants = set.Tasks[0].Variants[1:]
	if err := r.Predict(t.Context(), set); err == nil || !strings.Contains(err.Error(), "sign/"+largest) {
		t.Errorf("error %v", err)
	}
}
