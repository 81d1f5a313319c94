package ros

import (
	"errors"
	"fmt"
	"sync"

	"github.com/tiiuae/rclgo/pkg/rclgo"

	"rtmdl/internal/ros/msg"
)

// Publisher writes messages to one topic. It is safe for concurrent use.
type Publisher struct {
	topic string // as it was given
	full  string // its full name
	pub   *rclgo.Publisher
	qos   QoS

	mu     sync.Mutex // guards buffer, and keeps messages in order
	buffer []byte
}

// Publish makes a publisher on a topic (relative names fall into the node's namespace) for a type such as
// "vision_msgs/msg/Detection2DArray", whose interface package must be installed.
func (n *Node) Publish(topic, typeName string, qos QoS) (*Publisher, error) {
	ts, err := typeSupport(typeName)
	if err != nil {
		return nil, fmt.Errorf("publisher on %s: %w", topic, err)
	}
	n.session.making.Lock()
	defer n.session.making.Unlock()
	pub, err := n.node.NewPublisher(topic, ts, &rclgo.PublisherOptions{Qos: qos.profile()})
	if err != nil {
		return nil, fmt.Errorf("publisher on %s: %s", topic, firstLine(err))
	}
	full, err := n.ResolveTopic(topic)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("publisher on %s: %w", topic, err), pub.Close())
	}
	p := &Publisher{topic: topic, full: full, pub: pub, qos: qos}
	n.publishers = append(n.publishers, p)
	return p, nil
}

// Send encodes and publishes a message of the publisher's type. It does not keep m.
func (p *Publisher) Send(m msg.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.buffer = m.MarshalCDR(p.buffer[:0])
	return p.sendLocked(p.buffer)
}

// SendSerialized publishes a message that is CDR already. It does not keep data.
func (p *Publisher) SendSerialized(data []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sendLocked(data)
}

func (p *Publisher) sendLocked(data []byte) error {
	if err := p.pub.PublishSerialized(data); err != nil {
		return fmt.Errorf("publishing on %s: %s", p.topic, firstLine(err))
	}
	return nil
}

// Subscribers returns how many subscriptions match at the moment.
func (p *Publisher) Subscribers() int {
	n, err := p.pub.GetSubscriptionCount()
	if err != nil {
		return 0
	}
	return n
}
