// Package record writes topics into a bag.
package record

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"rtmdl/internal/bag"
	"rtmdl/internal/ros"
)

// Options say what is recorded.
type Options struct {
	Topics []string // full names; none: every topic that anybody publishes
	// Progress is told what was recorded so far, about twice a second and at the end. nil: nobody.
	Progress func(Progress)
	// Warn is told what a user should know. nil: nobody.
	Warn func(string)
}

// Progress says what was recorded so far.
type Progress struct {
	Topics   int    // that are recorded
	Messages uint64 // written
	Bytes    uint64 // of their data
	Lost     uint64 // messages that came faster than they could be written
}

// Messages that wait to be written: at most this many, and of this size in all; what comes on top is lost, and counted.
const (
	maxWaiting      = 4096
	maxWaitingBytes = 512 << 20
)

// look is how often new topics are looked for.
const look = 100 * time.Millisecond

// Record writes topics until ctx ends, which is no error, and leaves w to be closed by its owner. A topic is
// recorded from when its first publisher is found, with a quality of service that fits all its publishers. It
// runs the session (see ros.Session.Run).
func Record(ctx context.Context, session *ros.Session, node *ros.Node, w *bag.Writer, o Options) error {
	if o.Warn == nil {
		o.Warn = func(string) {}
	}
	r := &recorder{
		options: o, node: node, bag: w, queue: make(chan entry, maxWaiting),
		known: map[string]ros.QoS{}, warned: map[string]bool{},
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var running sync.WaitGroup
	running.Go(func() { r.write(stop) })
	err := r.serve(ctx, session)
	close(r.queue)
	running.Wait()
	r.tell()
	for _, name := range o.Topics {
		if !r.heard(name) && !r.warned[name] {
			o.Warn(fmt.Sprintf("nobody published on %s while recording", name))
		}
	}
	return errors.Join(err, r.failure)
}

type recorder struct {
	options Options
	node    *ros.Node
	bag     *bag.Writer
	queue   chan entry
	known   map[string]ros.QoS // topics with a subscription, and its quality of service; of serve alone
	warned  map[string]bool    // topics that can't be recorded; of serve alone

	topics, messages, bytes, waiting, lost atomic.Uint64

	failure error // of the bag; of write alone until it has returned
}

type entry struct {
	topic                bag.TopicID
	logTime, publishTime int64
	data                 []byte
}

// serve runs the session, interrupted whenever topics have appeared: subscriptions are served from the next run.
func (r *recorder) serve(ctx context.Context, session *ros.Session) error {
	for ctx.Err() == nil {
		if err := r.subscribeToNew(); err != nil {
			return err
		}
		inner, stop := context.WithCancel(ctx)
		var watching sync.WaitGroup
		watching.Go(func() {
			defer stop()
			ticker := time.NewTicker(look)
			defer ticker.Stop()
			for count := 1; ; count++ {
				select {
				case <-inner.Done():
					return
				case <-ticker.C:
				}
				if count%5 == 0 {
					r.tell()
					r.tellUnheard()
				}
				if len(r.found()) > 0 {
					return
				}
			}
		})
		err := session.Run(inner)
		stop()
		watching.Wait()
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *recorder) heard(topic string) bool {
	_, known := r.known[topic]
	return known
}

// tellUnheard warns of publishers that came after their topic's subscription and do not fit it.
func (r *recorder) tellUnheard() {
	for name, qos := range r.known {
		offers, err := r.node.PublishersOf(name)
		unheard := func(p ros.Endpoint) bool { return p.QoS.Refuses(qos) != "" }
		if err == nil && !r.warned[name] && slices.ContainsFunc(offers, unheard) {
			r.warned[name] = true
			r.options.Warn(fmt.Sprintf("a publisher on %s is not recorded, since it came later and offers less than %v", name, qos))
		}
	}
}

// found returns the wanted topics that somebody publishes and that are not recorded yet, with their types.
func (r *recorder) found() map[string]string {
	all, err := r.node.TopicTypes()
	if err != nil {
		return nil
	}
	found := map[string]string{}
	for name, types := range all {
		wanted := len(r.options.Topics) == 0 || slices.Contains(r.options.Topics, name)
		if !wanted || r.heard(name) || r.warned[name] || len(types) == 0 {
			continue
		}
		if offers, err := r.node.PublishersOf(name); err != nil || len(offers) == 0 {
			continue
		}
		found[name] = types[0]
	}
	return found
}

func (r *recorder) subscribeToNew() error {
	for name, typeName := range r.found() {
		offers, err := r.node.PublishersOf(name)
		if err != nil || len(offers) == 0 {
			continue
		}
		qos, offer := fitting(offers), offers[0].QoS
		definition, err := bag.Gather(typeName, r.definition)
		if err != nil {
			r.warned[name] = true
			r.options.Warn(fmt.Sprintf("topic %s is not recorded: %v", name, err))
			continue
		}
		id, err := r.bag.AddTopic(name, typeName, definition,
			bag.QoS{Depth: offer.Depth, BestEffort: !offer.Reliable, TransientLocal: offer.Transient}.String())
		if err != nil {
			return err
		}
		_, err = r.node.Subscribe(name, typeName, qos, func(m ros.Message) { r.take(id, m) })
		if err != nil {
			r.warned[name] = true
			r.options.Warn(fmt.Sprintf("topic %s is not recorded: %v", name, err))
			continue
		}
		r.known[name] = qos
		r.topics.Add(1)
	}
	return nil
}

// fitting is the strongest quality of service that all publishers offer, with room for bursts.
func fitting(offers []ros.Endpoint) ros.QoS {
	qos := ros.QoS{Depth: 100, Reliable: true, Transient: true}
	for _, o := range offers {
		qos.Reliable = qos.Reliable && o.QoS.Reliable
		qos.Transient = qos.Transient && o.QoS.Transient
	}
	return qos
}

// definition finds the text of a .msg file: that of the ROS installation, else the project's own copy.
func (r *recorder) definition(pkg, name string) (string, error) {
	for _, prefix := range ros.Prefixes() {
		if text, err := os.ReadFile(filepath.Join(prefix, "share", pkg, "msg", name+".msg")); err == nil {
			return string(text), nil
		}
	}
	return bag.Embedded(pkg, name)
}

// take runs on the session's goroutine and does not block.
func (r *recorder) take(id bag.TopicID, m ros.Message) {
	size := uint64(len(m.Data))
	if r.waiting.Load()+size > maxWaitingBytes {
		r.lost.Add(1)
		return
	}
	r.waiting.Add(size)
	select {
	case r.queue <- entry{id, time.Now().UnixNano(), max(m.Sent, 0), m.Data}:
	default:
		r.waiting.Add(-size)
		r.lost.Add(1)
	}
}

// write empties the queue; when the bag can't be written to any more, it says so and lets the rest go.
func (r *recorder) write(failed func()) {
	for e := range r.queue {
		r.waiting.Add(-uint64(len(e.data)))
		if r.failure != nil {
			r.lost.Add(1)
			continue
		}
		if r.failure = r.bag.Write(e.topic, e.logTime, e.publishTime, e.data); r.failure != nil {
			r.lost.Add(1)
			failed()
			continue
		}
		r.messages.Add(1)
		r.bytes.Add(uint64(len(e.data)))
	}
}

func (r *recorder) tell() {
	if r.options.Progress == nil {
		return
	}
	p := Progress{Topics: int(r.topics.Load()), Messages: r.messages.Load(), Bytes: r.bytes.Load(), Lost: r.lost.Load()}
	r.options.Progress(p)
}
