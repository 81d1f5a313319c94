package core

import (
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rtmdl/scheduler/pack"
)

var rewrite = flag.Bool("rewrite", false, "write what the core decides into testdata as what is expected")

// TestTraces runs the golden traces in testdata. A trace is a text of blocks,
// one a step: commands, a line "----", and the decisions expected, up to an
// empty line. The first block is the configuration:
//
//	config cpu_workers=1 late=skip
//	task name=a priority=0 deadline=10 queue=1 variants=1/5/1,1/3/1
//	pair a=a/0 b=b/1 slow_a=1.1 slow_b=1.4
//	----
//
// (variants are pre/infer/post, and config has slots, mode, order, bound and
// guard besides) and the others are
//
//	at 5                                         the instant, then the events
//	release job=1 task=a release=5 deadline=15   (the last two are optional)
//	complete job=1 stage=pre
//	fail job=1 stage=pre
//	cancel job=1
//	lost unit=0
//	plan priorities=1,0 variants=0,1 pairs=1     (pairs by row, 0 or 1)
//	tick
//	----
//	start job=1 pre cpu0 blocked=3
//	wake 15
//
// Times are in ns; "wake" is NextWake and left out where there is none;
// "nothing" stands for no decision. A line may end in a # comment.
func TestTraces(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no traces: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := runTrace(string(text))
			if err != nil {
				t.Fatal(err)
			}
			if *rewrite {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(strings.Split(string(text), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("decisions differ (-want +got; -rewrite accepts them):\n%s", diff)
			}
		})
	}
}

// runTrace returns the trace with the decisions of a new core in place of the
// expected ones.
func runTrace(text string) (string, error) {
	var out strings.Builder
	tr := tracer{tasks: map[string]TaskID{}}
	skip, commands := false, []string(nil)
	for n, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		bare, _, _ := strings.Cut(line, "#")
		bare = strings.TrimSpace(bare)
		switch {
		case line == "":
			skip = false
		case skip:
			continue
		case bare == "----":
			fmt.Fprintln(&out, line)
			result, err := tr.block(commands)
			if err != nil {
				return "", fmt.Errorf("line %d: %w", n+1, err)
			}
			out.WriteString(result)
			skip, commands = true, nil
			continue
		case bare != "":
			commands = append(commands, bare)
		}
		fmt.Fprintln(&out, line)
	}
	if len(commands) > 0 {
		return "", errors.New("last block has no ----")
	}
	return out.String(), nil
}

// tracer runs the blocks of one trace.
type tracer struct {
	cfg   Config
	tasks map[string]TaskID
	core  *Core
}

func (tr *tracer) block(commands []string) (string, error) {
	if tr.core == nil {
		return tr.configure(commands)
	}
	var now Time
	var events []Event
	for i, command := range commands {
		words := strings.Fields(command)
		if i == 0 {
			if len(words) != 2 || words[0] != "at" {
				return "", fmt.Errorf("%q: want at TIME", command)
			}
			t, err := strconv.ParseInt(words[1], 10, 64)
			if err != nil {
				return "", err
			}
			now = Time(t)
			continue
		}
		e, err := tr.event(now, words)
		if err != nil {
			return "", fmt.Errorf("%q: %w", command, err)
		}
		events = append(events, e)
	}
	decisions, err := tr.core.Step(now, events, nil)
	if err != nil {
		return "error: " + err.Error() + "\n", nil
	}
	var out strings.Builder
	for _, d := range decisions {
		fmt.Fprintln(&out, showDecision(d))
	}
	if len(decisions) == 0 {
		fmt.Fprintln(&out, "nothing")
	}
	if at, ok := tr.core.NextWake(); ok {
		fmt.Fprintf(&out, "wake %d\n", at)
	}
	return out.String(), nil
}

