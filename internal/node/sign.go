package node

import (
	"fmt"

	"rtmdl/internal/perception/sign"
	"rtmdl/internal/ros"
	"rtmdl/internal/ros/msg"
)

// Sign publishes traffic signs.
type Sign struct {
	detections sender
}

var _ Publisher = (*Sign)(nil)

// NewSign makes the publisher sign/detections.
func NewSign(node *ros.Node) (*Sign, error) {
	detections, err := node.Publish(sign.Name+"/detections", msg.TypeDetection2DArray, ros.Results())
	if err != nil {
		return nil, err
	}
	return &Sign{detections}, nil
}

// Publish implements Publisher.
func (s *Sign) Publish(header msg.Header, value any) error {
	result, ok := value.(sign.Result)
	if !ok {
		return fmt.Errorf("a sign's result is a %T", value)
	}
	return s.detections.Send(detectionArray(header, result.Detections))
}
