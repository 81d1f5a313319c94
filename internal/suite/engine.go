package suite

import (
	"errors"
	"slices"
	"time"

	"go.uber.org/zap"

	"rtmdl/internal/adaptive"
	"rtmdl/internal/device"
	"rtmdl/internal/live"
	"rtmdl/internal/manifest"
	"rtmdl/internal/ros/msg"
	"rtmdl/scheduler/core"
)

// engine is what runs jobs: the device, the networks, and the scheduler with its planner.
type engine struct {
	log       *zap.Logger
	device    device.Device
	models    []device.Model
	observer  func(*msg.JobTiming)
	planner   *adaptive.Planner // nil: no planning
	scheduler *live.Scheduler   // its tasks are those of the settings, in their order
}

// openEngine loads the networks and starts the scheduler. The observer is told how each job ended, and lost that the device
// hangs in all its slots; neither must block.
func openEngine(log *zap.Logger, s schedulerSettings, observer func(*msg.JobTiming), lost func(error)) (_ *engine, err error) {
	e := &engine{log: log, observer: observer}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.close(), e.free())
		}
	}()
	if err := e.openDevice(s); err != nil {
		return nil, err
	}
	options := live.Options{
		Stop: s.stop, Device: e.device, CPUCores: s.cpuCores, Late: s.late, MaxPending: s.maxPending, Slots: s.slots, Observe: e.observe, Hang: s.hang, Lost: lost, Log: e.log,
	}
	var first *adaptive.Plan
	if s.planning {
		first, err = e.plan(s, &options)
	} else {
		err = e.chosen(s, &options)
	}
	if err != nil {
		return nil, err
	}
	if e.scheduler, err = live.New(options); err != nil {
		return nil, err
	}
	if first != nil {
		e.planner = adaptive.Start(e.scheduler, adaptive.Options{Profile: first.Set, First: first, Log: e.log})
	}
	return e, nil
}

// openDevice opens the device, or the processor where that one can't be had and the parameters allow it.
func (e *engine) openDevice(s schedulerSettings) (err error) {
	o := device.Options{Library: s.library, Cores: s.acceleratorCores, Slots: s.slots}
	if e.device, err = device.Open(s.device, o); errors.Is(err, device.ErrDevice) && s.fallback {
		e.log.Warn("the device can't be had: the processor runs the networks", zap.String("device", s.device), zap.Error(err))
		e.device, err = device.Open("cpu", o)
	}
	return err
}

// chosen loads the variants that the parameters name.
func (e *engine) chosen(s schedulerSettings, o *live.Options) error {
	models, err := manifest.LoadCopy(s.modelsDir, s.networks()...)
	if err != nil {
		return err
	}
	defer e.opened(models)
	for _, t := range s.tasks {
		v, err := e.load(t, models, t.variant)
		if err != nil {
			return err
		}
		o.Tasks = append(o.Tasks, live.Task{Name: t.Name, Deadline: t.Deadline, Variants: []live.Variant{v}})
	}
	if s.priorities != nil {
		o.Plan = &core.Plan{Priorities: s.priorities, Variants: make([]int, len(o.Tasks))}
	}
	return nil
}

// opened removes the copies that networks were opened from.
func (e *engine) opened(models *manifest.Manifest) {
	if err := models.RemoveCopy(); err != nil {
		e.log.Warn("removing the copies of networks", zap.Error(err))
	}
}

// load loads a variant of a task's network.
func (e *engine) load(t taskSettings, models *manifest.Manifest, variant string) (live.Variant, error) {
	started := time.Now()
	n, err := t.Load(e.device, models, variant, t.scoreThreshold)
	if err != nil {
		return live.Variant{}, err
	}
	e.models = append(e.models, n.Model)
	e.log.Info("model loaded", zap.String("file", n.Path), zap.Duration("took", time.Since(started)))
	return live.Variant{Name: variant, Model: n.Model, Vision: n.Vision}, nil
}

// observe tells the observer and the planner of a job that has ended.
func (e *engine) observe(t *msg.JobTiming) {
	e.observer(t)
	if e.planner != nil {
		e.planner.Observe(t)
	}
}

// status returns the counts so far, and what is planned.
func (e *engine) status() msg.SchedulerStatus {
	s := e.scheduler.Status()
	if e.planner != nil {
		e.planner.Describe(&s)
	}
	return s
}

// close ends the work; results that are still to be published stay valid. Like free, it may be called with an
// engine that was opened in part.
func (e *engine) close() error {
	if e.planner != nil {
		e.planner.Close()
	}
	if e.scheduler == nil {
		return nil
	}
	return e.scheduler.Close()
}

// hangs reports whether a run of a model hangs: to close it might take for ever, so it is left to the end of the process.
func (e *engine) hangs(m device.Model) bool {
	return e.scheduler != nil && slices.Contains(e.scheduler.Hung(), m)
}

// free frees everything, once all results were published or given up, and logs what became of every frame.
func (e *engine) free() error {
	var errs []error
	for _, m := range e.models {
		if !e.hangs(m) {
			errs = append(errs, m.Close())
		}
	}
	if e.device != nil {
		errs = append(errs, e.device.Close())
	}
	if e.scheduler != nil {
		for _, t := range e.scheduler.Status().Tasks {
			sayCounts(e.log, t)
		}
		if n, took := e.scheduler.Stops(); n > 0 {
			e.log.Info("inferences stopped for more urgent ones", zap.Uint64("stopped", n), zap.Duration("until_free", took))
		}
	}
	return errors.Join(errs...)
}
