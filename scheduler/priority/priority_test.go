package priority

import (
	"slices"
	"testing"

	"rtmdl/scheduler/task"
)

func TestPrioritiesAreDistinctWithTiesInFileOrder(t *testing.T) {
	set := &task.Set{Tasks: []task.Task{
		{Period: 30, Deadline: 30, Variants: []task.Variant{{Infer: 3}, {Infer: 30}}},
		{Period: 20, Deadline: 40, Variants: []task.Variant{{Pre: 1, Post: 1}}},
		{Period: 30, Deadline: 10, Variants: []task.Variant{{Pre: 1, Infer: 1, Post: 1}}},
		{Period: 10, Deadline: 10, Variants: []task.Variant{{Infer: 1}}},
	}}
	for name, tc := range map[string]struct {
		assign   func(*task.Set, *task.Plan)
		variants []int
		want     []int
	}{
		"rate":                 {RateMonotonic, []int{0, 0, 0, 0}, []int{2, 1, 3, 0}},
		"deadline":             {DeadlineMonotonic, []int{0, 0, 0, 0}, []int{2, 3, 0, 1}},
		"equal utilisation":    {UtilisationMonotonic, []int{0, 0, 0, 0}, []int{0, 1, 2, 3}},
		"utilisation":          {UtilisationMonotonic, []int{1, 0, 0, 0}, []int{0, 1, 2, 3}},
		"first come, first in": {func(_ *task.Set, p *task.Plan) { Equal(p) }, []int{0, 0, 0, 0}, []int{0, 0, 0, 0}},
	} {
		p := task.NewPlan(tc.variants)
		p.Priorities[2] = 9
		tc.assign(set, p)
		if !slices.Equal(p.Priorities, tc.want) {
			t.Errorf("%s: %v, want %v", name, p.Priorities, tc.want)
		}
	}
	set.Tasks[3].Variants[0].Infer = 2
	p := task.NewPlan([]int{0, 0, 0, 0})
	UtilisationMonotonic(set, p)
	if !slices.Equal(p.Priorities, []int{1, 2, 3, 0}) {
		t.Errorf("highest utilisation first: %v", p.Priorities)
	}
}
