package suite

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"go.uber.org/zap"

	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/live"
	"rtmdl/internal/monotonic"
	"rtmdl/internal/ros/msg"
	"rtmdl/scheduler/task"
)

// How a start without a profile times the levels: so often, on a grey picture of this size. Times of the real camera's
// pictures are learnt while driving.
const (
	measuredRuns               = 15
	measuredWidth, measuredRow = 640, 480
	measuredCV                 = 0.1 // what is assumed of their spread
)

// measure fills in the stage times of a set: medians of a few runs of each level, one after the other, on the cores on
// which they will run.
func (e *engine) measure(set *task.Set, s schedulerSettings, tasks []live.Task) (err error) {
	e.log.Info("no profile: timing all levels; 'rtmdl profile' measures better, and which pairs may share the accelerator")
	done := make(chan error)
	go func() { // a thread of its own, which goes from core to core and then ends
		runtime.LockOSThread()
		done <- e.timeAll(set, s, tasks)
	}()
	return <-done
}

func (e *engine) timeAll(set *task.Set, s schedulerSettings, tasks []live.Task) error {
	levels := 0
	for _, t := range tasks {
		levels += len(t.Variants)
	}
	n, began := 0, time.Now()
	for i, t := range tasks {
		set.Tasks[i].CV = measuredCV
		for k, v := range t.Variants {
			times, err := e.time(v, s.cpuCores)
			if err != nil {
				return fmt.Errorf("timing %s/%s: %w", t.Name, v.Name, err)
			}
			own := &set.Tasks[i].Variants[k]
			own.Pre, own.Infer, own.Post = times[0], times[1], times[2]
			n++
		}
		e.log.Info("timed", zap.String("task", t.Name), zap.String("levels", fmt.Sprintf("%d of %d", n, levels)),
			zap.Duration("left", time.Since(began)*time.Duration(levels-n)/time.Duration(n)))
	}
	return nil
}

// time returns the medians of pre, infer and post.
func (e *engine) time(v live.Variant, cpu []int) (times [3]time.Duration, err error) {
	tensors, err := v.Model.NewTensors()
	if err != nil {
		return times, err
	}
	defer func() { err = errors.Join(err, tensors.Close()) }()
	on := func(bind func() (func(), error), stage int, run func() error) ([]time.Duration, error) {
		release, err := bind()
		if err != nil {
			return nil, err
		}
		defer release()
		var took []time.Duration
		for range measuredRuns {
			began := time.Now()
			if err := run(); err != nil {
				return nil, err
			}
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		times[stage] = took[len(took)/2]
		return took, nil
	}
	frame := greyFrame()
	onCPU := func() (func(), error) { return device.Pin(cpu[:min(1, len(cpu))]) }
	for stage, run := range []func() error{
		func() error { return v.Vision.Pre(frame, tensors.In) },
		func() error { return v.Model.Run(tensors) },
		func() error { _, err := v.Vision.Post(frame, tensors.Out); return err },
	} {
		bind := onCPU
		if stage == 1 {
			bind = e.device.Bind
		}
		if _, err := on(bind, stage, run); err != nil {
			return times, err
		}
	}
	return times, nil
}

func greyFrame() *camera.Frame {
	return camera.FromImage(&msg.Image{
		Height: measuredRow, Width: measuredWidth, Encoding: "bgr8", Step: measuredWidth * 3,
		Data: slices.Repeat([]byte{128}, measuredRow*measuredWidth*3),
	}, monotonic.Now())
}
