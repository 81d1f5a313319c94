package suite

import (
	"errors"
	"time"

	"go.uber.org/zap"

	"rtmdl/internal/device"
	"rtmdl/internal/live"
	"rtmdl/internal/manifest"
	"rtmdl/internal/node"
	"rtmdl/internal/ros"
)

// engine is what runs jobs: the device, the networks, and the scheduler with its node.
type engine struct {
	log       *zap.Logger
	device    device.Device
	models    []device.Model
	node      *node.Scheduler
	scheduler *live.Scheduler // its tasks are those of the settings, in their order
}

// openEngine loads the networks and starts the scheduler. The deadlines are the tasks', in the order of the settings.
func openEngine(n *ros.Node, s schedulerSettings, deadlines []time.Duration) (_ *engine, err error) {
	e := &engine{log: n.Log()}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.close(), e.free())
		}
	}()
	if s.simTime {
		e.log.Warn("use_sim_time is not supported yet: stamps of the suite's own are the system's time")
	}
	models, err := manifest.Load(s.modelsDir, s.networks()...)
	if err != nil {
		return nil, err
	}
	if e.device, err = device.NewCPU(device.CPUOptions{Library: s.library, Cores: s.acceleratorCores}); err != nil {
		return nil, err
	}
	var tasks []live.Task
	for i, t := range s.tasks {
		task, err := e.load(t, models)
		if err != nil {
			return nil, err
		}
		task.Deadline = deadlines[i]
		tasks = append(tasks, task)
	}
	if e.node, err = node.NewScheduler(n); err != nil {
		return nil, err
	}
	e.scheduler, err = live.New(live.Options{
		Tasks: tasks, Device: e.device, CPUCores: s.cpuCores, Late: s.late, Priorities: s.priorities,
		MaxPending: s.maxPending, Observe: e.node.Observe, Log: e.log,
	})
	if err != nil {
		return nil, err
	}
	e.node.Start(e.scheduler)
	return e, nil
}

// load loads a task's network.
func (e *engine) load(t taskSettings, models *manifest.Manifest) (live.Task, error) {
	started := time.Now()
	n, err := t.Load(e.device, models, t.variant, t.scoreThreshold)
	if err != nil {
		return live.Task{}, err
	}
	e.models = append(e.models, n.Model)
	e.log.Info("model loaded", zap.String("file", n.Path), zap.Duration("took", time.Since(started)))
	return live.Task{Name: t.Name, Variant: t.variant, Model: n.Model, Vision: n.Vision}, nil
}

// close ends the work; results that are still to be published stay valid. Like free, it may be called with an
// engine that was opened in part.
func (e *engine) close() error {
	if e.scheduler == nil {
		return nil
	}
	return e.scheduler.Close()
}

// free frees everything, once all results were published or given up, and logs what became of every frame.
func (e *engine) free() error {
	if e.node != nil {
		e.node.Close()
	}
	var errs []error
	for _, m := range e.models {
		errs = append(errs, m.Close())
	}
	if e.device != nil {
		errs = append(errs, e.device.Close())
	}
	if e.scheduler != nil {
		for _, t := range e.scheduler.Status().Tasks {
			sayCounts(e.log, t)
		}
	}
	return errors.Join(errs...)
}
