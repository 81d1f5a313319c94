package ros

import (
	"errors"
	"fmt"
	"time"

	"github.com/tiiuae/rclgo/pkg/rclgo"
	"go.uber.org/zap"

	"rtmdl/internal/monotonic"
)

// Message is a received message as it came.
type Message struct {
	Data     []byte // CDR; the handler owns it
	Received int64  // when it was taken, monotonic clock in nanoseconds
	Sent     int64  // when it was sent, wall clock in nanoseconds since 1970; 0: the middleware does not say
}

// Handler takes a message. It runs on the session's one goroutine for handlers: it must return at once.
type Handler func(Message)

// Subscription reads one topic.
type Subscription struct {
	sub      *rclgo.Subscription
	node     *Node
	topic    string // full name
	typeName string
	qos      QoS
}

// Subscribe reads a topic (relative names fall into the node's namespace). The handler is called from Run.
func (n *Node) Subscribe(topic, typeName string, qos QoS, handle Handler) (*Subscription, error) {
	ts, err := typeSupport(typeName)
	if err != nil {
		return nil, fmt.Errorf("subscription on %s: %w", topic, err)
	}
	full, err := n.ResolveTopic(topic)
	if err != nil {
		return nil, fmt.Errorf("subscription on %s: %w", topic, err)
	}
	s := &Subscription{node: n, topic: full, typeName: typeName, qos: qos}
	var lost uint64 // both of the session's one goroutine for handlers
	var quiet int64
	take := func(sub *rclgo.Subscription) {
		data, info, err := sub.TakeSerializedMessage()
		if err != nil {
			if gone := (*rclgo.SubscriptionTakeFailed)(nil); errors.As(err, &gone) {
				return // woken for a message that is there no more: nothing was received
			}
			lost++
			if now := monotonic.Now(); now >= quiet { // at most once a second
				n.log.Error("a message was lost while it was taken", zap.String("topic", topic),
					zap.Uint64("lost_so_far", lost), zap.String("error", firstLine(err)))
				quiet = now + time.Second.Nanoseconds()
			}
			return
		}
		handle(Message{Data: data, Received: monotonic.Now(), Sent: info.SourceTimestamp.UnixNano()})
	}
	n.session.making.Lock()
	defer n.session.making.Unlock()
	s.sub, err = n.node.NewSubscription(topic, ts, &rclgo.SubscriptionOptions{Qos: qos.profile()}, take)
	if err != nil {
		return nil, fmt.Errorf("subscription on %s: %s", topic, firstLine(err))
	}
	n.session.subscriptions = append(n.session.subscriptions, s.sub)
	n.session.renewLocked()
	return s, nil
}

// Publishers returns how many publishers match at the moment.
func (s *Subscription) Publishers() int {
	n, err := s.sub.GetPublisherCount()
	if err != nil {
		return 0
	}
	return n
}
