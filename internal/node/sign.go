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
	messages, err := EncodeSign(header, value)
	if err != nil {
		return err
	}
	return s.detections.Send(messages[0])
}

// EncodeSign returns a sign.Result as the message of a frame.
func EncodeSign(header msg.Header, value any) ([]msg.Message, error) {
	result, ok := value.(sign.Result)
	if !ok {
		return nil, fmt.Errorf("a sign's result is a %T", value)
	}
	return []msg.Message{encodeDetections(header, result.Detections)}, nil
}

// DecodeSign undoes EncodeSign: the result encodes to the same message again.
func DecodeSign(messages []msg.SerializedMessage) (any, error) {
	var array msg.Detection2DArray
	if err := msg.Deserialize(messages, &array); err != nil {
		return nil, err
	}
	detections, err := decodeDetections(&array)
	return sign.Result{Detections: detections}, err
}
