// Package suite puts the nodes together that run in one process: a scheduler and the perception nodes.
package suite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"go.uber.org/zap"

	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/live"
	"rtmdl/internal/node"
	"rtmdl/internal/perception"
	trafficlight "rtmdl/internal/perception/traffic_light"
	"rtmdl/internal/ros"
)

// Run runs the scheduler and the traffic light node until ctx ends, and returns nil then. Arguments are the
// process's without its name; errors say what is wrong and what to do.
func Run(ctx context.Context, args []string) (err error) {
	camera.UseOneThread()
	session, rest, err := ros.Open(args)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	if len(rest) > 0 {
		return fmt.Errorf("unknown argument '%s': parameters are given as --ros-args -p name:=value", rest[0])
	}
	s, err := open(session)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	return session.Run(ctx)
}

// suite holds what runs, in the order in which it was started.
type suite struct {
	log       *zap.Logger
	device    device.Device
	models    []device.Model
	node      *node.Scheduler
	scheduler *live.Scheduler
	nodes     []*node.Perception
}

func open(session *ros.Session) (_ *suite, err error) {
	schedulerNode, err := session.NewNode("scheduler", "")
	if err != nil {
		return nil, err
	}
	lightNode, err := session.NewNode(trafficlight.Name, "")
	if err != nil {
		return nil, err
	}
	settings, light := schedulerSettings(schedulerNode.Params()), taskSettings(lightNode.Params())
	if err := errors.Join(schedulerNode.Params().Err(), lightNode.Params().Err()); err != nil {
		return nil, err
	}

	s := &suite{log: schedulerNode.Log()}
	if unused := ros.UnusedParameters(schedulerNode, lightNode); len(unused) > 0 {
		s.log.Warn("parameters that no node of this process has", zap.Strings("names", unused))
	}
	if settings.simTime {
		s.log.Warn("use_sim_time is not supported yet: stamps of the suite's own are the system's time")
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.device, err = device.NewCPU(device.CPUOptions{Library: settings.library, Cores: settings.acceleratorCores}); err != nil {
		return nil, err
	}
	task, err := s.loadTrafficLight(light)
	if err != nil {
		return nil, err
	}
	if s.node, err = node.NewScheduler(schedulerNode); err != nil {
		return nil, err
	}
	s.scheduler, err = live.New(live.Options{
		Tasks: []live.Task{task}, Device: s.device, CPUCores: settings.cpuCores, Late: settings.late,
		MaxPending: settings.maxPending, Observe: s.node.Observe, Log: s.log,
	})
	if err != nil {
		return nil, err
	}
	s.node.Start(s.scheduler)
	publisher, err := node.NewTrafficLight(lightNode)
	if err != nil {
		return nil, err
	}
	cam, err := camera.Open(lightNode, light.imageTopic, camera.Transport(light.imageTransport))
	if err != nil {
		return nil, err
	}
	s.nodes = append(s.nodes, node.NewPerception(lightNode, cam, s.scheduler, 0, publisher))
	s.log.Info("ready", zap.String("task", task.Name), zap.String("variant", task.Variant), zap.String("image_topic", cam.Topic()),
		zap.Duration("deadline", task.Deadline), zap.Stringer("late_policy", settings.late), zap.String("device", s.device.Name()),
		zap.Ints("cpu_cores", settings.cpuCores), zap.Ints("accelerator_cores", settings.acceleratorCores))
	return s, nil
}

// loadTrafficLight loads the network and runs it once, so that the first frame is not the slowest.
func (s *suite) loadTrafficLight(p task) (live.Task, error) {
	path := filepath.Join(p.modelsDir, trafficlight.Name, p.variant+".onnx")
	started := time.Now()
	model, err := s.device.Load(path)
	if err != nil {
		return live.Task{}, err
	}
	s.models = append(s.models, model)
	labels, err := perception.ReadLabels(path)
	if err != nil {
		return live.Task{}, err
	}
	vision, err := trafficlight.New(model, labels, p.scoreThreshold)
	if err != nil {
		return live.Task{}, fmt.Errorf("%s: %w", path, err)
	}
	if err := device.WarmUp(model); err != nil {
		return live.Task{}, fmt.Errorf("%s: %w", path, err)
	}
	s.log.Info("model loaded", zap.String("file", path), zap.Duration("took", time.Since(started)))
	return live.Task{Name: trafficlight.Name, Variant: p.variant, Deadline: p.deadline, Model: model, Vision: vision}, nil
}

// close stops in this order: work, then results, then what they were published with. It may be called with a
// suite that was opened in part.
func (s *suite) close() error {
	var errs []error
	if s.scheduler != nil {
		errs = append(errs, s.scheduler.Close())
	}
	for _, n := range s.nodes {
		n.Close()
	}
	if s.node != nil {
		s.node.Close()
	}
	for _, m := range s.models {
		errs = append(errs, m.Close())
	}
	if s.device != nil {
		errs = append(errs, s.device.Close())
	}
	if s.scheduler != nil {
		s.sayCounts()
	}
	return errors.Join(errs...)
}

// sayCounts logs what became of every frame.
func (s *suite) sayCounts() {
	for _, t := range s.scheduler.Status().Tasks {
		s.log.Info("frames by outcome", zap.String("task", t.Name), zap.Uint64("received", t.Received),
			zap.Uint64("published", t.Published), zap.Uint64("replaced", t.Replaced), zap.Uint64("expired", t.Expired),
			zap.Uint64("refused", t.Refused), zap.Uint64("cancelled", t.Cancelled), zap.Uint64("failed", t.Failed),
			zap.Uint32("pending", t.Pending), zap.Uint64("missed", t.Missed))
	}
}
