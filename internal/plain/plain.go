// Package plain is a perception task as a plain ROS node: everything happens in the callback, and the middleware's
// queue of one is all the scheduling there is. The suite is compared with three of these.
package plain

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"go.uber.org/zap"

	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/manifest"
	"rtmdl/internal/node"
	"rtmdl/internal/ros"
	"rtmdl/internal/ros/msg"
	"rtmdl/internal/suite"
)

// options are the flags.
type options struct {
	task     suite.Task
	model    string // path of the ONNX file
	threads  int    // as device.Options has them
	spinning bool
}

// Run runs the node until ctx ends, and returns nil then. Arguments are the process's without its name.
func Run(ctx context.Context, args []string) (err error) {
	session, rest, err := ros.Open(args)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	o, err := parse(rest)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	d, err := device.NewCPU(device.Options{Threads: o.threads, Spinning: o.spinning})
	if err != nil {
		return err
	}
	variant := strings.TrimSuffix(filepath.Base(o.model), ".onnx")
	models, err := manifest.Load(filepath.Dir(filepath.Dir(o.model)), o.task.Name+"/"+variant)
	if err != nil {
		return err
	}
	network, err := o.task.Load(d, models, variant, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, network.Model.Close()) }()
	n, err := session.NewNode("plain_"+o.task.Name, "")
	if err != nil {
		return err
	}
	answer, err := newAnswer(n, o.task, network)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, answer.tensors.Close()) }()
	_, err = n.Subscribe("camera/image_raw/compressed", msg.TypeCompressedImage, ros.QoS{Depth: 1}, func(m ros.Message) {
		if err := answer.to(camera.ReadCompressed(m.Data, m.Received)); err != nil {
			n.Log().Warn("a picture was not answered", zap.Error(err))
		}
	})
	if err != nil {
		return err
	}
	n.Log().Info("ready")
	return session.Run(ctx)
}

func parse(args []string) (o options, err error) {
	f := flag.NewFlagSet("plain_rclgo", flag.ContinueOnError)
	task := f.String("task", "", "what is looked for: traffic_light, sign or lane")
	f.StringVar(&o.model, "model", "", "the network, <folder>/<task>/<variant>.onnx (default: models/<task>/w100.onnx)")
	f.IntVar(&o.threads, "threads", 0, "ONNX Runtime's intra-op threads; 0: its own choice")
	spinning := f.String("spinning", "on", "on or off: waiting threads spin")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	i := slices.IndexFunc(suite.Tasks(), func(t suite.Task) bool { return t.Name == *task })
	switch {
	case f.NArg() > 0:
		return o, fmt.Errorf("unknown argument '%s' (see --help)", f.Arg(0))
	case i < 0:
		return o, fmt.Errorf("--task is '%s', and must be traffic_light, sign or lane", *task)
	case o.threads < 0:
		return o, fmt.Errorf("--threads is %d, and must be 0 or more", o.threads)
	case *spinning != "on" && *spinning != "off":
		return o, fmt.Errorf("--spinning is '%s', and must be on or off", *spinning)
	}
	o.task, o.spinning = suite.Tasks()[i], *spinning == "on"
	if o.threads == 0 {
		o.threads = device.AllThreads
	}
	if o.model == "" {
		o.model = filepath.Join(ros.Share("models"), *task, "w100.onnx")
	}
	return o, nil
}

// answer is what happens in the callback.
type answer struct {
	network   suite.Network
	tensors   *device.Tensors
	publisher node.Publisher
}

func newAnswer(n *ros.Node, t suite.Task, network suite.Network) (*answer, error) {
	publisher, err := t.Publisher(n)
	if err != nil {
		return nil, err
	}
	tensors, err := network.Model.NewTensors()
	if err != nil {
		return nil, err
	}
	return &answer{network, tensors, publisher}, nil
}

// to publishes what a frame shows. Frames come one at a time.
func (a *answer) to(frame *camera.Frame) error {
	if err := a.network.Vision.Pre(frame, a.tensors.In); err != nil {
		return err
	}
	if err := a.network.Model.Run(a.tensors); err != nil {
		return err
	}
	value, err := a.network.Vision.Post(frame, a.tensors.Out)
	if err != nil {
		return err
	}
	return a.publisher.Publish(frame.Header, value)
}
