package live

import (
	"context"
	"errors"
	"fmt"

	"go.uber.org/zap"

	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/monotonic"
	"rtmdl/scheduler/core"
)

// run runs one stage on the calling worker and reports its end to the core.
func (s *Scheduler) run(w work) {
	j := w.job
	started := monotonic.Now()
	err := s.runStage(j, w.stage)
	ended := monotonic.Now()
	t := &j.timing
	switch w.stage {
	case core.Pre:
		t.PreStartedNs, t.PreEndedNs = started, ended
	case core.Infer:
		t.InferStartedNs, t.InferEndedNs = started, ended
	case core.Post:
		t.PostStartedNs, t.PostEndedNs = started, ended
	}
	s.accounts.ran(w.stage.Resource(), ended-started)
	event := core.Event{Kind: core.StageComplete, Job: j.id(), Stage: w.stage}
	switch {
	case errors.Is(err, context.Canceled):
		event.Kind = core.StageStopped
	case err != nil:
		j.reason = reason(w.stage, err)
		event.Kind = core.StageFailed
	}
	s.mu.Lock()
	if w.stage == core.Infer && j.stop != nil {
		s.runEnded(j, ended)
	}
	s.step(event)
}

func (s *Scheduler) runStage(j *job, stage core.Stage) (err error) {
	defer func() { // vision code that panics costs its frame, not the car's eyes
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
			s.options.Log.Error("a stage panicked", zap.String("task", j.task.Name), zap.Stringer("stage", stage),
				zap.Any("panic", p), zap.Stack("stack"))
		}
	}()
	switch stage {
	case core.Pre:
		if j.tensors, err = j.variant.takeTensors(); err != nil {
			return fmt.Errorf("%w: %w", errDevice, err)
		}
		return j.variant.Vision.Pre(j.frame, j.tensors.In)
	case core.Infer:
		j.timing.Variant, j.timing.Device = j.variant.Name, s.options.Device.Name()
		if j.stop != nil {
			return j.variant.Model.(device.Stopper).RunContext(j.running, j.tensors)
		}
		return j.variant.Model.Run(j.tensors)
	default:
		j.value, err = j.variant.Vision.Post(j.frame, j.tensors.Out)
		return err
	}
}

var errDevice = errors.New("tensors")

func reason(stage core.Stage, err error) string {
	word := ReasonVision
	switch {
	case stage == core.Infer || errors.Is(err, errDevice):
		word = ReasonDevice
	case errors.Is(err, camera.ErrDamaged), errors.Is(err, camera.ErrEncoding), errors.Is(err, camera.ErrTooLarge):
		word = ReasonBadImage
	}
	return word + ": " + err.Error()
}

// takeTensors returns tensors that nobody uses, new ones if there are none: as many as jobs run at once.
func (v *variant) takeTensors() (*device.Tensors, error) {
	v.mu.Lock()
	if n := len(v.free); n > 0 {
		tensors := v.free[n-1]
		v.free = v.free[:n-1]
		v.mu.Unlock()
		return tensors, nil
	}
	v.mu.Unlock()
	return v.Model.NewTensors()
}

func (v *variant) giveBack(tensors *device.Tensors) {
	if tensors == nil {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.free = append(v.free, tensors)
}

func (v *variant) closeTensors() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	var errs []error
	for _, tensors := range v.free {
		errs = append(errs, tensors.Close())
	}
	v.free = nil
	return errors.Join(errs...)
}