func (tr *tracer) configure(commands []string) (string, error) {
	for _, command := range commands {
		words := strings.Fields(command)
		var task Task
		var pair Pair
		for _, word := range words[1:] {
			name, value, _ := strings.Cut(word, "=")
			n, numErr := strconv.Atoi(value)
			switch words[0] + " " + name {
			case "config cpu_workers":
				tr.cfg.CPUWorkers = n
			case "config late":
				tr.cfg.Late, numErr = ParseLatePolicy(value)
			case "config slots":
				tr.cfg.AcceleratorSlots = n
			case "config mode":
				tr.cfg.Mode, numErr = ParseMode(value)
			case "config order":
				for tr.cfg.Order = FixedPriority; tr.cfg.Order.String() != value && tr.cfg.Order <= EDFAdmission; tr.cfg.Order++ {
				}
				numErr = nil
			case "config bound":
				tr.cfg.Rule.Bound, numErr = factor(value)
			case "config guard":
				tr.cfg.Rule.Guard, numErr = factor(value)
			case "task variants":
				task.Variants, numErr = variants(value)
			case "pair a":
				pair.A, numErr = tr.ref(value)
			case "pair b":
				pair.B, numErr = tr.ref(value)
			case "pair slow_a":
				pair.SlowA, numErr = factor(value)
			case "pair slow_b":
				pair.SlowB, numErr = factor(value)
			case "task name":
				task.Name, numErr = value, nil
			case "task priority":
				task.Priority = n
			case "task deadline":
				task.Deadline = time.Duration(n)
			case "task queue":
				task.Queue = n
			default:
				return "", fmt.Errorf("%q: unknown", command)
			}
			if numErr != nil {
				return "", fmt.Errorf("%q: %w", command, numErr)
			}
		}
		if words[0] == "pair" {
			tr.cfg.Packing = append(tr.cfg.Packing, pair)
		}
		if words[0] == "task" {
			tr.tasks[task.Name] = TaskID(len(tr.cfg.Tasks))
			tr.cfg.Tasks = append(tr.cfg.Tasks, task)
		}
	}
	var err error
	tr.core, err = New(tr.cfg)
	return "", err
}

func factor(s string) (pack.Factor, error) {
	x, err := strconv.ParseFloat(s, 64)
	return pack.Factor(math.Round(x * 1e6)), err
}

func variants(s string) (v []Times, err error) {
	for _, part := range strings.Split(s, ",") {
		var t Times
		if _, err := fmt.Sscanf(part, "%d/%d/%d", &t.Pre, &t.Infer, &t.Post); err != nil {
			return nil, err
		}
		v = append(v, t)
	}
	return v, nil
}

func (tr *tracer) ref(s string) (Ref, error) {
	name, variant, _ := strings.Cut(s, "/")
	v, err := strconv.Atoi(variant)
	return Ref{tr.tasks[name], v}, err
}

func integers(s string) (list []int, err error) {
	for _, part := range strings.Split(s, ",") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, nil
}

func (tr *tracer) event(now Time, words []string) (e Event, err error) {
	kinds := map[string]EventKind{
		"release": Release, "complete": StageComplete, "fail": StageFailed, "cancel": Cancel, "tick": Tick,
		"lost": DeviceLost, "plan": PlanChanged,
	}
	if words[0] == "plan" {
		e.Plan = &Plan{}
	}
	e.Kind = kinds[words[0]]
	e.Release = now
	hasDeadline := false
	for _, word := range words[1:] {
		name, value, _ := strings.Cut(word, "=")
		n, numErr := strconv.ParseInt(value, 10, 64)
		switch name {
		case "job":
			e.Job = JobID(n)
		case "task":
			id, ok := tr.tasks[value]
			if numErr = nil; !ok {
				id = TaskID(len(tr.tasks))
			}
			e.Task = id
		case "stage":
			numErr = fmt.Errorf("unknown stage %q", value)
			for s := Pre; s <= Whole; s++ {
				if s.String() == value {
					e.Stage, numErr = s, nil
				}
			}
		case "release":
			e.Release = Time(n)
		case "unit":
			e.Unit = int(n)
		case "priorities":
			e.Plan.Priorities, numErr = integers(value)
		case "variants":
			e.Plan.Variants, numErr = integers(value)
		case "pairs":
			var pairs []int
			pairs, numErr = integers(value)
			for _, p := range pairs {
				e.Plan.Pairs = append(e.Plan.Pairs, p == 1)
			}
		case "deadline":
			e.Deadline, hasDeadline = Time(n), true
		default:
			numErr = fmt.Errorf("unknown field %q", name)
		}
		if numErr != nil {
			return e, numErr
		}
	}
	if e.Kind == Release && !hasDeadline && int(e.Task) < len(tr.cfg.Tasks) {
		e.Deadline = e.Release.Add(tr.cfg.Tasks[e.Task].Deadline)
	}
	return e, nil
}

func showDecision(d Decision) string {
	s := fmt.Sprintf("%v job=%d %v", d.Kind, d.Job, d.Stage)
	if d.Unit != NoUnit {
		s += fmt.Sprintf(" %v%d", d.Resource, d.Unit)
	}
	if d.Blocked != 0 {
		s += fmt.Sprintf(" blocked=%d", d.Blocked.Nanoseconds())
	}
	if d.Beside != 0 {
		s += fmt.Sprintf(" beside=%d", d.Beside)
		if d.Yields {
			s += " yields"
		}
	}
	if d.Late {
		s += " late"
	}
	return s
}
