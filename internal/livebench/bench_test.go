package livebench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rtmdl/internal/manifest"
)

// fake answers so many of ten frames in time as answers says.
type fake struct {
	made    []string // runs: program, settings, rate
	answers func(program, settings string, rate float64) (int, error)
}

func (f *fake) Measure(_ context.Context, programs [][]string, rate, _ float64) (*Heard, error) {
	name, settings := filepath.Base(programs[0][0]), ""
	if name != "suite" {
		if len(programs) != 1 {
			return nil, fmt.Errorf("%d programs for one task", len(programs))
		}
		settings = strings.Join(programs[0][len(programs[0])-4:], " ")
	}
	f.made = append(f.made, fmt.Sprintf("%s %s %g", name, settings, rate))
	n, err := f.answers(name, settings, rate)
	h := &Heard{Answers: map[string]map[int64]Answer{"lane": {}}, Late: []int64{0}}
	for i := range 10 {
		stamp := 1e18 + int64(i)*int64(time.Second)
		h.Stamps = append(h.Stamps, stamp)
		if i < n {
			h.Answers["lane"][stamp] = Answer{Published: stamp + 1}
		}
	}
	return h, err
}

func options() Options {
	return Options{
		Seconds: 1, Tasks: []manifest.Task{levels}, Started: func(string, int, int) {}, After: func(*Results) error { return nil },
	}
}

func bench(t *testing.T, f *fake, o Options, r *Results) {
	t.Helper()
	if err := Bench(context.Background(), f, o, r); err != nil {
		t.Fatal(err)
	}
}

func TestTheBestSettingsCount(t *testing.T) {
	f := &fake{answers: func(_, settings string, _ float64) (int, error) {
		return map[string]int{threads[0]: 5, threads[1]: 7, threads[2]: 9, threads[3]: 6}[settings], nil
	}}
	var r Results
	o := options()
	o.Methods, o.Rates = []string{"plain_rclgo"}, []float64{20}
	bench(t, f, o, &r)
	if len(r.Runs) != 1 || r.Runs[0].Settings != threads[2] || r.Runs[0].MacroMissRate != 0.1 || len(r.Others) != 3 {
		t.Errorf("%+v\n%+v", r.Runs, r.Others)
	}
	file := filepath.Join(t.TempDir(), "results.json")
	if err := r.Write(file); err != nil {
		t.Fatal(err)
	}
	again, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&r, again); diff != "" {
		t.Error(diff)
	}
	bench(t, f, o, again)
	if len(f.made) != 4 {
		t.Errorf("what was there already was measured again: %q", f.made)
	}
}

func TestTheCurveEndsWhereTheFirstMethodMissesHalf(t *testing.T) {
	for _, test := range []struct {
		name     string
		falls    float64 // from this rate on it misses more than half
		wantLast float64
	}{{"early", 20, 60}, {"at 90 Hz", 90, 90}, {"never", 1e9, mostHz}} {
		t.Run(test.name, func(t *testing.T) {
			f := &fake{answers: func(program, _ string, rate float64) (int, error) {
				if program == "python.sh" && rate >= test.falls {
					return 4, nil
				}
				return 10, nil
			}}
			var r Results
			o := options()
			o.Methods, o.Settings = []string{"split", "plain_rclpy"}, 1
			bench(t, f, o, &r)
			if rates := r.rates(); rates[0] != 10 || rates[len(rates)-1] != test.wantLast || len(r.Runs) != 2*len(rates) {
				t.Errorf("rates %v, %d runs", rates, len(r.Runs))
			}
		})
	}
}

func TestOneMethodThatFailsHoldsUpNoOther(t *testing.T) {
	broken := errors.New("broken")
	f := &fake{answers: func(program, _ string, _ float64) (int, error) {
		if program == "suite" {
			return 0, broken
		}
		return 10, nil
	}}
	var r Results
	o := options()
	o.Rates, o.Settings = []float64{10, 20}, 1
	err := Bench(context.Background(), f, o, &r)
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "split at 20 Hz") || !strings.Contains(err.Error(), "full") {
		t.Errorf("error %v", err)
	}
	if len(r.Runs) != 4 {
		t.Errorf("%+v", r.Runs)
	}
}

func TestNothingBeginsAfterTheLimit(t *testing.T) {
	f := &fake{answers: func(string, string, float64) (int, error) {
		time.Sleep(2 * time.Millisecond)
		return 10, nil
	}}
	o := options()
	o.Limit = time.Millisecond
	if err := Bench(context.Background(), f, o, &Results{}); err == nil || !strings.Contains(err.Error(), "59 runs left") {
		t.Errorf("error %v", err)
	}
}

func TestUnknownMethodsAreRefusedBeforeAnythingRuns(t *testing.T) {
	o := options()
	o.Methods = []string{"split", "magic"}
	if err := Bench(context.Background(), nil, o, &Results{}); !errors.Is(err, ErrMethod) || !strings.Contains(err.Error(), "magic") {
		t.Errorf("error %v", err)
	}
}

func TestTheSuiteGetsThePeriodAsItsDeadline(t *testing.T) {
	i := slices.IndexFunc(Methods, func(m Method) bool { return m.Name == "split" })
	programs := Methods[i].Programs([]string{"sign", "lane"}, "", 1000.0/30)
	want := [][]string{{
		"bin/suite", "--ros-args", "-p", "image_transport:=compressed", "-p", "sign:deadline_ms:=33.333", "-p", "lane:deadline_ms:=33.333",
		"-p", "variant:=w100",
	}}
	if diff := cmp.Diff(want, programs); diff != "" {
		t.Error(diff)
	}
}

func TestMarkdownAndFigures(t *testing.T) {
	f := &fake{answers: func(string, string, float64) (int, error) { return 7, nil }}
	r := Results{Machine: Machine{CPU: "Slide rule", Cores: 2}}
	o := options()
	o.Methods, o.Rates, o.Settings = []string{"plain_rclgo", "split"}, []float64{20, 10}, 1
	bench(t, f, o, &r)
	r.Runs[0].OthersCPUS = 1
	figures, err := r.Figures(t.TempDir())
	if err != nil || len(figures) != len(curves) {
		t.Fatal(figures, err)
	}
	text := string(r.Markdown("## Live", "pictures", figures))
	for _, want := range []string{
		"## Live\n", "(Slide rule)", "`full`: ours, everything (no run yet)", "**In 1 of 4 runs", "](pictures/live-miss.svg)",
		"| 10 | split |  | 30.0 | 30.0 |  | 0.00 | 0.5600 | 0 | 0 | 0 | 0.00 | 0.00 |\n| 20 | plain_rclgo | --threads 1 --spinning off |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}
