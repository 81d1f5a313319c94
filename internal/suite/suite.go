// Package suite puts the nodes together that run in one process. Which tasks there are, tasks (task.go) says.
package suite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"rtmdl/internal/camera"
	"rtmdl/internal/ros"
	"rtmdl/internal/ros/msg"
)

// Run runs the scheduler and the perception nodes until ctx ends, and returns nil then. Arguments are the
// process's without its name; errors say what is wrong and what to do.
func Run(ctx context.Context, args []string) error {
	return run(ctx, args, func(session *ros.Session, fail func(error)) (process, error) { return open(session, tasks, fail) })
}

// process is what one executable runs.
type process interface {
	// stop ends what needs the word of other processes for its end: subscriptions are still served.
	stop() error
	// close ends all that is left. It comes last, after stop or without it.
	close() error
}

// run joins ROS, opens a process and serves its subscriptions until ctx ends, or the process says that it fails: then it
// returns the error that fail was told.
func run(ctx context.Context, args []string, open func(s *ros.Session, fail func(error)) (process, error)) (err error) {
	failed := make(chan error, 1)
	fail := func(err error) {
		select {
		case failed <- err:
		default: // of several failures the first one is told
		}
	}
	camera.UseOneThread()
	session, rest, err := ros.Open(args)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	if len(rest) > 0 {
		return fmt.Errorf("unknown argument '%s': parameters are given as --ros-args -p name:=value", rest[0])
	}
	p, err := open(session, fail)
	if err != nil {
		return err
	}
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	served := make(chan error, 1)
	go func() { served <- session.Run(serving) }()
	select {
	case err = <-served: // ROS has failed
		return errors.Join(err, p.close())
	case err = <-failed:
	case <-ctx.Done():
	}
	err = errors.Join(err, p.stop())
	stop()
	return errors.Join(err, <-served, p.close())
}

// suite is all nodes in one process.
type suite struct {
	host    *host
	members []*member
}

func open(session *ros.Session, tasks []Task, fail func(error)) (_ *suite, err error) {
	schedulerNode, err := session.NewNode("scheduler", "")
	if err != nil {
		return nil, err
	}
	settings := declareScheduler(schedulerNode.Params(), tasks)
	s := &suite{}
	all, problems := []*ros.Node{schedulerNode}, []error{schedulerNode.Params().Err()}
	for i := range settings.tasks {
		t := &settings.tasks[i]
		m, err := newMember(session, t.Task)
		if err != nil {
			return nil, err
		}
		t.Deadline = m.settings.deadline
		s.members, all, problems = append(s.members, m), append(all, m.node), append(problems, m.node.Params().Err())
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	warnOfUnused(all...)
	if s.host, err = newHost(schedulerNode, settings, fail); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if err := s.host.start(); err != nil {
		return nil, err
	}
	var cameras camera.Cameras
	for i, m := range s.members {
		cam, err := cameras.Open(m.node, m.settings.pictures, m.settings.transport)
		if err != nil {
			return nil, err
		}
		first := !slices.ContainsFunc(s.members[:i], func(m *member) bool { return m.camera == cam })
		if err := m.start(cam, first, s.host, i, func(d time.Duration) { s.host.SetDeadline(i, d) }); err != nil {
			return nil, err
		}
	}
	for i, m := range s.members {
		s.host.log.Info("ready", zap.String("task", m.task.Name), zap.String("variant", settings.tasks[i].variant),
			zap.String("image_topic", m.camera.Topic()), zap.Duration("deadline", m.settings.deadline),
			zap.Stringer("late_policy", settings.late), zap.String("device", s.host.device()),
			zap.Ints("cpu_cores", settings.cpuCores), zap.Ints("accelerator_cores", settings.acceleratorCores))
	}
	return s, nil
}

func (s *suite) stop() error { return nil }

// close stops in this order: work, then results, then what they were published with. It may be called with a
// suite that was opened in part.
func (s *suite) close() error {
	err := s.host.stop()
	for _, m := range s.members {
		m.close()
	}
	return errors.Join(err, s.host.close())
}

// warnOfUnused tells of parameters that were given for all nodes and that none has. The first node says it.
func warnOfUnused(nodes ...*ros.Node) {
	if unused := ros.UnusedParameters(nodes...); len(unused) > 0 {
		nodes[0].Log().Warn("parameters that no node of this process has", zap.Strings("names", unused))
	}
}

// sayCounts logs what became of a task's frames.
func sayCounts(log *zap.Logger, t msg.TaskStatus) {
	log.Info("frames by outcome", zap.String("task", t.Name), zap.Uint64("received", t.Received),
		zap.Uint64("published", t.Published), zap.Uint64("replaced", t.Replaced), zap.Uint64("expired", t.Expired),
		zap.Uint64("refused", t.Refused), zap.Uint64("cancelled", t.Cancelled), zap.Uint64("failed", t.Failed),
		zap.Uint32("pending", t.Pending), zap.Uint64("missed", t.Missed))
}
