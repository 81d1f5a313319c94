// Package camera turns a camera topic into frames: one subscription per process and topic, whoever wants the
// frames; each frame is received once, decoded at most once (by the first stage that needs pixels, not in the
// callback) and never changed.
package camera

import (
	"fmt"
	"sync"

	"rtmdl/internal/ros"
	"rtmdl/internal/ros/msg"
)

// Transport says how a camera's pictures travel.
type Transport string

// The transports of image_transport that are supported.
const (
	Raw        Transport = "raw"        // sensor_msgs/Image on the topic itself
	Compressed Transport = "compressed" // sensor_msgs/CompressedImage on <topic>/compressed
)

// Topic returns the topic that has a camera's pictures in a transport: the camera's own, or <topic>/compressed.
func Topic(camera string, transport Transport) (string, error) {
	switch transport {
	case Raw:
		return camera, nil
	case Compressed:
		return camera + "/compressed", nil
	}
	return "", fmt.Errorf("camera %s: unknown transport '%s'; supported are raw and compressed", camera, transport)
}

// Camera hands the frames of one topic to its listeners, in the order of their arrival.
type Camera struct {
	topic string
	sub   *ros.Subscription

	mu        sync.RWMutex // guards listeners
	listeners []func(*Frame)
}

// Open subscribes a node to a camera with the quality of service of sensor data, which fits every publisher.
func Open(node *ros.Node, topic string, transport Transport) (*Camera, error) {
	pictures, err := Topic(topic, transport)
	if err != nil {
		return nil, err
	}
	return subscribe(node, pictures, transport)
}

func subscribe(node *ros.Node, pictures string, transport Transport) (*Camera, error) {
	c := &Camera{topic: pictures}
	typeName, read := msg.TypeImage, ReadRaw
	if transport == Compressed {
		typeName, read = msg.TypeCompressedImage, ReadCompressed
	}
	var err error
	c.sub, err = node.Subscribe(c.topic, typeName, ros.SensorData(), func(m ros.Message) {
		f := read(m.Data, m.Received)
		f.Sent = m.Sent
		c.deliver(f)
	})
	if err != nil {
		return nil, fmt.Errorf("camera: %w", err)
	}
	return c, nil
}

// Topic returns the topic that is read, as it was given (not expanded), with /compressed where that applies.
func (c *Camera) Topic() string { return c.topic }

// Publishers returns how many cameras publish on the topic at the moment.
func (c *Camera) Publishers() int { return c.sub.Publishers() }

// Trouble says why nothing comes, and what to do about it; reason is "" where a camera is there.
func (c *Camera) Trouble() (reason, remedy string) {
	reason, remedy = c.sub.Trouble()
	if reason != "" {
		remedy += "; the parameter image_topic names the camera's topic, image_transport how its pictures travel"
	}
	return reason, remedy
}

// Listen adds a listener. It gets every frame, damaged ones too (see Frame.Err), on the goroutine that serves
// all of the session's subscriptions, so it must not block.
func (c *Camera) Listen(f func(*Frame)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.listeners = append(c.listeners, f)
}

func (c *Camera) deliver(f *Frame) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, l := range c.listeners {
		l(f)
	}
}
