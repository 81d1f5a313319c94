package task

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rtmdl/scheduler/core"
)

const example = `platform: {cpu_workers: 2, accelerator_slots: 2}
constraints: {storage_bytes: 4000000, late: run, packing_bound: 0.15, packing_guard: 0}
tasks:
  - name: traffic_light
    period_ms: 33.3
    variants:
      - {name: w100, accuracy: 0.962, storage_bytes: 1200000, pre_ms: 1.1, infer_ms: 8.4, post_ms: 0.6}
  - name: sign
    period_ms: 50
    deadline_ms: 40.000001
    offset_ms: 1e1
    jitter_ms: .5
    max_miss_rate: 0.25
    cv: 0.05
    queue: 1
    variants:
      - {name: w100, accuracy: 0.9, storage_bytes: 5, pre_ms: 0, infer_ms: 3, post_ms: 0, shared_storage: {early: 30, "la.te": 4}}
      - {name: w50, accuracy: 0.8, storage_bytes: 2, pre_ms: 0, infer_ms: 2.50, post_ms: 0, shared_storage: {early: 30}}
packing:
  - {a: traffic_light/w100, b: sign/w50, slow_a: 1.1, slow_b: 1.4}
`

func exampleSet() *Set {
	ms := time.Millisecond
	return &Set{
		Platform:    Platform{CPUWorkers: 2, AcceleratorSlots: 2},
		Constraints: Constraints{Storage: 4000000, Late: core.LateRun, PackingBound: 150_000},
		Tasks: []Task{
			{Name: "traffic_light", Period: 33300 * time.Microsecond, Deadline: 33300 * time.Microsecond, MaxMissRate: 0.1,
				Variants: []Variant{{Name: "w100", Accuracy: 0.962, Storage: 1200000,
					Pre: 1100 * time.Microsecond, Infer: 8400 * time.Microsecond, Post: 600 * time.Microsecond}}},
			{Name: "sign", Period: 50 * ms, Deadline: 40*ms + 1, Offset: 10 * ms, Jitter: ms / 2, MaxMissRate: 0.25,
				CV: 0.05, Queue: 1, Variants: []Variant{
					{Name: "w100", Accuracy: 0.9, Storage: 5, Infer: 3 * ms, Shared: []Part{{"early", 30}, {"la.te", 4}}},
					{Name: "w50", Accuracy: 0.8, Storage: 2, Infer: 2500 * time.Microsecond, Shared: []Part{{"early", 30}}},
				}},
		},
		Packing: []Pair{{A: Ref{0, 0}, B: Ref{1, 1}, SlowA: 1_100_000, SlowB: 1_400_000}},
	}
}

