package task

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPlanIsReadInAnyOrder(t *testing.T) {
	s := exampleSet()
	p, err := ParsePlan("p", []byte(`tasks:
  - {name: sign, variant: w50, priority: 1}
  - {name: traffic_light, variant: w100, priority: 1}
`), s)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&Plan{Variants: []int{0, 1}, Priorities: []int{1, 1}}, p); diff != "" {
		t.Errorf("plan differs (-want +got):\n%s", diff)
	}
}

func TestPlanSaysWhichPairsMayShare(t *testing.T) {
	s := exampleSet()
	s.Packing = append(s.Packing, Pair{A: Ref{0, 0}, B: Ref{1, 0}, SlowA: One, SlowB: One})
	tasks := "tasks: [{name: sign, variant: w50, priority: 0}, {name: traffic_light, variant: w100, priority: 1}]\n"
	for text, want := range map[string][]bool{
		"":            nil,
		"packing: []": {false, false},
		"packing: [{a: sign/w100, b: traffic_light/w100}]": {false, true},
	} {
		p, err := ParsePlan("p", []byte(tasks+text), s)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, p.Pairs); diff != "" {
			t.Errorf("%s: pairs differ (-want +got):\n%s", text, diff)
		}
	}
}

func TestProblemsOfPlans(t *testing.T) {
	s := exampleSet()
	for text, want := range map[string][]string{
		"tasks: [{name: sign, variant: w50, priority: 1}]": {
			`p:1: tasks: task "traffic_light" of the set is missing`,
		},
		"tasks:\n- {name: sign, variant: w51, priority: 1.5}\n- {name: lane, variant: w, priority: 0}\n" +
			"- {name: sign, variant: w50, priority: 0}\n- {name: traffic_light, variant: w100}\npacking: []\nextra: 1\n": {
			`p:2: tasks[0].priority: "1.5": want a whole number`,
			`p:2: tasks[0].variant: "w51": task "sign" has no variant of this name`,
			`p:3: tasks[1].name: "lane": no task of the set has this name`,
			`p:4: tasks[2].name: "sign": the task is there already, in line 2`,
			`p:5: tasks[3].priority: is missing`,
			`p:7: extra: "extra": unknown field, want one of tasks, packing, predicted, lower_bound, proven_optimal, ` +
				`infeasible, broken`,
		},
		"tasks:\n- {name: sign, variant: w50, priority: 1}\n- {name: traffic_light, variant: w100, priority: 0}\npacking:\n" +
			"- {a: sign/w50, b: traffic_light/w100}\n- {b: sign/w50, a: traffic_light/w100}\n" +
			"- {a: sign/w100, b: traffic_light/w100}\n- {a: sign/w1, b: traffic_light/w100}\n- {a: sign/w50}\n": {
			`p:6: packing[1]: the pair is there twice`,
			`p:7: packing[2]: the set has no slowdowns for sign/w100 and traffic_light/w100`,
			`p:8: packing[3].a: "sign/w1": no variant of the task has this name`,
			`p:9: packing[4].b: is missing`,
		},
		"tasks:\n- {name: sign, variant: w50, priority: 1, predicted_miss_rate: 2}\n" +
			"- {name: traffic_light, variant: w100, priority: 99999999999}\npredicted: 5\nlower_bound: x\n" +
			"proven_optimal: 1\ninfeasible: maybe\nbroken: [{by: 1}]\n": {
			`p:2: tasks[0].predicted_miss_rate: "2": want 0 to 1`,
			`p:3: tasks[1].priority: "99999999999": want -1000000000 to 1000000000`,
			`p:4: predicted: "5": want a mapping`,
			`p:5: lower_bound: "x": want a decimal number`,
			`p:6: proven_optimal: "1": want true or false`,
			`p:7: infeasible: "maybe": want proven or not proven`,
			`p:8: broken[0].constraint: is missing`,
		},
		"tasks: 7": {`p:1: tasks: "7": want a sequence`},
		"7":        {`p:1: "7": want a mapping`},
	} {
		_, err := ParsePlan("p", []byte(text), s)
		compareProblems(t, want, err)
	}
}

func TestStorageCountsSharedPartsOncePerTask(t *testing.T) {
	s := exampleSet()
	if got := NewPlan([]int{0, 0}).Storage(s); got != 1200000+5+30+4 {
		t.Errorf("plan: %d", got)
	}
	if got := NewPlan([]int{0, 1}).Storage(s); got != 1200000+2+30 {
		t.Errorf("smaller plan: %d", got)
	}
	if got := s.Tasks[1].FamilyStorage(); got != 5+2+30+4 {
		t.Errorf("family: %d", got)
	}
}

func TestVariantsByAccuracyAndTime(t *testing.T) {
	k := Task{Variants: []Variant{{Accuracy: 0.5, Infer: 3}, {Accuracy: 0.8, Infer: 2}, {Accuracy: 0.8, Infer: 2}}}
	if k.Largest() != 1 || k.Smallest() != 1 || k.MaxAccuracy() != 0.8 || k.Loss(1) != 0 {
		t.Error(k.Largest(), k.Smallest(), k.MaxAccuracy(), k.Loss(1))
	}
	if loss := k.Loss(0); loss < 0.374999 || loss > 0.375001 {
		t.Error(loss)
	}
	if loss := (&Task{Variants: []Variant{{}}}).Loss(0); loss != 0 {
		t.Error(loss)
	}
}

func TestPlansThatAreNoFilesAreCheckedToo(t *testing.T) {
	s := exampleSet()
	compareProblems(t, []string{`tasks: "1": want a variant and a priority for each of 2 tasks`}, NewPlan([]int{0}).Validate(s))
	compareProblems(t, []string{
		`tasks.sign.variant: "2": want a variant of the task`,
		`packing: "2": want one entry for each of the set's 1 rows`,
	}, (&Plan{Variants: []int{0, 2}, Priorities: []int{0, 0}, Pairs: []bool{true, true}}).Validate(s))
	compareProblems(t, nil, NewPlan([]int{0, 1}).Validate(s))
}
