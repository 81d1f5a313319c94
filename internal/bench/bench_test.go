package bench

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rtmdl/scheduler/core"
)

func TestCalibratedSetsMissWhatTheirFilesSay(t *testing.T) {
	for _, want := range targets {
		for _, mode := range []string{"blackbox", "split"} {
			set, err := paperSet(want.load, mode)
			if err != nil {
				t.Fatal(err)
			}
			m, err := core.ParseMode(mode)
			if err != nil {
				t.Fatal(err)
			}
			rates, err := missesOf(set, m, 2000, 1)
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(rates[1]-want.second) > 0.05 || math.Abs(rates[2]-want.third) > 0.05 || rates[0] > firstAtMost+0.05 {
				t.Errorf("%s %s: %v", want.load, mode, rates)
			}
		}
	}
}

func TestSetsOfTheScenariosAreValid(t *testing.T) {
	sets, err := mixedSets()
	if err != nil || len(sets) != 12 {
		t.Fatalf("%d sets, %v", len(sets), err)
	}
	for _, m := range append(sets, named{"car", carSet()}) {
		if err := m.set.Validate(); err != nil {
			t.Errorf("%s: %v", m.name, err)
		}
		for i := range m.set.Tasks {
			share(&m.set.Tasks[i])
		}
		if err := m.set.Validate(); err != nil {
			t.Errorf("%s, shared: %v", m.name, err)
		}
	}
}

func TestEstimates(t *testing.T) {
	e := estimate([]float64{1, 2, 3})
	if e.Mean != 2 || e.Max != 3 || math.Abs(e.High-2-4.303/math.Sqrt(3)) > 1e-9 {
		t.Errorf("%+v", e)
	}
	if p := proportion(10, 10); p.Mean != 1 || math.Abs(p.Low-0.7225) > 1e-3 || p.High != 1 {
		t.Errorf("%+v", p)
	}
	if e := estimate([]float64{5}); e.Low != 5 || e.High != 5 {
		t.Errorf("one value: %+v", e)
	}
}

// TestARunGoesOnWhereItStopped: what is in the state file is not run again,
// and a line that was cut off is.
func TestARunGoesOnWhereItStopped(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state.jsonl")
	o := Options{Scenarios: []string{"time"}, State: state, Limit: 1}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if r, err := Run(stopped, o); !errors.Is(err, context.Canceled) || r.UnitsDone != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	s := quick()
	us := timeUnits(s)
	id := "full false jobs 1000 seeds 2"
	first, err := json.Marshal(line{Options: id, Key: us[0].key, Records: []Record{{Scenario: "time", Case: "n 3", Method: ours, N: 3, Met: true}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(state, append(append(first, '\n'), `{"options": "full fal`...), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := Run(stopped, o)
	if r == nil || r.UnitsDone != 1 || len(r.Groups) != 1 || r.Groups[0].Met.Mean != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	data, err := os.ReadFile(state)
	if err != nil || string(data) != string(first)+"\n" {
		t.Errorf("%v: %s", err, data)
	}
}

func TestReportHasFiguresAndMarkdown(t *testing.T) {
	var records []Record
	for _, method := range []string{ours, "DM-NMC split"} {
		for k := range 3 {
			x := float64(5+k) / 10
			records = append(records,
				Record{Scenario: "random", Case: "U " + string(rune('a'+k)), X: x, N: 3, Method: method, Met: k == 0, Macro: x / 10},
				Record{Scenario: "paper", Case: "high split", N: 3, Method: method, DMR: []float64{0, 0.1, 0.2}, Macro: x / 10, MeanLoss: 0.02},
				Record{Scenario: "factorial", Case: "car", N: 3, Method: method, Macro: x},
				Record{Scenario: "storage", Case: "car, 50 %", X: 50 + float64(k), N: 3, Method: method, Met: true},
				Record{Scenario: "time", Case: "n 3", X: 3, N: 3, Method: method, FoundS: 1})
		}
	}
	r := &Report{Groups: group(records), Claims: claims(group(records), records), Notes: notes}
	dir := t.TempDir()
	figures, err := r.Figures(dir)
	if err != nil || len(figures) != 6 {
		t.Fatalf("%v, %v", figures, err)
	}
	for _, f := range figures {
		data, err := os.ReadFile(filepath.Join(dir, f.Name))
		if err != nil || !strings.Contains(string(data), "<svg") {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	text := string(r.Markdown("figures", figures))
	for _, want := range []string{"## Figures asked for", "figures/factorial.svg", "| planner | 3 |", "Scenario random", "not a claim"} {
		if strings.Contains(text, want) == (want == "not a claim") {
			t.Errorf("%q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "%!") {
		t.Error("a format is wrong")
	}
}
