package suite

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"rtmdl/internal/handoff"
	"rtmdl/internal/live"
	"rtmdl/internal/metrics"
	"rtmdl/internal/node"
	"rtmdl/internal/ros"
	"rtmdl/internal/ros/msg"
)

// host is the scheduler's node. Its engine comes when the node is configured and goes when it is cleaned up; jobs are taken
// while it is active. It is safe for concurrent use.
type host struct {
	node      *ros.Node
	log       *zap.Logger
	out       *node.Scheduler
	metrics   *metrics.Server // nil: none
	lifecycle *ros.Lifecycle
	health    *node.Health
	tasks     map[string]*node.TaskHealth
	fail      func(error) // ends the process

	changing sync.Mutex // held while models are loaded or freed; before mu
	loads    sync.WaitGroup
	mu       sync.RWMutex // guards all below
	settings schedulerSettings
	engine   *engine // nil: not configured
	active   bool
}

var (
	_ ros.Managed       = (*host)(nil)
	_ handoff.Scheduler = (*host)(nil)
	_ node.StatusSource = (*host)(nil)
)

// newHost makes the node's publishers and services. It has to be started. fail ends the process with an error; it is called
// when the device hangs.
func newHost(n *ros.Node, s schedulerSettings, fail func(error)) (_ *host, err error) {
	h := &host{node: n, log: n.Log(), settings: s, tasks: map[string]*node.TaskHealth{}, fail: fail}
	if h.out, err = node.NewScheduler(n); err != nil {
		return nil, err
	}
	if h.lifecycle, err = n.Manage(h); err != nil {
		return nil, err
	}
	if err := h.serve(); err != nil {
		return nil, err
	}
	h.liveParameters()
	return h, h.watch()
}

// watch begins to tell of the tasks' health.
func (h *host) watch() (err error) {
	var parts []node.Part
	for i, t := range h.settings.tasks {
		own := node.NewTaskHealth(t.Name, func() (msg.TaskStatus, string) {
			e := h.present()
			if state := h.lifecycle.State(); e == nil || state != ros.Active {
				return msg.TaskStatus{}, "the scheduler is " + state.Label
			}
			return e.scheduler.Counts(i), ""
		})
		h.tasks[t.Name], parts = own, append(parts, own)
	}
	parts = append(parts, node.NewDeviceHealth(func() (all, open int, lost error) {
		if e := h.present(); e != nil {
			return e.scheduler.Slots()
		}
		return 0, 0, nil
	}))
	h.health, err = node.NewHealth(h.node, h.settings.device, parts...)
	return err
}

// start begins to publish, and with autostart makes the scheduler work. It may fail in part: close frees all.
func (h *host) start() (err error) {
	if at := h.settings.metrics; at != "" {
		if h.metrics, err = metrics.Listen(at); err != nil {
			return fmt.Errorf("parameter metrics_address: %w", err)
		}
		h.log.Info("metrics for Prometheus", zap.String("at", "http://"+h.metrics.Address()+metrics.Path))
	}
	h.out.Start(h)
	return h.lifecycle.Start(h.settings.autostart)
}

// Configure implements ros.Managed: the networks are loaded.
func (h *host) Configure() error {
	h.changing.Lock()
	defer h.changing.Unlock()
	h.mu.RLock()
	s := h.settings
	h.mu.RUnlock()
	e, err := openEngine(h.log, s, h.observe, h.fail)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := e.adopt(&h.settings); err != nil { // they may have changed meanwhile
		return errors.Join(err, e.close(), e.free())
	}
	h.engine = e
	return nil
}

// Activate implements ros.Managed.
func (h *host) Activate() error {
	h.setActive(true)
	return nil
}

// Deactivate implements ros.Managed: jobs to come are refused, those under way end.
func (h *host) Deactivate() { h.setActive(false) }

func (h *host) setActive(active bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.active = active
}

// Cleanup implements ros.Managed: the networks are freed. Results that are to be published stay valid.
func (h *host) Cleanup() {
	h.changing.Lock()
	defer h.changing.Unlock()
	h.mu.Lock()
	e := h.engine
	h.engine, h.active = nil, false
	h.mu.Unlock()
	if err := errors.Join(e.close(), e.free()); err != nil {
		h.log.Error("cleaning up", zap.Error(err))
	}
}

// Submit implements node.Submitter.
func (h *host) Submit(j live.Job) {
	if e := h.working(); e != nil {
		e.scheduler.Submit(j)
		return
	}
	turnAway(j, msg.OutcomeRefused, live.ReasonInactive+": the scheduler is "+h.lifecycle.State().Label)
}

// Fail implements handoff.Scheduler.
func (h *host) Fail(j live.Job, reason string) {
	if e := h.working(); e != nil {
		e.scheduler.Fail(j, reason)
		return
	}
	turnAway(j, msg.OutcomeFailed, reason)
}

// turnAway ends a job that no engine has counted.
func turnAway(j live.Job, outcome msg.Outcome, reason string) {
	j.Done(live.NewResult(outcome, reason, j.Frame, nil, func(msg.Outcome, string, int64) {}))
}

// SetDeadline implements handoff.Scheduler.
func (h *host) SetDeadline(i int, d time.Duration) {
	h.change(func(s *schedulerSettings) { s.tasks[i].Deadline = d }, func(e *engine) { e.scheduler.SetDeadline(i, d) })
}

// working returns the engine if it is to take jobs, else nil.
func (h *host) working() *engine {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if !h.active {
		return nil
	}
	return h.engine
}

// present returns the engine, nil while there is none.
func (h *host) present() *engine {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.engine
}

// device is what runs the inferences, or is to run them.
func (h *host) device() string {
	if e := h.present(); e != nil {
		return e.device.Name()
	}
	return h.settings.device
}

// change changes the settings, and what an engine does by them.
func (h *host) change(settings func(*schedulerSettings), inForce func(*engine)) {
	h.update(settings)
	if e := h.present(); e != nil {
		inForce(e)
	}
}

// update changes the settings, of which the slices are copied: an engine that is being opened reads the old ones.
func (h *host) update(change func(*schedulerSettings)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.settings.tasks = slices.Clone(h.settings.tasks)
	change(&h.settings)
}

// observe tells the node, and whoever reads the metrics, of a job that has ended.
func (h *host) observe(t *msg.JobTiming) {
	h.out.Observe(t)
	h.tasks[t.Task].Observe(t)
	if h.metrics != nil {
		h.metrics.Observe(t)
	}
}

// Status implements node.StatusSource.
func (h *host) Status() (msg.SchedulerStatus, bool) {
	e := h.present()
	if e == nil {
		return msg.SchedulerStatus{}, false
	}
	return e.status(), true
}

// stop ends the work; results that are still to be published stay valid. It may be called twice.
func (h *host) stop() error {
	h.setActive(false)
	if e := h.present(); e != nil {
		return e.close()
	}
	return nil
}

// close frees everything, once all results were published or given up, and services are served no more.
func (h *host) close() error {
	h.lifecycle.Close()
	h.loads.Wait()
	err := h.stop()
	h.health.Close()
	h.out.Close()
	if h.metrics != nil {
		err = errors.Join(err, h.metrics.Close())
	}
	if e := h.present(); e != nil {
		err = errors.Join(err, e.free())
	}
	return err
}
