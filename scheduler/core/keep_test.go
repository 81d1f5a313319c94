package core

import "testing"

// TestLateSkipSparesAPostWhereAsked holds the two rules side by side: an inference that ends after the deadline.
func TestLateSkipSparesAPostWhereAsked(t *testing.T) {
	for _, keep := range []bool{false, true} {
		c, err := New(Config{Tasks: []Task{{Name: "a", Deadline: 10}}, KeepInferred: keep})
		if err != nil {
			t.Fatal(err)
		}
		step := func(now Time, e Event) Decision {
			t.Helper()
			out, err := c.Step(now, []Event{e}, nil)
			if err != nil || len(out) != 1 {
				t.Fatalf("at %d: %v, %v", now, out, err)
			}
			return out[0]
		}
		step(0, Event{Kind: Release, Job: 1, Deadline: 10})
		step(5, Event{Kind: StageComplete, Job: 1, Stage: Pre})
		want := Expire
		if keep {
			want = Start
		}
		if d := step(11, Event{Kind: StageComplete, Job: 1, Stage: Infer}); d.Kind != want {
			t.Fatalf("keep %v: %v at the post", keep, d.Kind)
		}
		if keep {
			if d := step(12, Event{Kind: StageComplete, Job: 1, Stage: Post}); d.Kind != Finish || !d.Late {
				t.Fatalf("%v, late %v", d.Kind, d.Late)
			}
		}
	}
	// A job that is late before its inference is dropped under both rules.
	c, err := New(Config{Tasks: []Task{{Name: "a", Deadline: 10}}, KeepInferred: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = c.Step(0, []Event{{Kind: Release, Job: 1, Deadline: 10}}, nil); err != nil {
		t.Fatal(err)
	}
	out, err := c.Step(11, []Event{{Kind: StageComplete, Job: 1, Stage: Pre}}, nil)
	if err != nil || len(out) != 1 || out[0].Kind != Expire {
		t.Fatalf("%v, %v", out, err)
	}
}
