package camera

import (
	"fmt"
	"sync"

	"rtmdl/internal/ros"
)

// Cameras are the cameras of a process: each topic is subscribed to once, whichever nodes ask for it. The zero value
// has none. It is safe for concurrent use.
type Cameras struct {
	mu     sync.Mutex // guards opened
	opened map[key]*Camera
}

// key is what two nodes must agree on to share a camera.
type key struct {
	topic     string // full name, remapped
	transport Transport
}

// Open returns the camera whose pictures are on a topic (see Topic), named as in the node. The first node to ask
// subscribes.
func (c *Cameras) Open(node *ros.Node, pictures string, transport Transport) (*Camera, error) {
	if _, err := Topic(pictures, transport); err != nil {
		return nil, err
	}
	full, err := node.ResolveTopic(pictures)
	if err != nil {
		return nil, fmt.Errorf("camera: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	k := key{full, transport}
	if opened := c.opened[k]; opened != nil {
		return opened, nil
	}
	opened, err := subscribe(node, pictures, transport)
	if err != nil {
		return nil, err
	}
	if c.opened == nil {
		c.opened = map[key]*Camera{}
	}
	c.opened[k] = opened
	return opened, nil
}
