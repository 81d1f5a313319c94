package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const simulatedSet = `platform: {cpu_workers: 1, accelerator_slots: 2}
tasks:
  - name: a
    period_ms: 10
    variants:
      - {name: w100, accuracy: 0.8, storage_bytes: 1, pre_ms: 1, infer_ms: 4, post_ms: 1}
      - {name: w50, accuracy: 0.6, storage_bytes: 1, pre_ms: 1, infer_ms: 2, post_ms: 1}
  - name: b
    period_ms: 20
    deadline_ms: 15
    variants:
      - {name: w100, accuracy: 0.9, storage_bytes: 1, pre_ms: 1, infer_ms: 9, post_ms: 1}
packing:
  - {a: a/w100, b: b/w100, slow_a: 1.05, slow_b: 1.3}
`

// rtmdl runs the tool in a folder that has tasks.yaml and plan.yaml.
func rtmdl(t *testing.T, dir string, args ...string) (out string, code int) {
	t.Helper()
	t.Chdir(dir)
	c := command(args)
	var b bytes.Buffer
	c.SetOut(&b)
	c.SetErr(&b)
	if err := c.Execute(); err != nil {
		return b.String() + err.Error(), exitCode(err)
	}
	return b.String(), 0
}

func simulateDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"tasks.yaml": simulatedSet,
		"plan.yaml":  "tasks: [{name: b, variant: w100, priority: 1}, {name: a, variant: w50, priority: 0}]\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestSimulateWritesItsResults(t *testing.T) {
	dir := simulateDir(t)
	out, code := rtmdl(t, dir, "simulate", "--tasks", "tasks.yaml", "--plan", "plan.yaml", "--jobs", "50", "--json", "r.json", "--timeline", "t.svg")
	if code != 0 || !strings.Contains(out, "w50") {
		t.Fatalf("%d: %s", code, out)
	}
	data, err := os.ReadFile(filepath.Join(dir, "r.json"))
	if err != nil {
		t.Fatal(err)
	}
	var r simulationReport
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Tasks) != 2 || r.Tasks[0].Name != "a" || r.Tasks[0].Variant != "w50" || r.Tasks[0].Released != 100 ||
		r.Tasks[1].Priority != 1 || r.Tasks[1].Released != 50 || r.Tasks[1].P99 < 11 || r.WithinBound != 1 {
		t.Errorf("%+v", r)
	}
	for _, key := range []string{"macro_miss_rate", "micro_miss_rate", "max_miss_rate", "within_bound", "mean_loss", "sum_loss",
		"on_time_accuracy", "packed", "p50_ms", "p99_ms", "max_ms", "miss_rate"} {
		if !bytes.Contains(data, []byte(`"`+key+`"`)) {
			t.Errorf("no %s", key)
		}
	}
	if svg, err := os.ReadFile(filepath.Join(dir, "t.svg")); err != nil || !bytes.HasPrefix(svg, []byte("<svg")) {
		t.Errorf("picture: %v", err)
	}
}

func TestSimulateKnowsEveryPolicyModeAndLatePolicy(t *testing.T) {
	dir := simulateDir(t)
	for _, p := range policies {
		for _, mode := range []string{"split", "blackbox"} {
			for _, late := range []string{"run", "skip", "abort"} {
				for _, variant := range []string{"largest", "smallest"} {
					out, code := rtmdl(t, dir, "simulate", "--tasks", "tasks.yaml", "--policy", p.name, "--mode", mode, "--late", late,
						"--variant", variant, "--jobs", "20", "--slowdown-error", "0.2", "--json", "-")
					if code != 0 || !strings.Contains(out, `"sum_loss"`) {
						t.Errorf("%s %s %s: %d: %s", p.name, mode, late, code, out)
					}
				}
			}
		}
	}
}

func TestSimulateRefusesBadInputWithCode2(t *testing.T) {
	dir := simulateDir(t)
	if err := os.WriteFile(filepath.Join(dir, "bad.yaml"), []byte(strings.Replace(simulatedSet, "period_ms: 20", "period_ms: 0", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"bad.yaml:9: tasks[1].period_ms":       {"--tasks", "bad.yaml", "--policy", "dm"},
		"no such file":                         {"--tasks", "none.yaml", "--policy", "dm"},
		"--tasks FILE is missing":              {"--policy", "dm"},
		"either --plan PLAN or --policy":       {"--tasks", "tasks.yaml"},
		"want one of fcfs":                     {"--tasks", "tasks.yaml", "--policy", "best"},
		"want largest or smallest":             {"--tasks", "tasks.yaml", "--policy", "dm", "--variant", "w50"},
		"want split or blackbox":               {"--tasks", "tasks.yaml", "--policy", "dm", "--mode", "both"},
		"want run, skip or abort":              {"--tasks", "tasks.yaml", "--policy", "dm", "--late", "never"},
		"--jobs 0":                             {"--tasks", "tasks.yaml", "--policy", "dm", "--jobs", "0"},
		"simulated time is too long":           {"--tasks", "tasks.yaml", "--policy", "dm", "--jobs", "999999999999999"},
		"tasks.yaml:1: platform: ":             {"--tasks", "tasks.yaml", "--plan", "tasks.yaml"},
		"--slots 3":                            {"--tasks", "tasks.yaml", "--policy", "dm", "--slots", "3"},
		"--slowdown-error 2":                   {"--tasks", "tasks.yaml", "--policy", "dm", "--slowdown-error", "2"},
		"--timeline-span -1":                   {"--tasks", "tasks.yaml", "--policy", "dm", "--timeline", "t.svg", "--timeline-span", "-1"},
		"takes flags alone":                    {"more"},
		"unknown flag":                         {"--nonsense"},
		`invalid argument "x" for "--jobs"`:    {"--jobs", "x"},
		"either --plan PLAN or --policy NAME":  {"--tasks", "tasks.yaml", "--policy", "dm", "--plan", "plan.yaml"},
		"open plan: no such file or directory": {"--tasks", "tasks.yaml", "--plan", "plan"},
	} {
		out, code := rtmdl(t, dir, append([]string{"simulate"}, args...)...)
		if code != 2 || !strings.Contains(out, want) {
			t.Errorf("%v: %d: %s, want %s", args, code, out, want)
		}
	}
	if exitCode(errors.New("other")) != 1 {
		t.Error("other errors are not the user's")
	}
}
