// Package node has the ROS side of the suite: what a perception node and the scheduler's node subscribe to,
// declare and publish. The executables put them together.
package node

import (
	"sync"
	"sync/atomic"

	"go.uber.org/zap"

	"rtmdl/internal/camera"
	"rtmdl/internal/live"
	"rtmdl/internal/monotonic"
	"rtmdl/internal/ros"
	"rtmdl/internal/ros/msg"
)

// Publisher sends a task's results as ROS messages.
type Publisher interface {
	// Publish sends the result of a frame, value being what the task's Vision.Post returned. All messages carry
	// the frame's header.
	Publish(header msg.Header, value any) error
}

// Source hands every frame to its listeners, as a camera does.
type Source interface {
	Listen(f func(*camera.Frame))
}

// Submitter takes jobs, as a scheduler does, in the process or beyond it.
type Submitter interface {
	Submit(j live.Job)
}

// Logger has a log, as a ROS node does.
type Logger interface {
	Log() *zap.Logger
}

// Perception is the shell of a perception node: it submits every frame of a camera, and publishes results from
// one goroutine of its own, in the order in which they come.
type Perception struct {
	log       *zap.Logger
	publisher Publisher
	debug     *DebugImage // nil: none
	results   chan *live.Result
	running   sync.WaitGroup
	closing   sync.Once
	refusals  rateLimit
	active    atomic.Bool // its lifecycle's state
	disabled  atomic.Bool // by ~/enable
}

// maxResults bounds the results that wait for the publishing goroutine. It is above what a task can have in
// flight, so that it holds back nobody unless the middleware hangs.
const maxResults = 256

// NewPerception connects a camera, a scheduler's task (by its index), a publisher and, if not nil, debug images,
// which it closes. It takes no frame before Activate. Close it before the scheduler's owner ends ROS.
func NewPerception(node Logger, cam Source, scheduler Submitter, task int, p Publisher, d *DebugImage) *Perception {
	n := &Perception{log: node.Log(), publisher: p, debug: d, results: make(chan *live.Result, maxResults)}
	n.running.Go(n.publish)
	cam.Listen(func(f *camera.Frame) {
		if n.active.Load() && !n.disabled.Load() {
			scheduler.Submit(live.Job{Task: task, Frame: f, Done: n.done})
		}
	})
	return n
}

var _ ros.Managed = (*Perception)(nil)

// Configure implements ros.Managed.
func (n *Perception) Configure() error { return nil }

// Activate implements ros.Managed: from now on frames are taken.
func (n *Perception) Activate() error {
	n.active.Store(true)
	return nil
}

// Deactivate implements ros.Managed: no further frame is taken, or counted; results of those under way are published.
func (n *Perception) Deactivate() { n.active.Store(false) }

// Cleanup implements ros.Managed.
func (n *Perception) Cleanup() {}

// Enable lets frames be taken, while the node is active, or passes them over uncounted.
func (n *Perception) Enable(enabled bool) { n.disabled.Store(!enabled) }

// done is called by the scheduler and must not block.
func (n *Perception) done(r *live.Result) {
	if r.Outcome != msg.OutcomePublished {
		if r.Reason != "" && r.Reason != live.ReasonShutdown {
			if since, ok := n.refusals.allow(r.Reason, monotonic.Now()); ok {
				n.log.Warn("a frame was not worked on", zap.Stringer("outcome", r.Outcome), zap.String("reason", r.Reason),
					zap.Uint64("not_logged", since))
			}
		}
		return
	}
	select {
	case n.results <- r:
	default: // the middleware hangs: the frame's outcome says so
		r.Failed(live.ReasonPublish + ": results wait for the middleware")
	}
}

func (n *Perception) publish() {
	for r := range n.results {
		if err := n.publisher.Publish(r.Frame.Header, r.Value); err != nil {
			r.Failed(live.ReasonPublish + ": " + err.Error())
			n.log.Error("a result was not published", zap.Error(err))
			continue
		}
		r.Published(monotonic.Now())
		if n.debug != nil {
			n.debug.Show(r.Frame, r.Value)
		}
	}
}

// Close publishes what is ready and returns. The scheduler must have been closed. It may be called twice.
func (n *Perception) Close() {
	n.closing.Do(func() { close(n.results) })
	n.running.Wait()
	if n.debug != nil {
		n.debug.Close()
	}
}
