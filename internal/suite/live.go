package suite

import (
	"errors"
	"slices"

	"rtmdl/internal/perception"
	"rtmdl/internal/ros"
	"rtmdl/scheduler/core"
	"rtmdl/scheduler/task"
)

// Why a parameter can't be set while the suite runs.
var (
	errPlanAuto  = errors.New("is chosen by the planner, since plan is auto")
	errPlanFixed = errors.New("is used with plan auto only, and plan is fixed")
)

// liveParameters makes those of the scheduler's node that can be set while it runs do what they say. They are kept in the
// settings too, for when the node is configured anew.
func (h *host) liveParameters() {
	p, planning, names := h.node.Params(), h.settings.planning, taskNames(h.settings.tasks)
	ros.Live(p, maxPending, func(n int64) error {
		h.change(func(s *schedulerSettings) { s.maxPending = int(n) }, func(e *engine) { e.scheduler.SetMaxPending(int(n)) })
		return nil
	})
	ros.Live(p, priorityOrder, func(order []string) error {
		priorities, err := prioritiesOf(order, names)
		if err == nil && planning {
			err = errPlanAuto
		}
		if err != nil {
			return err
		}
		h.change(func(s *schedulerSettings) { s.priorities = priorities }, func(e *engine) { err = e.prioritise(priorities) })
		return err
	})
	for i, name := range names {
		h.liveOfTask(p, i, name, planning)
	}
}

func (h *host) liveOfTask(p *ros.Params, i int, name string, planning bool) {
	ros.Live(p, name+scoreThreshold, func(v float64) error {
		h.change(func(s *schedulerSettings) { s.tasks[i].scoreThreshold = v }, func(e *engine) { e.setScoreThreshold(i, v) })
		return nil
	})
	ros.Live(p, name+maxMissRate, func(v float64) error {
		if !planning {
			return errPlanFixed
		}
		h.change(func(s *schedulerSettings) { s.tasks[i].maxMissRate = v }, func(e *engine) { e.planner.SetMaxMissRate(i, task.Rate(v)) })
		return nil
	})
	ros.Live(p, name+variantOf, func(level string) error {
		if planning {
			return errPlanAuto
		}
		_, err := h.load(name, level, "")
		return err
	})
}

// adopt puts into force all settings that may change while the scheduler runs, but for variants, which are loaded.
func (e *engine) adopt(s *schedulerSettings) error {
	e.scheduler.SetMaxPending(s.maxPending)
	for i, t := range s.tasks {
		e.scheduler.SetDeadline(i, t.Deadline)
		e.setScoreThreshold(i, t.scoreThreshold)
		if s.planning {
			e.planner.SetMaxMissRate(i, task.Rate(t.maxMissRate))
		}
	}
	if s.planning {
		return nil
	}
	return e.prioritise(s.priorities)
}

func (e *engine) setScoreThreshold(i int, v float64) {
	variants, _ := e.scheduler.Variants(i)
	for _, variant := range variants {
		variant.Vision.(perception.Tunable).SetScoreThreshold(v)
	}
}

// prioritise puts priorities into force, nil: by deadline.
func (e *engine) prioritise(priorities []int) error {
	if priorities == nil {
		e.scheduler.FollowDeadlines()
		return nil
	}
	return e.scheduler.SetPlan(core.Plan{Priorities: slices.Clone(priorities), Variants: make([]int, len(priorities))})
}
