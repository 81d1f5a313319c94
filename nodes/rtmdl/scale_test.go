package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rtmdl/internal/manifest"
	"rtmdl/scheduler/task"
)

const familySet = `tasks:
  - name: lane
    period_ms: 10
    variants:
      - {name: large, accuracy: 0.8, storage_bytes: 50, shared_storage: {early: 100, late: 300}, pre_ms: 1, infer_ms: 10, post_ms: 1}
      - {name: middle, accuracy: 0.6, storage_bytes: 40, shared_storage: {early: 100}, pre_ms: 1, infer_ms: 6, post_ms: 1}
      - {name: small, accuracy: 0.4, storage_bytes: 30, pre_ms: 1, infer_ms: 2, post_ms: 1}
      - {name: useless, accuracy: 0.4, storage_bytes: 60, pre_ms: 1, infer_ms: 3, post_ms: 1}
  - name: sign
    period_ms: 20
    variants:
      - {name: w100, accuracy: 0.9, storage_bytes: 9, pre_ms: 1, infer_ms: 9, post_ms: 1}
packing:
  - {a: lane/large, b: sign/w100, slow_a: 1.1, slow_b: 1.2}
  - {a: sign/w100, b: lane/small, slow_a: 1.1, slow_b: 1.3}
`

func TestScaleKeepsWhatFits(t *testing.T) {
	dir := planDir(t, familySet)
	out, code := rtmdl(t, dir, "scale", "--task", "lane", "--budget", "200", "--tasks", "tasks.yaml", "--out", "kept.yaml",
		"--figure", "frontier.svg", "--json", "frontier.json")
	if code != 0 || !strings.Contains(out, "never worth their storage: useless") {
		t.Fatalf("exit %d: %s", code, out)
	}
	kept, err := task.ReadSet(filepath.Join(dir, "kept.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	lane := kept.Tasks[0].Variants
	if len(lane) != 2 || lane[0].Name != "middle" || lane[1].Name != "small" || len(kept.Tasks[1].Variants) != 1 {
		t.Errorf("kept %+v", kept.Tasks)
	}
	if len(kept.Packing) != 1 || kept.Packing[0].B != (task.Ref{Task: 0, Variant: 1}) {
		t.Errorf("packing %+v", kept.Packing)
	}
	for file, text := range map[string]string{"frontier.svg": "budget", "frontier.json": `"chosen": true`} {
		if data, err := os.ReadFile(filepath.Join(dir, file)); err != nil || !strings.Contains(string(data), text) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// laneSet is a task set of the project's lane levels, the first the slowest, with some bytes more than they have.
func laneSet(t *testing.T, models string, more int64) string {
	t.Helper()
	m, err := manifest.Load(models)
	if err != nil {
		t.Fatal(err)
	}
	set := "tasks:\n  - name: lane\n    period_ms: 100\n    variants:\n"
	lane := m.Task("lane")
	for i, l := range lane.Levels {
		var parts []string
		for _, p := range l.Parts {
			parts = append(parts, fmt.Sprintf("%s: %d", p, lane.Parts[p]))
		}
		set += fmt.Sprintf("      - {name: %s, accuracy: %v, storage_bytes: %d, shared_storage: {%s}, pre_ms: 1, infer_ms: %d, post_ms: 1}\n",
			l.Name, l.Val.Value, l.Bytes+more, strings.Join(parts, ", "), 30-i)
	}
	return set
}

func TestScaleWritesTheNetworksThatFit(t *testing.T) {
	models, err := filepath.Abs("../../models")
	if err != nil {
		t.Fatal(err)
	}
	const budget = 1_200_000
	dir := planDir(t, laneSet(t, models, 0))
	args := []string{"scale", "--task", "lane", "--budget", fmt.Sprint(budget), "--tasks", "tasks.yaml", "--models", models, "--models-out", "small"}
	out, code := rtmdl(t, dir, args...)
	if code != 0 || !strings.Contains(out, "wrote small: ") {
		t.Fatalf("exit %d: %s", code, out)
	}
	m, err := manifest.Load(filepath.Join(dir, "small"))
	if err != nil {
		t.Fatal(err)
	}
	whole, err := manifest.Load(models)
	if err != nil {
		t.Fatal(err)
	}
	onnx, err := filepath.Glob(filepath.Join(dir, "small", "lane", "w*.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	var bytes int64 // on disk
	for _, file := range append(onnx, filepath.Join(dir, "small", "lane", "shared.data")) {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		bytes += info.Size()
	}
	if n := len(m.Task("lane").Levels); n != len(onnx) || n == 0 || n == len(whole.Task("lane").Levels) || bytes > budget {
		t.Errorf("kept %d levels in %d files with %d bytes", n, len(onnx), bytes)
	}
	if len(m.Task("sign").Levels) != len(whole.Task("sign").Levels) || m.Task("sign").Shared.SHA256 != whole.Task("sign").Shared.SHA256 {
		t.Error("other tasks are changed")
	}
	if out, code := rtmdl(t, dir, args...); code != 1 || !strings.Contains(out, "small: file already exists; name a new folder") {
		t.Errorf("once more: exit %d: %s", code, out)
	}
	dir = planDir(t, laneSet(t, models, 1))
	if out, code := rtmdl(t, dir, args...); code != 2 || !strings.Contains(out, "the task set is of other networks than "+models) {
		t.Errorf("other sizes: exit %d: %s", code, out)
	}
	if _, err := os.Stat(filepath.Join(dir, "small")); err == nil {
		t.Error("it is written in spite of that")
	}
}

func TestScaleSaysWhatIsWrong(t *testing.T) {
	dir := planDir(t, familySet)
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--task", "lane", "--budget", "29"}, 3, "the smallest set of lane is small with 30 bytes"},
		{[]string{"--task", "lights", "--budget", "29"}, 2, "no task 'lights'"},
		{[]string{"--budget", "29"}, 2, "--task is missing"},
	} {
		out, code := rtmdl(t, dir, append([]string{"scale", "--tasks", "tasks.yaml"}, c.args...)...)
		if code != c.code || !strings.Contains(out, c.want) {
			t.Errorf("%v: exit %d: %s", c.args, code, out)
		}
	}
}
