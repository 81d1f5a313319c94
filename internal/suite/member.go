package suite

import (
	"errors"
	"time"

	"go.uber.org/zap"

	"rtmdl/internal/camera"
	"rtmdl/internal/node"
	"rtmdl/internal/ros"
	"rtmdl/internal/ros/msg"
)

// member is a perception node with its parameters and publishers.
type member struct {
	task       Task
	node       *ros.Node
	settings   nodeSettings
	publisher  node.Publisher
	camera     *camera.Camera
	perception *node.Perception // nil until it is started
	lifecycle  *ros.Lifecycle   // the same
	health     *node.Health     // the same
}

// newMember makes a task's node. What is wrong with its parameters, node.Params().Err tells.
func newMember(session *ros.Session, t Task) (*member, error) {
	n, err := session.NewNode(t.Name, "")
	if err != nil {
		return nil, err
	}
	m := &member{task: t, node: n, settings: declareNode(n.Params(), t)}
	if m.publisher, err = t.Publisher(n); err != nil {
		return nil, err
	}
	return m, nil
}

// start begins the node's work: the camera's frames go to the scheduler, as jobs of the task with this index. setDeadline is
// called when the parameter changes. Of the nodes that share a camera the first one logs what is wrong with it.
func (m *member) start(cam *camera.Camera, first bool, scheduler node.Submitter, task int, setDeadline func(time.Duration)) (err error) {
	debug, err := node.NewDebugImage(m.node, m.task.Name)
	if err != nil {
		return err
	}
	m.camera = cam
	m.perception = node.NewPerception(m.node, cam, scheduler, task, m.publisher, debug)
	if m.lifecycle, err = m.node.Manage(m.perception); err != nil {
		return err
	}
	ros.Live(m.node.Params(), deadlineMs, func(ms float64) error {
		setDeadline(milliseconds(ms))
		return nil
	})
	if m.health, err = node.NewHealth(m.node, cam.Topic(), node.NewCameraHealth(cam, first)); err != nil {
		return err
	}
	return errors.Join(ros.ServeRequest(m.node, "~/enable", msg.ServiceSetBool, m.enable), m.lifecycle.Start(m.settings.autostart))
}

// enable takes a call of ~/enable.
func (m *member) enable(c *ros.Call, enabled msg.Bool) {
	m.perception.Enable(bool(enabled))
	m.node.Log().Info("frames are taken", zap.Bool("enabled", bool(enabled)))
	if state := m.lifecycle.State(); enabled && state != ros.Active {
		c.Respond(msg.Done{Success: true, Message: "enabled, but frames are taken only once the node is active: it is " + state.Label})
		return
	}
	c.Respond(msg.Done{Success: true})
}

// close publishes what is ready, and ends. The scheduler must have been closed, and services be served no more.
func (m *member) close() {
	if m.lifecycle != nil {
		m.lifecycle.Close()
	}
	if m.health != nil {
		m.health.Close()
	}
	if m.perception != nil {
		m.perception.Close()
	}
}
