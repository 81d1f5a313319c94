package main

import (
	"fmt"
	"slices"
	"strings"

	"rtmdl/scheduler/analysis"
	"rtmdl/scheduler/core"
	"rtmdl/scheduler/priority"
	"rtmdl/scheduler/task"
)

// policy is a scheduling policy by name: an order, and the priorities if that
// goes by them.
type policy struct {
	name   string
	order  core.Order
	assign func(*task.Set, *task.Plan) error
}

// policies are those that simulate knows, in the order of its help.
var policies = []policy{
	{"fcfs", core.FixedPriority, func(_ *task.Set, p *task.Plan) error { priority.Equal(p); return nil }},
	{"rm", core.FixedPriority, always(priority.RateMonotonic)},
	{"dm", core.FixedPriority, always(priority.DeadlineMonotonic)},
	{"um", core.FixedPriority, always(priority.UtilisationMonotonic)},
	{"audsley", core.FixedPriority, func(s *task.Set, p *task.Plan) error {
		p.Priorities, _ = analysis.Audsley(s, p.Variants)
		return nil
	}},
	{"edf", core.EDF, nil},
	{"llf", core.LLF, nil},
	{"edf-admission", core.EDFAdmission, nil},
}

func always(assign func(*task.Set, *task.Plan)) func(*task.Set, *task.Plan) error {
	return func(s *task.Set, p *task.Plan) error { assign(s, p); return nil }
}

func policyNames() string {
	var names []string
	for _, p := range policies {
		names = append(names, p.name)
	}
	return strings.Join(names, ", ")
}

// plan returns the policy's plan for a set, with the largest or the smallest
// variant of each task.
func (p policy) plan(s *task.Set, variant string) (*task.Plan, error) {
	variants := make([]int, len(s.Tasks))
	for i := range s.Tasks {
		switch variant {
		case "largest":
			variants[i] = s.Tasks[i].Largest()
		case "smallest":
			variants[i] = s.Tasks[i].Smallest()
		default:
			return nil, fmt.Errorf("%w: --variant %q: want largest or smallest", errUsage, variant)
		}
	}
	plan := task.NewPlan(variants)
	if p.assign == nil {
		return plan, nil
	}
	return plan, p.assign(s, plan)
}

func policyNamed(name string) (policy, error) {
	i := slices.IndexFunc(policies, func(p policy) bool { return p.name == name })
	if i < 0 {
		return policy{}, fmt.Errorf("%w: --policy %q: want one of %s", errUsage, name, policyNames())
	}
	return policies[i], nil
}
