package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rtmdl/internal/livebench"
	"rtmdl/internal/report"
)

func TestTheReportOfBenchTakesInLiveResults(t *testing.T) {
	dir := t.TempDir()
	results, err := filepath.Abs("../../docs/results.json")
	if err != nil {
		t.Fatal(err)
	}
	missed := 0.25
	live := livebench.Results{Runs: []livebench.Run{{
		Method: "split", RateHz: 30, Seconds: 1, MacroMissRate: missed,
		Tasks: []livebench.Task{{Task: report.Task{Name: "lane", MissRate: &missed, DeadlineMs: 33}}},
	}}}
	if err := live.Write(filepath.Join(dir, "live.json")); err != nil {
		t.Fatal(err)
	}
	command := []string{"bench", "--json", results, "--report", "results.md", "--live"}
	if out, code := rtmdl(t, dir, append(command, "live.json")...); code != 0 {
		t.Fatalf("exit %d: %s", code, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "results.md"))
	if err != nil || !strings.HasPrefix(string(text), "# Results of the scheduler") || !strings.Contains(string(text), "| 30 | split |  | 25.0 |") {
		t.Errorf("%v\n%s", err, text)
	}
	if _, err := os.Stat(filepath.Join(dir, "figures", "live-miss.svg")); err != nil {
		t.Error(err)
	}
	if out, code := rtmdl(t, dir, append(command, "nothing.json")...); code != 2 || !strings.Contains(out, "nothing.json") {
		t.Errorf("exit %d: %s", code, out)
	}
}
