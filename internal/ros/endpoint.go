package ros

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiiuae/rclgo/pkg/rclgo"
)

// Endpoint is a publisher or a subscription of any node, as the middleware tells of it.
type Endpoint struct {
	Node string // full name
	Type string // such as sensor_msgs/msg/Image
	QoS  QoS    // what is offered, or requested
}

func (e Endpoint) String() string { return fmt.Sprintf("%s (%s; %s)", e.Node, e.Type, e.QoS) }

// PublishersOf returns the publishers of a topic (full name).
func (n *Node) PublishersOf(topic string) ([]Endpoint, error) {
	return endpoints(n.node.GetPublishersInfoByTopic(topic, true)) // true: topic is a ROS name
}

// SubscriptionsOf returns the subscriptions of a topic (full name).
func (n *Node) SubscriptionsOf(topic string) ([]Endpoint, error) {
	return endpoints(n.node.GetSubscriptionsInfoByTopic(topic, true))
}

func endpoints(infos []rclgo.TopicEndpointInfo, err error) ([]Endpoint, error) {
	if err != nil {
		return nil, fmt.Errorf("ROS 2: %s", firstLine(err))
	}
	all := make([]Endpoint, len(infos))
	for i := range infos {
		all[i] = Endpoint{
			Node: strings.TrimSuffix(infos[i].NodeNamespace, "/") + "/" + infos[i].NodeName,
			Type: infos[i].TopicType, QoS: fromProfile(infos[i].QosProfile),
		}
	}
	return all, nil
}

// Refuses says why a subscription that requests r gets nothing from a publisher that offers q; "": it does get it.
func (q QoS) Refuses(r QoS) string {
	switch {
	case r.Reliable && !q.Reliable:
		return "reliable is requested, best_effort is offered"
	case r.Transient && !q.Transient:
		return "transient_local is requested, volatile is offered"
	}
	return ""
}

// Trouble says why nothing comes from any publisher of the subscription's topic, and what to do about it; reason is "" where one
// matches.
func (s *Subscription) Trouble() (reason, remedy string) {
	if s.Publishers() > 0 {
		return "", ""
	}
	found, err := s.node.PublishersOf(s.topic)
	if err != nil {
		return err.Error(), ""
	}
	if len(found) == 0 {
		return "there is no publisher on " + s.topic, s.node.others(s.topic, s.typeName)
	}
	for _, p := range found {
		if p.Type != s.typeName {
			return fmt.Sprintf("the publisher on %s is of another type: %s; wanted is %s", s.topic, p, s.typeName), s.node.others(s.topic, s.typeName)
		}
		if why := p.QoS.Refuses(s.qos); why != "" {
			return fmt.Sprintf("the publisher on %s does not match: %s; wanted is %s: %s", s.topic, p, s.qos, why),
				"give the publisher the quality of service that is wanted"
		}
	}
	return "", "" // it is there, and not connected yet
}

// others tells of the topics that have a type, as a remedy for one that has no publisher.
func (n *Node) others(topic, typeName string) string {
	all, err := n.TopicTypes()
	if err != nil {
		return ""
	}
	var with []string
	for name, types := range all {
		if name == topic || !slices.Contains(types, typeName) {
			continue
		}
		if published, err := n.PublishersOf(name); err == nil && slices.ContainsFunc(published, n.session.foreign) {
			with = append(with, name)
		}
	}
	slices.Sort(with)
	if len(with) == 0 {
		return "start it; no other topic has " + typeName + " either"
	}
	return "topics that have " + typeName + ": " + strings.Join(with, ", ")
}

// foreign reports whether an endpoint is of another process: debug images are no camera.
func (s *Session) foreign(e Endpoint) bool {
	s.making.Lock()
	defer s.making.Unlock()
	return !slices.ContainsFunc(s.nodes, func(n *Node) bool { return n.FullName() == e.Node })
}

// Mismatches names the subscriptions of others that get nothing from the node's publishers, with both sides' quality of
// service.
func (n *Node) Mismatches() []string {
	n.session.making.Lock()
	publishers := slices.Clone(n.publishers)
	n.session.making.Unlock()
	var found []string
	for _, p := range publishers {
		subscriptions, err := n.SubscriptionsOf(p.full)
		if err != nil {
			continue
		}
		for _, s := range subscriptions {
			if why := p.qos.Refuses(s.QoS); why != "" {
				found = append(found, fmt.Sprintf("%s gets nothing of %s: it requests %s, and %s is offered: %s", s.Node, p.full, s.QoS, p.qos, why))
			}
		}
	}
	return found
}
