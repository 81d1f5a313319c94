package suite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"rtmdl/internal/adaptive"
	"rtmdl/internal/live"
	"rtmdl/internal/manifest"
	"rtmdl/scheduler/sim"
	"rtmdl/scheduler/task"
)

// ErrProfile is returned for a profile that does not fit the tasks that run.
var ErrProfile = errors.New("profile")

// plan loads the levels of all tasks, has them timed where no profile was given, and makes the plan to begin with.
func (e *engine) plan(s schedulerSettings, o *live.Options) (*adaptive.Plan, error) {
	set, models, err := e.levels(s)
	if err != nil {
		return nil, err
	}
	defer e.opened(models)
	for i, t := range s.tasks {
		own := live.Task{Name: t.Name, Deadline: t.Deadline}
		for _, level := range set.Tasks[i].Variants {
			v, err := e.load(t, models, level.Name)
			if err != nil {
				return nil, err
			}
			own.Variants = append(own.Variants, v)
		}
		o.Tasks = append(o.Tasks, own)
	}
	if s.profile == "" {
		if err := e.measure(set, s, o.Tasks); err != nil {
			return nil, err
		}
	}
	e.log.Info("planning", zap.Duration("for_at_most", s.planTime))
	first, err := adaptive.First(context.Background(), set, s.planTime)
	if err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	e.log.Info("planned", zap.Stringer("plan", first), zap.Duration("took", first.Took))
	config := sim.ConfigOf(set).Core(set)
	o.Plan, o.Packing, o.Rule = &first.Plan, config.Packing, config.Rule
	for i := range o.Tasks {
		for k := range o.Tasks[i].Variants {
			o.Tasks[i].Variants[k].Times = config.Tasks[i].Variants[k]
		}
	}
	return first, nil
}

// levels returns the task set to plan for, and the manifest, with copies of the files: the levels of the profile, or those of the manifest without
// times; all else is as the parameters say.
func (e *engine) levels(s schedulerSettings) (set *task.Set, models *manifest.Manifest, err error) {
	if s.profile != "" {
		if set, err = task.ReadSet(s.profile); err != nil {
			return nil, nil, fmt.Errorf("parameter profile: %w", err)
		}
		if set, err = only(set, taskNames(s.tasks)); err != nil {
			return nil, nil, fmt.Errorf("parameter profile: %s: %w", s.profile, err)
		}
		var networks []string
		for _, t := range set.Tasks {
			for _, v := range t.Variants {
				networks = append(networks, t.Name+"/"+v.Name)
			}
		}
		models, err = manifest.LoadCopy(s.modelsDir, networks...)
	} else if models, err = manifest.LoadCopy(s.modelsDir, taskNames(s.tasks)...); err == nil {
		set = untimed(models, s.tasks)
	}
	if err != nil {
		return nil, nil, err
	}
	set.Platform = task.Platform{CPUWorkers: max(1, len(s.cpuCores)), AcceleratorSlots: s.slots}
	set.Constraints.Late = s.late
	for i, t := range s.tasks {
		own := &set.Tasks[i]
		own.Period, own.Deadline, own.Offset, own.Queue = time.Duration(float64(time.Second)/t.rate), t.Deadline, 0, 1
		own.MaxMissRate = task.Rate(t.maxMissRate)
	}
	return set, models, nil
}

// untimed returns the levels of the manifest.
func untimed(models *manifest.Manifest, tasks []taskSettings) *task.Set {
	set := task.NewSet()
	for _, t := range tasks {
		own := task.Task{Name: t.Name}
		known := models.Task(t.Name)
		for i := range known.Levels {
			own.Variants = append(own.Variants, known.Variant(&known.Levels[i]))
		}
		set.Tasks = append(set.Tasks, own)
	}
	return set
}

// only returns a set with the tasks of these names, in their order, and the pairs between them.
func only(set *task.Set, names []string) (*task.Set, error) {
	out, place := *set, map[int]int{}
	out.Tasks, out.Packing = nil, nil
	for _, name := range names {
		i := slices.IndexFunc(set.Tasks, func(t task.Task) bool { return t.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("%w: it has no task %s", ErrProfile, name)
		}
		place[i] = len(out.Tasks)
		out.Tasks = append(out.Tasks, set.Tasks[i])
	}
	for _, p := range set.Packing {
		a, ok1 := place[p.A.Task]
		b, ok2 := place[p.B.Task]
		if ok1 && ok2 {
			p.A.Task, p.B.Task = a, b
			out.Packing = append(out.Packing, p)
		}
	}
	return &out, nil
}