func TestSetIsReadWithItsUnitsAndDefaults(t *testing.T) {
	got, err := ParseSet("f", []byte(example))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(exampleSet(), got); diff != "" {
		t.Errorf("set differs (-want +got):\n%s", diff)
	}
	got, err = ParseSet("f", []byte("tasks: [{name: a, period_ms: 1, variants: "+
		"[{name: v, accuracy: 1, storage_bytes: 0, pre_ms: 0, infer_ms: 0, post_ms: 0}]}]"))
	if err != nil {
		t.Fatal(err)
	}
	want := NewSet()
	want.Tasks = []Task{{Name: "a", Period: time.Millisecond, Deadline: time.Millisecond, MaxMissRate: 0.1,
		Variants: []Variant{{Name: "v", Accuracy: 1}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("set differs (-want +got):\n%s", diff)
	}
}

// TestProblemsOfSets changes the example in one place or more.
func TestProblemsOfSets(t *testing.T) {
	for name, tc := range map[string]struct {
		change []string // old, new, old, new, ...
		want   []string
	}{
		"unknown field": {
			[]string{"queue: 1", "queues: 1"},
			[]string{`f:15: tasks[1].queues: "queues": unknown field, want one of name, period_ms, variants, ` +
				`deadline_ms, offset_ms, jitter_ms, max_miss_rate, cv, queue`},
		},
		"duplicate key": {
			[]string{"queue: 1", "cv: 0"},
			[]string{`f:15: tasks[1].cv: "cv": the field is there twice`},
		},
		"NaN and infinity": {
			[]string{"cv: 0.05", "cv: .nan", "33.3", ".inf", "accuracy: 0.9,", "accuracy: NaN,"},
			[]string{
				`f:5: tasks[0].period_ms: ".inf": want a decimal number`,
				`f:14: tasks[1].cv: ".nan": want a decimal number`,
				`f:17: tasks[1].variants[0].accuracy: "NaN": want a decimal number`,
			},
		},
		"negative numbers, several at once": {
			[]string{"33.3", "-33.3", "1e1", "-1e1", ".5", "-.5", "0.05", "-0.05", "queue: 1", "queue: -1", "pre_ms: 1.1",
				"pre_ms: -1.1", "1200000", "-1200000", "0.15", "-0.15", "workers: 2", "workers: -2"},
			[]string{
				`f:1: platform.cpu_workers: "-2": want 1 to 1024`,
				`f:2: constraints.packing_bound: "-0.15": want 0 to 1000`,
				`f:5: tasks[0].period_ms: "-33.3": want more than 0, at most 1000000000 ms`,
				`f:7: tasks[0].variants[0].storage_bytes: "-1200000": want 0 to 1000000000000000`,
				`f:7: tasks[0].variants[0].pre_ms: "-1.1": want 0 to 1000000000 ms`,
				`f:11: tasks[1].offset_ms: "-1e1": want 0 to 1000000000 ms`,
				`f:12: tasks[1].jitter_ms: "-.5": want 0 to 1000000000 ms`,
				`f:14: tasks[1].cv: "-0.05": want 0 to 100`,
				`f:15: tasks[1].queue: "-1": want 0 or 1`,
			},
		},
		"period and deadline of 0": {
			[]string{"33.3", "0", "40.000001", "0"},
			[]string{
				`f:5: tasks[0].period_ms: "0": want more than 0, at most 1000000000 ms`,
				`f:10: tasks[1].deadline_ms: "0": want more than 0, at most 1000000000 ms`,
			},
		},
		"zeta above 1": {
			[]string{"max_miss_rate: 0.25", "max_miss_rate: 1.01"},
			[]string{`f:13: tasks[1].max_miss_rate: "1.01": want 0 to 1`},
		},
		"slowdown below 1": {
			[]string{"slow_a: 1.1", "slow_a: 0.999999"},
			[]string{`f:20: packing[0].slow_a: "0.999999": want 1 to 1000`},
		},
		"more than 6 decimals": {
			[]string{"33.3", "33.3000001", "slow_b: 1.4", "slow_b: 1.4000001", "0.15", "1.5e-7"},
			[]string{
				`f:2: constraints.packing_bound: "1.5e-7": want at most 6 decimals`,
				`f:5: tasks[0].period_ms: "33.3000001": want at most 6 decimals`,
				`f:20: packing[0].slow_b: "1.4000001": want at most 6 decimals`,
			},
		},
		"decimals of 0 are none": {[]string{"33.3", "33.3000000000"}, nil},
		"duplicate names": {
			[]string{"name: sign", "name: traffic_light", "name: w50", "name: w100", "b: sign/w50", "b: traffic_light/w100"},
			[]string{
				`f:8: tasks[1].name: "traffic_light": tasks[0] has the same name`,
				`f:18: tasks[1].variants[1].name: "w100": tasks[1].variants[0] has the same name`,
				`f:20: packing[0].b: "traffic_light/w100": want another variant than a: jobs of one task never share`,
			},
		},
		"a packing entry that names nobody": {
			[]string{"a: traffic_light/w100", "a: nobody/w100", "b: sign/w50", "b: sign/w51"},
			[]string{
				`f:20: packing[0].a: "nobody/w100": no task has this name`,
				`f:20: packing[0].b: "sign/w51": no variant of the task has this name`,
			},
		},
		"a packing entry without a variant": {
			[]string{"b: sign/w50", "b: sign"}, []string{`f:20: packing[0].b: "sign": want task/variant`},
		},
		"two rows for one pair, in the other order": {
			[]string{"slow_b: 1.4}", "slow_b: 1.4}\n  - {b: traffic_light/w100, a: sign/w50, slow_a: 1, slow_b: 1}"},
			[]string{`f:21: packing[1]: "sign/w50, traffic_light/w100": packing[0] has the same pair`},
		},
		"shared parts": {
			[]string{"{early: 30}", "{early: 31, x/y: 1, early: 31, z: -1, q: 1.5}"},
			[]string{
				`f:18: tasks[1].variants[1].shared_storage.q: "1.5": want a whole number`,
				`f:18: tasks[1].variants[1].shared_storage.x/y: "1": ` + wantName,
				`f:18: tasks[1].variants[1].shared_storage.early: "31": the variant has the part twice`,
				`f:18: tasks[1].variants[1].shared_storage.z: "-1": want 0 to 1000000000000000`,
				`f:18: tasks[1].variants[1].shared_storage.early: "31": the part has 30 bytes in another variant of the task`,
			},
		},
		"words": {
			[]string{"late: run", "late: never", "slots: 2", "slots: 3", "33.3", `"33.3"`, "cv: 0.05", "cv:", "4000000", "0"},
			[]string{
				`f:1: platform.accelerator_slots: "3": want 1 or 2`,
				`f:2: constraints.storage_bytes: "0": want at least 1; leave it out for no bound`,
				`f:2: constraints.late: "never": want run, skip or abort`,
				`f:5: tasks[0].period_ms: "33.3": want a number`,
				`f:14: tasks[1].cv: want a number`,
			},
		},
		"no YAML": {
			[]string{"period_ms: 50", "{}", "    period_ms: 33.3\n", "", " accuracy: 0.8,", ""},
			[]string{"f:8: is no YAML: could not find expected ':'"},
		},
		"missing fields of a task and a variant": {
			[]string{"    period_ms: 33.3\n", "", " accuracy: 0.8,", ""},
			[]string{
				`f:4: tasks[0].period_ms: is missing`,
				`f:17: tasks[1].variants[1].accuracy: is missing`,
			},
		},
		"not what it should be": {
			[]string{"packing:\n  - {a: traffic_light/w100, b: sign/w50, slow_a: 1.1, slow_b: 1.4}", "packing: [1, [2]]",
				"platform: {cpu_workers: 2, accelerator_slots: 2}", "platform: fast"},
			[]string{
				`f:1: platform: "fast": want a mapping`,
				`f:19: packing[0]: "1": want a mapping`,
				`f:19: packing[1]: want a mapping`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			text := example
			for i := 0; i < len(tc.change); i += 2 {
				if !strings.Contains(text, tc.change[i]) {
					t.Fatalf("no %q in the example", tc.change[i])
				}
				text = strings.Replace(text, tc.change[i], tc.change[i+1], 1)
			}
			_, err := ParseSet("f", []byte(text))
			compareProblems(t, tc.want, err)
		})
	}
}

func compareProblems(t *testing.T, want []string, err error) {
	t.Helper()
	var got []string
	var problems Problems
	if errors.As(err, &problems) {
		for _, p := range problems {
			got = append(got, p.String())
		}
	} else if err != nil {
		t.Fatalf("untyped error %v", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems differ (-want +got):\n%s", diff)
	}
}

func TestWholeFilesThatAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "f:1: the file is empty",
		"# nothing\n":              "f:1: the file is empty",
		"- 1":                      "f:1: want a mapping",
		"platform: {}":             "f:1: tasks: is missing",
		"tasks: []":                "f:1: tasks: want at least one task",
		"tasks: 5":                 `f:1: tasks: "5": want a sequence`,
		"tasks: [{}]\n---\na: 1\n": "f:2: want one document a file",
		"tasks: &x [*x]":           "f:1: tasks[0]: aliases are not accepted",
		"a: &x 1\ntasks: *x":       "aliases are not accepted",
		"tasks: [5]":               `f:1: tasks[0]: "5": want a mapping`,
		"\xffa: b":                 "is no YAML",
	} {
		_, err := ParseSet("f", []byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestFileIsRefusedByItsSize(t *testing.T) {
	name := filepath.Join(t.TempDir(), "large.yaml")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(MaxFile + 1); err != nil {
		t.Fatal(err)
	}
	want := []string{fmt.Sprintf(`%s: "16000001 bytes": want at most 16000000 bytes`, name)}
	_, err = ReadSet(name)
	compareProblems(t, want, err)
	_, err = ReadPlan(name, exampleSet())
	compareProblems(t, want, err)
	_, err = ParseSet(name, make([]byte, MaxFile+1))
	compareProblems(t, want, err)
	if _, err := ReadSet(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestSetsThatAreNoFilesAreCheckedToo(t *testing.T) {
	s := exampleSet()
	s.Tasks[0].Period = 0
	s.Packing[0].A = Ref{7, 0}
	s.Packing = append(s.Packing, Pair{A: Ref{1, 0}, B: Ref{1, 1}, SlowA: One, SlowB: One})
	compareProblems(t, []string{
		`tasks[0].period_ms: "0": want more than 0, at most 1000000000 ms`,
		`packing[0].a: "{7 0}": want the task and variant of the set`,
	}, s.Validate())
}

// BenchmarkRead10000 reads a set of 10,000 tasks of two variants.
func BenchmarkRead10000(b *testing.B) {
	s := NewSet()
	for i := range 10_000 {
		t := exampleSet().Tasks[1]
		t.Name = fmt.Sprint("task", i)
		s.Tasks = append(s.Tasks, t)
	}
	data := s.Marshal()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := ParseSet("f", data); err != nil {
			b.Fatal(err)
		}
	}
}
