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

// run runs one stage on the calling worker and reports its end to the core. It returns false where the job was given up
// meanwhile, and with it the worker.
func (s *Scheduler) run(w work) (goOn bool) {
	j := w.job
	started := monotonic.Now()
	err := s.runStage(w)
	ended := monotonic.Now()
	s.mu.Lock()
	if j.hung {
		s.mu.Unlock()
		s.cameBack(w)
		return false
	}
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
	if w.stage == core.Infer {
		s.runEnded(j, event.Kind, started, ended)
	}
	s.step(event)
	return true
}

func (s *Scheduler) runStage(w work) (err error) {
	j, stage := w.job, w.stage
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
		if w.running != nil {
			return j.variant.Model.(device.Stopper).RunContext(w.running, w.tensors)
		}
		return j.variant.Model.Run(w.tensors)
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
