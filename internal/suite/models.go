package suite

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.uber.org/zap"

	"rtmdl/internal/device"
	"rtmdl/internal/live"
	"rtmdl/internal/manifest"
	"rtmdl/internal/ros"
	"rtmdl/internal/ros/msg"
)

// errUnconfigured is returned where the scheduler has no networks.
var errUnconfigured = errors.New("the scheduler is not configured: it has no networks")

// serve offers the services of the scheduler's node.
func (h *host) serve() error {
	return errors.Join(
		ros.ServeRequest(h.node, "~/load_model", msg.ServiceLoadModel, h.loadModel),
		h.node.Serve("~/list_models", msg.ServiceListModels, func(c *ros.Call) { c.Respond(h.listModels()) }),
		h.node.Serve("~/replan", msg.ServiceTrigger, func(c *ros.Call) { c.Respond(h.replan()) }),
	)
}

// loadModel takes a call of ~/load_model. It works on a goroutine of its own, since to load takes a while.
func (h *host) loadModel(c *ros.Call, r msg.LoadModelRequest) {
	h.loads.Go(func() {
		done, err := h.load(r.Task, r.Variant, r.ModelsDir)
		if err != nil {
			h.log.Error("no model was loaded: the one that was there stays", zap.String("task", r.Task), zap.String("variant", r.Variant), zap.Error(err))
			c.Respond(msg.Done{Message: err.Error()})
			return
		}
		if !h.settings.planning {
			h.node.Assign(r.Task+variantOf, r.Variant)
		}
		c.Respond(msg.Done{Success: true, Message: done})
	})
}

// load loads a variant of a task's network from a folder ("": that of the settings), warms it, and puts it in the place of the
// one that runs or, with plan auto, of the level of its name. Where it fails, nothing has changed.
func (h *host) load(taskName, variant, folder string) (done string, err error) {
	h.changing.Lock()
	defer h.changing.Unlock()
	h.mu.RLock()
	s, e := h.settings, h.engine
	h.mu.RUnlock()
	i := slices.IndexFunc(s.tasks, func(t taskSettings) bool { return t.Name == taskName })
	switch {
	case i < 0:
		return "", fmt.Errorf("task '%s' does not run; those that do are %s", taskName, strings.Join(taskNames(s.tasks), ", "))
	case e == nil:
		return "", errUnconfigured
	case folder == "":
		folder = s.modelsDir
	}
	index := 0
	if s.planning {
		names, _ := e.variants(i)
		if index = slices.Index(names, variant); index < 0 {
			return "", fmt.Errorf("the plan knows no level '%s' of %s; its levels are %s", variant, taskName, strings.Join(names, ", "))
		}
	}
	models, err := manifest.LoadCopy(folder, taskName+"/"+variant)
	if err != nil {
		return "", err
	}
	defer e.opened(models)
	v, err := e.load(s.tasks[i], models, variant)
	if err != nil {
		return "", err
	}
	old, err := e.replace(i, index, v)
	if err != nil {
		h.log.Error("freeing the old model", zap.Error(err))
	}
	h.update(func(s *schedulerSettings) {
		s.tasks[i].variant = variant
		e.setScoreThreshold(i, s.tasks[i].scoreThreshold) // it may have changed meanwhile
	})
	return fmt.Sprintf("%s runs %s in the place of %s", taskName, variant, old), nil
}

// variants returns the names of a task's variants that are loaded, and the one that new jobs get; none without an engine.
func (e *engine) variants(i int) (names []string, inUse string) {
	if e == nil {
		return nil, ""
	}
	variants, used := e.scheduler.Variants(i)
	for _, v := range variants {
		names = append(names, v.Name)
	}
	return names, names[used]
}

// replace swaps a variant and frees the old one when its last job has ended.
func (e *engine) replace(task, index int, v live.Variant) (name string, err error) {
	old, err := e.scheduler.Replace(task, index, v)
	e.models = slices.DeleteFunc(e.models, func(m device.Model) bool { return m == old.Model })
	if !e.hangs(old.Model) {
		err = errors.Join(err, old.Model.Close())
	}
	return old.Name, err
}

// listModels answers ~/list_models.
func (h *host) listModels() msg.Models {
	h.mu.RLock()
	s, e := h.settings, h.engine
	h.mu.RUnlock()
	models, err := manifest.Load(s.modelsDir)
	if err != nil {
		return msg.Models{Done: msg.Done{Message: err.Error()}}
	}
	all := msg.Models{Done: msg.Done{Success: true}}
	for i, t := range s.tasks {
		known := models.Task(t.Name)
		if known == nil {
			continue
		}
		loaded, inUse := e.variants(i)
		for k := range known.Levels {
			l := &known.Levels[k]
			all.Models = append(all.Models, msg.Model{
				Task: t.Name, Variant: l.Name, Path: models.Path(&l.File), Accuracy: l.Val.Value, Bytes: uint64(l.Bytes),
				Loaded: slices.Contains(loaded, l.Name), InUse: l.Name == inUse,
			})
		}
	}
	return all
}

// replan answers ~/replan.
func (h *host) replan() msg.Done {
	switch e := h.present(); {
	case !h.settings.planning:
		return msg.Done{Message: "there is nothing to plan: start the scheduler with plan auto"}
	case e == nil:
		return msg.Done{Message: errUnconfigured.Error()}
	default:
		e.planner.Replan()
		return msg.Done{Success: true, Message: "a new plan is being made; scheduler/status tells of it (plan_number)"}
	}
}
