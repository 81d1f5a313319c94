package core

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWords(t *testing.T) {
	for want, got := range map[string]fmt.Stringer{
		"pre": Pre, "infer": Infer, "post": Post, "whole": Whole, "stage(4)": Stage(4),
		"cpu": CPU, "accelerator": Accelerator, "resource(2)": Resource(2),
		"skip": LateSkip, "run": LateRun, "abort": LateAbort, "late(3)": LatePolicy(3),
		"release": Release, "stage complete": StageComplete, "stage failed": StageFailed,
		"cancel": Cancel, "tick": Tick, "event(0)": EventKind(0), "device lost": DeviceLost, "plan changed": PlanChanged, "stage stopped": StageStopped, "event(9)": EventKind(9),
		"start": Start, "replace": Replace, "expire": Expire, "cancelled": Cancelled,
		"failed": Failed, "finish": Finish, "decision(0)": DecisionKind(0), "refuse": Refuse, "stop": Stop, "decision(10)": DecisionKind(10),
		"never": StopNever, "restart": StopRestart, "drop": StopDrop, "stop(3)": StopPolicy(3),
		"split": Split, "blackbox": BlackBox, "mode(2)": Mode(2),
		"fixed-priority": FixedPriority, "edf": EDF, "llf": LLF, "edf-admission": EDFAdmission, "order(4)": Order(4),
	} {
		if got.String() != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if Abort.String() != "abort" {
		t.Errorf("got %q", Abort)
	}
}

func TestStagesUseTheCPUButForInfer(t *testing.T) {
	if Pre.Resource() != CPU || Infer.Resource() != Accelerator || Post.Resource() != CPU {
		t.Error(Pre.Resource(), Infer.Resource(), Post.Resource())
	}
}

func TestParseLatePolicyReadsWhatStringWrites(t *testing.T) {
	for p := LateSkip; p <= LateAbort; p++ {
		if got, err := ParseLatePolicy(p.String()); got != p || err != nil {
			t.Errorf("%v: got %v, %v", p, got, err)
		}
	}
	for _, word := range []string{"", "Skip", "late(3)", "drop"} {
		if _, err := ParseLatePolicy(word); err == nil {
			t.Errorf("%q is accepted", word)
		}
	}
}

func TestParseStopPolicyReadsWhatStringWrites(t *testing.T) {
	for p := StopNever; p <= StopDrop; p++ {
		if got, err := ParseStopPolicy(p.String()); got != p || err != nil {
			t.Errorf("%v: got %v, %v", p, got, err)
		}
	}
	if _, err := ParseStopPolicy("off"); err == nil {
		t.Error("another word is accepted")
	}
}

func TestTerminalIsEveryDecisionButStartAndStop(t *testing.T) {
	var got []DecisionKind
	for k := DecisionKind(0); k < 12; k++ {
		if k.Terminal() {
			got = append(got, k)
		}
	}
	if diff := cmp.Diff([]DecisionKind{Replace, Expire, Abort, Cancelled, Failed, Finish, Refuse}, got); diff != "" {
		t.Error(diff)
	}
}

func TestErrorsCarryTheEventAndTheirReason(t *testing.T) {
	c, err := New(Config{Tasks: []Task{{Name: "a", Deadline: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	bad := Event{Kind: StageComplete, Job: 3, Stage: Infer}
	_, err = c.Step(7, []Event{{Kind: Tick}, bad}, nil)
	want := &EventError{Now: 7, Index: 1, Event: bad, Err: ErrNotRunning}
	var got *EventError
	if !errors.As(err, &got) || *got != *want || !errors.Is(err, ErrNotRunning) {
		t.Errorf("got %v, want %v", err, want)
	}
	if _, err = c.Step(7, nil, nil); err != nil {
		t.Error(err)
	}
	_, err = c.Step(6, []Event{bad}, nil)
	if !errors.As(err, &got) || got.Index != -1 || got.Event != (Event{}) || !errors.Is(err, ErrClock) {
		t.Errorf("got %v, want ErrClock of the step", err)
	}
}

func TestNextWakeIsOnlyForAborts(t *testing.T) {
	for late := LateSkip; late <= LateAbort; late++ {
		c, err := New(Config{Tasks: []Task{{Name: "a", Deadline: 9}}, Late: late})
		if err != nil {
			t.Fatal(err)
		}
		if at, ok := c.NextWake(); ok {
			t.Errorf("%v: wants to wake at %d with no job", late, at)
		}
		if _, err := c.Step(1, []Event{{Kind: Release, Job: 1, Release: 0, Deadline: 9}}, nil); err != nil {
			t.Fatal(err)
		}
		if at, ok := c.NextWake(); ok != (late == LateAbort) || ok && at != 9 {
			t.Errorf("%v: wants to wake at %d, %v", late, at, ok)
		}
	}
}

func TestIgnoredCountsCancelsOfJobsThatAreNotLive(t *testing.T) {
	c, err := New(Config{Tasks: []Task{{Name: "a", Deadline: 9}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Step(0, []Event{{Kind: Cancel, Job: 1}, {Kind: Cancel, Job: 2}}, nil); err != nil {
		t.Fatal(err)
	}
	if got := c.Ignored(); got != (Ignored{Cancels: 2}) {
		t.Errorf("got %+v", got)
	}
}
