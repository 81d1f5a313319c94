package job

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"

	"rtmdl/internal/camera"
	"rtmdl/internal/profile"
	"rtmdl/internal/ros"
	"rtmdl/internal/ros/msg"
)

// ErrLoad is returned where the load's frames do not come.
var ErrLoad = errors.New("load")

// Load is a camera in a process of its own, whose frames this process receives over DDS and does nothing with.
type Load struct {
	process *exec.Cmd
	input   io.Closer // the camera ends with it
	session *ros.Session
	stop    context.CancelFunc
	serving sync.WaitGroup
	started time.Time
	frames  atomic.Int64
	err     error // of serving
}

// StartLoad starts the camera, which publishes on topic, and waits for its first frame, for 20 s at most. The process
// ends when its standard input does. Errors wrap ErrLoad or are ROS's.
func StartLoad(ctx context.Context, process *exec.Cmd, topic string, rosArgs []string) (_ *Load, err error) {
	l := &Load{process: process, stop: func() {}}
	if l.session, _, err = ros.Open(rosArgs); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.Close())
		}
	}()
	node, err := l.session.NewNode("rtmdl_profile", "")
	if err != nil {
		return nil, err
	}
	cam, err := camera.Open(node, topic, camera.Compressed)
	if err != nil {
		return nil, err
	}
	first := make(chan struct{})
	cam.Listen(func(*camera.Frame) {
		if l.frames.Add(1) == 1 {
			l.started = time.Now()
			close(first)
		}
	})
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	l.stop = stop
	l.serving.Go(func() { l.err = l.session.Run(serving) })
	if l.input, err = l.process.StdinPipe(); err != nil {
		return nil, err
	}
	if err := l.process.Start(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLoad, err)
	}
	select {
	case <-first:
		return l, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(20 * time.Second):
		return nil, fmt.Errorf("%w: no frame of the camera came in 20 s (--load none measures without)", ErrLoad)
	}
}

// Rate returns how many frames a second came since the first.
func (l *Load) Rate() float64 {
	return float64(l.frames.Load()-1) / max(time.Since(l.started).Seconds(), 1e-3)
}

// Close ends the camera and leaves ROS.
func (l *Load) Close() error {
	if l.process.Process != nil {
		_ = l.input.Close()
		_ = l.process.Wait() // an interrupt that met both ends it by a signal
	}
	l.stop()
	l.serving.Wait()
	return errors.Join(l.err, l.session.Close())
}

// Publish is the load's camera: it publishes the pictures in turn at the rate of a task until input ends or ctx does.
func Publish(ctx context.Context, topic string, pictures [][]byte, input io.Reader, rosArgs []string) (err error) {
	session, _, err := ros.Open(rosArgs)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	node, err := session.NewNode("rtmdl_profile_camera", "")
	if err != nil {
		return err
	}
	full, err := camera.Topic(topic, camera.Compressed)
	if err != nil {
		return err
	}
	publisher, err := node.Publish(full, msg.TypeCompressedImage, ros.SensorData())
	if err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() { // ends with the input, or with the process
		_, _ = io.Copy(io.Discard, input)
		close(ended)
	}()
	tick := time.NewTicker(time.Second / profile.CameraRate)
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return nil
		case <-ended:
			return nil
		case now := <-tick.C:
			frame := &msg.CompressedImage{Format: "jpeg", Data: pictures[i%len(pictures)]}
			frame.Header.Stamp.Sec, frame.Header.Stamp.Nanosec = int32(now.Unix()), uint32(now.Nanosecond()) //nolint:gosec // until 2038
			if err := publisher.Send(frame); err != nil {
				return err
			}
		}
	}
}
