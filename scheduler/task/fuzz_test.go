package task

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzParse: whatever the bytes, problems or a set (and a plan for it) that
// reads back the same from what it writes.
func FuzzParse(f *testing.F) {
	plan := "tasks: [{name: sign, variant: w50, priority: 1}, {name: traffic_light, variant: w100, priority: 0}]\n"
	f.Add([]byte(example), []byte(plan))
	f.Add([]byte(example), []byte(plan+"packing: [{a: sign/w50, b: traffic_light/w100}]\nlower_bound: 0.1\n"))
	f.Add([]byte("tasks: &x [*x]"), []byte("{}"))
	f.Add([]byte("? [a]\n: {b: !!int c}\n"), []byte("--- |\n x\n...\n"))
	f.Fuzz(func(t *testing.T, set, plan []byte) {
		s, err := ParseSet("f", set)
		if err != nil {
			requireProblems(t, err)
			s = exampleSet()
		} else {
			again, err := ParseSet("f", s.Marshal())
			if err != nil {
				t.Fatalf("%v in\n%s", err, s.Marshal())
			}
			if diff := cmp.Diff(s, again); diff != "" {
				t.Fatalf("set differs (-first +second):\n%s", diff)
			}
		}
		p, err := ParsePlan("p", plan, s)
		if err != nil {
			requireProblems(t, err)
			return
		}
		if err := p.Validate(s); err != nil {
			t.Fatal(err)
		}
		p.Storage(s)
		again, err := ParsePlan("p", p.Marshal(s), s)
		if err != nil {
			t.Fatalf("%v in\n%s", err, p.Marshal(s))
		}
		if diff := cmp.Diff(p, again); diff != "" {
			t.Fatalf("plan differs (-first +second):\n%s", diff)
		}
	})
}

func requireProblems(t *testing.T, err error) {
	t.Helper()
	var problems Problems
	if !errors.As(err, &problems) || len(problems) == 0 {
		t.Fatalf("untyped error %v", err)
	}
	for _, p := range problems {
		if p.Want == "" || p.File == "" {
			t.Fatalf("problem %+v says too little", p)
		}
	}
}
