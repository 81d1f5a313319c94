package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rtmdl/scheduler/task"
)

const crowdedSet = `tasks:
  - name: a
    period_ms: 10
    variants:
      - {name: w100, accuracy: 0.8, storage_bytes: 9, pre_ms: 1, infer_ms: 6, post_ms: 1}
      - {name: w50, accuracy: 0.6, storage_bytes: 5, pre_ms: 1, infer_ms: 2, post_ms: 1}
  - name: b
    period_ms: 20
    variants:
      - {name: w100, accuracy: 0.9, storage_bytes: 9, pre_ms: 1, infer_ms: 9, post_ms: 1}
      - {name: w50, accuracy: 0.8, storage_bytes: 5, pre_ms: 1, infer_ms: 5, post_ms: 1}
`

func planDir(t *testing.T, set string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tasks.yaml"), []byte(set), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestPlanFindsWhatSimulateConfirms(t *testing.T) {
	dir := planDir(t, crowdedSet)
	out, code := rtmdl(t, dir, "plan", "--tasks", "tasks.yaml", "--out", "plan.yaml", "--jobs", "100", "-q")
	if code != 0 || !strings.Contains(out, "proven optimal") {
		t.Fatalf("exit %d: %s", code, out)
	}
	set, err := task.ReadSet("tasks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := task.ReadPlan("plan.yaml", set)
	if err != nil {
		t.Fatal(err)
	}
	if plan.ProvenOptimal == nil || !*plan.ProvenOptimal || plan.LowerBound == nil || plan.Predicted == nil {
		t.Errorf("%+v", plan)
	}
	if out, code = rtmdl(t, dir, "simulate", "--tasks", "tasks.yaml", "--plan", "plan.yaml", "--jobs", "100"); code != 0 ||
		!strings.Contains(out, "100 % of tasks within their bounds") {
		t.Errorf("exit %d: %s", code, out)
	}
}

func TestPlanWithoutAFeasiblePlanSaysWhatBreaks(t *testing.T) {
	late := strings.ReplaceAll(crowdedSet, "period_ms: 20", "period_ms: 20\n    deadline_ms: 6")
	for name, c := range map[string]struct{ set, broken string }{
		"a deadline below every variant": {late, "max_miss_rate of b"},
		"no storage":                     {"constraints: {storage_bytes: 9}\n" + crowdedSet, "storage_bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := planDir(t, c.set)
			out, code := rtmdl(t, dir, "plan", "--tasks", "tasks.yaml", "--out", "plan.yaml", "--jobs", "100", "-q")
			if code != 3 || !strings.Contains(out, "infeasible: proven") || !strings.Contains(out, c.broken) {
				t.Fatalf("exit %d: %s", code, out)
			}
			data, err := os.ReadFile("plan.yaml")
			if err != nil || !strings.Contains(string(data), "infeasible: proven") || !strings.Contains(string(data), c.broken) {
				t.Errorf("%v: %s", err, data)
			}
		})
	}
}

func TestPlanRefusesBadInput(t *testing.T) {
	dir := planDir(t, strings.ReplaceAll(crowdedSet, "period_ms: 20", "period_ms: -20"))
	for _, args := range [][]string{
		{"plan", "--tasks", "tasks.yaml", "--out", "p.yaml"},
		{"plan", "--tasks", "none.yaml", "--out", "p.yaml"},
		{"plan", "--tasks", "tasks.yaml"},
		{"plan", "--tasks", "tasks.yaml", "--out", "p.yaml", "--jobs", "0"},
		{"bench", "nonsense"},
	} {
		if out, code := rtmdl(t, dir, args...); code != 2 {
			t.Errorf("%v: exit %d: %s", args, code, out)
		}
	}
}

func TestAnInterruptedPlanKeepsTheBest(t *testing.T) {
	dir := planDir(t, crowdedSet)
	t.Chdir(dir)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	c := command([]string{"plan", "--tasks", "tasks.yaml", "--out", "plan.yaml", "--time", "0s", "-q"})
	var out strings.Builder
	c.SetOut(&out)
	if err := c.ExecuteContext(ctx); err != nil && exitCode(err) != 3 {
		t.Fatal(err)
	}
	if _, err := os.Stat("plan.yaml"); err != nil {
		t.Error(err)
	}
}
