package suite

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
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

// How a start without a profile times the levels: so often, on a JPEG of this size. What the real camera's pictures take
// is learnt while driving.
const (
	measuredRuns                  = 15
	measuredWidth, measuredHeight = 640, 480
	measuredCV                    = 0.1 // what is assumed of the spread
)

// measure fills in the stage times of a set: medians of a few runs of each level, one after the other, on the cores on
// which they will run.
func (e *engine) measure(set *task.Set, s schedulerSettings, tasks []live.Task) error {
	picture, err := newPicture()
	if err != nil {
		return err
	}
	e.log.Info("no profile: timing all levels; 'rtmdl profile' measures better, and which pairs may share the accelerator")
	done := make(chan error)
	go func() { // a thread of its own, which goes from core to core and then ends
		runtime.LockOSThread()
		done <- e.timeAll(set, s, tasks, picture)
	}()
	return <-done
}

func (e *engine) timeAll(set *task.Set, s schedulerSettings, tasks []live.Task, picture []byte) error {
	levels := 0
	for _, t := range tasks {
		levels += len(t.Variants)
	}
	n, began := 0, time.Now()
	for i, t := range tasks {
		set.Tasks[i].CV = measuredCV
		for k, v := range t.Variants {
			times, err := e.time(v, s.cpuCores, picture)
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

// time returns the medians of pre, infer and post of a JPEG.
func (e *engine) time(v live.Variant, cpu []int, picture []byte) (times [3]time.Duration, err error) {
	tensors, err := v.Model.NewTensors()
	if err != nil {
		return times, err
	}
	defer func() { err = errors.Join(err, tensors.Close()) }()
	var frame *camera.Frame
	onCPU := func() (func(), error) { return device.Pin(cpu[:min(1, len(cpu))]) }
	for stage, run := range []func() error{
		func() error {
			frame = camera.FromCompressed(&msg.CompressedImage{Format: "jpeg", Data: picture}, monotonic.Now())
			return v.Vision.Pre(frame, tensors.In)
		},
		func() error { return v.Model.Run(tensors) },
		func() error { _, err := v.Vision.Post(frame, tensors.Out); return err },
	} {
		bind := onCPU
		if stage == 1 {
			bind = e.device.Bind
		}
		if times[stage], err = median(bind, run); err != nil {
			return times, err
		}
	}
	return times, nil
}

// median times a stage on the cores of bind.
func median(bind func() (func(), error), run func() error) (time.Duration, error) {
	release, err := bind()
	if err != nil {
		return 0, err
	}
	defer release()
	var took []time.Duration
	for range measuredRuns {
		began := time.Now()
		if err := run(); err != nil {
			return 0, err
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}

// newPicture returns a JPEG with as much in it as a photograph has.
func newPicture() ([]byte, error) {
	picture := image.NewGray(image.Rect(0, 0, measuredWidth, measuredHeight))
	for i := range picture.Pix {
		picture.Pix[i] = uint8(i%measuredWidth/4 + i/measuredWidth/8 + i*i%23)
	}
	var out bytes.Buffer
	err := jpeg.Encode(&out, picture, nil)
	return out.Bytes(), err
}
