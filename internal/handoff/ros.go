package handoff

import (
	"errors"
	"sync"

	"go.uber.org/zap"

	"rtmdl/internal/camera"
	"rtmdl/internal/monotonic"
	"rtmdl/internal/ros"
	"rtmdl/internal/ros/msg"
)

const jobs = "scheduler/jobs"

func results(task string) string { return "scheduler/results/" + task }

// stream is the quality of service between client and server. The depth covers seconds of several cameras.
var stream = ros.QoS{Depth: 200, Reliable: true}

// Connect starts a client on a node: o.Send and o.Log are the node's.
func Connect(n *ros.Node, o ClientOptions) (*Client, error) {
	out, err := n.Publish(jobs, msg.TypeJob, stream)
	if err != nil {
		return nil, err
	}
	o.Send, o.Log = func(j *msg.Job) error { return out.Send(j) }, n.Log()
	c := newClient(o)
	damaged := damage{log: n.Log()}
	_, err = n.Subscribe(results(o.Task), msg.TypeJobResult, stream, func(m ros.Message) {
		var r msg.JobResult
		if err := r.UnmarshalCDR(m.Data); err != nil {
			damaged.tell(err)
			return
		}
		c.Receive(&r)
	})
	if err != nil {
		return nil, err
	}
	c.running.Go(c.run)
	return c, nil
}

// Serve starts a server on a node, for tasks without a Send: o.Camera, o.Log and the tasks' Send are the node's.
func Serve(n *ros.Node, o ServerOptions) (*Server, error) {
	var errs []error
	for i, t := range o.Tasks {
		out, err := n.Publish(results(t.Name), msg.TypeJobResult, stream)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		o.Tasks[i].Send = func(r *msg.JobResult) error { return out.Send(r) }
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	var cameras camera.Cameras
	o.Log = n.Log()
	o.Camera = func(pictures string, transport camera.Transport) (Source, error) {
		return cameras.Open(n, pictures, transport)
	}
	s := newServer(o)
	damaged := damage{log: n.Log()}
	_, err := n.Subscribe(jobs, msg.TypeJob, stream, func(m ros.Message) {
		j := &msg.Job{}
		if err := j.UnmarshalCDR(m.Data); err != nil {
			damaged.tell(err)
			return
		}
		s.Receive(j)
	})
	if err != nil {
		return nil, err
	}
	s.running.Go(s.send)
	s.running.Go(s.watch)
	return s, nil
}

// damage tells of messages that can't be read, at most once a second.
type damage struct {
	log *zap.Logger

	mu    sync.Mutex // guards all below
	count uint64
	quiet int64
}

func (d *damage) tell(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.count++
	if now := monotonic.Now(); now >= d.quiet {
		d.log.Warn("a message can't be read", zap.Error(err), zap.Uint64("so_far", d.count))
		d.quiet = now + 1e9
	}
}
