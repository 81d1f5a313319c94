package core

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rtmdl/scheduler/pack"
)

func TestValidateNamesEveryProblem(t *testing.T) {
	ok := Task{Name: "a", Deadline: 1}
	for name, tc := range map[string]struct {
		cfg  Config
		want []string
	}{
		"zero values mean one worker, one slot, skip": {cfg: Config{Tasks: []Task{ok}}},
		"equal priorities, negative ones too": {
			cfg: Config{Tasks: []Task{
				{Name: "a", Priority: -3, Deadline: 1}, {Name: "b", Priority: -3, Deadline: 1, Queue: 1},
			}},
		},
		"the largest platform": {
			cfg: Config{Tasks: []Task{ok}, CPUWorkers: MaxCPUWorkers, AcceleratorSlots: 2, Late: LateAbort},
		},
		"no tasks": {cfg: Config{}, want: []string{"Tasks: 0 tasks: want at least one"}},
		"packing, modes and orders": {
			cfg: Config{
				Tasks: []Task{
					{Name: "a", Deadline: 1, Variants: []Times{{Infer: 1}, {Pre: -1}}, Variant: 2},
					{Name: "b", Deadline: 1, Variants: []Times{{Post: MaxTime + 1}}},
					{Name: "c", Deadline: 1},
				},
				Mode: 2, Order: 4, Rule: pack.Rule{Bound: -1, Guard: pack.MaxFactor + 1},
				Packing: []Pair{
					{A: Ref{0, 1}, B: Ref{1, 0}, SlowA: pack.One, SlowB: pack.MaxFactor},
					{A: Ref{2, 0}, B: Ref{0, 0}, SlowA: pack.One - 1, SlowB: pack.One},
					{A: Ref{1, 0}, B: Ref{0, 1}, SlowA: pack.One, SlowB: pack.One},
					{A: Ref{2, 1}, B: Ref{0, 1}, SlowA: pack.One, SlowB: pack.One},
					{A: Ref{2, 0}, B: Ref{2, 0}, SlowA: pack.One, SlowB: pack.One},
				},
			},
			want: []string{
				"Mode: 2: want Split or BlackBox",
				"Order: 4: want FixedPriority, EDF, LLF or EDFAdmission",
				"Rule.Bound: -1: want 0 to 1000000000",
				"Rule.Guard: 1000000001: want 0 to 1000000000",
				"Tasks[0].Variants[1]: {-1ns 0s 0s}: want 0 to 277h46m40s each",
				"Tasks[0].Variant: 2: want one of 2",
				"Tasks[1].Variants[0]: {0s 0s 277h46m40.000000001s}: want 0 to 277h46m40s each",
				"Packing[1]: 999999, 1000000: want slowdowns of 1000000 to 1000000000",
				"Packing[2]: {1 0}, {0 1}: Packing[0] has the same pair",
				"Packing[3]: {2 1}, {0 1}: want two variants of the tasks",
				"Packing[4]: {2 0}, {2 0}: want two variants of the tasks",
			},
		},
		"too many workers": {
			cfg:  Config{Tasks: []Task{ok}, CPUWorkers: MaxCPUWorkers + 1},
			want: []string{"CPUWorkers: 1025: want 0 to 1024"},
		},
		"everything at once": {
			cfg: Config{
				Tasks: []Task{
					{Name: "a", Deadline: 0}, {Name: "", Deadline: -1, Queue: 2}, {Name: "a", Deadline: 1, Queue: -1},
				},
				CPUWorkers: -1, AcceleratorSlots: 3, Late: 3,
			},
			want: []string{
				"CPUWorkers: -1: want 0 to 1024",
				"AcceleratorSlots: 3: want 0 to 2",
				"Late: 3: want LateSkip, LateRun or LateAbort",
				"Tasks[0].Deadline: 0s: want more than 0",
				"Tasks[1].Name: \"\": want a name",
				"Tasks[1].Deadline: -1ns: want more than 0",
				"Tasks[1].Queue: 2: want 0 or 1",
				"Tasks[2].Name: \"a\": Tasks[0] has the same name",
				"Tasks[2].Queue: -1: want 0 or 1",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			err := tc.cfg.Validate()
			if err != nil {
				got = strings.Split(err.Error(), "\n")
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("problems differ (-want +got):\n%s", diff)
			}
			c, newErr := New(tc.cfg)
			if (newErr == nil) != (err == nil) || (c == nil) != (err != nil) {
				t.Errorf("New returns %v, %v", c, newErr)
			}
		})
	}
}

func TestNewKeepsNoPartOfTheConfiguration(t *testing.T) {
	tasks := []Task{{Name: "a", Priority: 1, Deadline: 1}, {Name: "b", Priority: 2, Deadline: 1}}
	c, err := New(Config{Tasks: tasks})
	if err != nil {
		t.Fatal(err)
	}
	tasks[0].Priority = 3
	got, err := c.Step(0, []Event{
		{Kind: Release, Job: 1, Task: 1, Deadline: 9}, {Kind: Release, Job: 2, Task: 0, Deadline: 9},
	}, nil)
	if err != nil || len(got) != 1 || got[0].Job != 2 {
		t.Errorf("starts %v, %v, want job 2", got, err)
	}
}

func TestDeadlineMonotonicGivesDistinctPrioritiesTiesInOrderGiven(t *testing.T) {
	ms := time.Millisecond
	tasks := []Task{
		{Name: "a", Deadline: 30 * ms, Priority: 5},
		{Name: "b", Deadline: 20 * ms, Priority: 5, Queue: 1},
		{Name: "c", Deadline: 30 * ms, Priority: -5},
		{Name: "d", Deadline: 10 * ms},
		{Name: "e", Deadline: 20 * ms},
	}
	want := []Task{
		{Name: "a", Deadline: 30 * ms, Priority: 3},
		{Name: "b", Deadline: 20 * ms, Priority: 1, Queue: 1},
		{Name: "c", Deadline: 30 * ms, Priority: 4},
		{Name: "d", Deadline: 10 * ms, Priority: 0},
		{Name: "e", Deadline: 20 * ms, Priority: 2},
	}
	DeadlineMonotonic(tasks)
	if diff := cmp.Diff(want, tasks); diff != "" {
		t.Errorf("priorities differ (-want +got):\n%s", diff)
	}
	DeadlineMonotonic(nil)
}
