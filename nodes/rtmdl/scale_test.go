package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

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
