package suite

import (
	"context"
	"fmt"
	"slices"

	"go.uber.org/zap"

	"rtmdl/internal/camera"
	"rtmdl/internal/handoff"
	"rtmdl/internal/node"
	"rtmdl/internal/ros"
)

// RunNode runs the perception node of a task alone, for a scheduler in another process, as Run does. It needs neither
// ONNX Runtime nor the task's network.
func RunNode(ctx context.Context, task string, args []string) error {
	i := slices.IndexFunc(tasks, func(t Task) bool { return t.Name == task })
	if i < 0 {
		return fmt.Errorf("there is no task %s", task)
	}
	return run(ctx, args, func(session *ros.Session, _ func(error)) (process, error) { return openNode(session, tasks[i]) })
}

// nodeProcess is a perception node whose scheduler is elsewhere.
type nodeProcess struct {
	log    *zap.Logger
	client *handoff.Client
	member *member
	status *node.Status
}

func openNode(session *ros.Session, t Task) (_ process, err error) {
	m, err := newMember(session, t)
	if err != nil {
		return nil, err
	}
	if err := m.node.Params().Err(); err != nil {
		return nil, err
	}
	warnOfUnused(m.node)
	pictures, err := m.node.ResolveTopic(m.settings.pictures)
	if err != nil {
		return nil, err
	}
	p := &nodeProcess{log: m.node.Log(), member: m}
	p.client, err = handoff.Connect(m.node, handoff.ClientOptions{
		Task: t.Name, Pictures: pictures, Transport: m.settings.transport, Deadline: m.settings.deadline, Decode: t.Decode,
	})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = p.close()
		}
	}()
	if p.status, err = node.NewStatus(m.node, t.Name, p.client.Status); err != nil {
		return nil, err
	}
	var cameras camera.Cameras
	cam, err := cameras.Open(m.node, m.settings.pictures, m.settings.transport)
	if err != nil {
		return nil, err
	}
	if err := m.start(cam, true, p.client, 0, p.client.SetDeadline); err != nil {
		return nil, err
	}
	p.log.Info("ready", zap.String("task", t.Name), zap.String("image_topic", cam.Topic()), zap.Duration("deadline", m.settings.deadline))
	return p, nil
}

func (p *nodeProcess) stop() error { return nil }

// close ends a node that was opened, in whole or in part.
func (p *nodeProcess) close() error {
	p.client.Close()
	p.member.close()
	if p.status != nil {
		p.status.Close()
	}
	sayCounts(p.log, p.client.Status())
	return nil
}
