package node

import (
	"errors"
	"fmt"

	trafficlight "rtmdl/internal/perception/traffic_light"
	"rtmdl/internal/ros"
	"rtmdl/internal/ros/msg"
)

// TrafficLight publishes detections and the frame's state.
type TrafficLight struct {
	detections, state sender
}

var _ Publisher = (*TrafficLight)(nil)

// NewTrafficLight makes the publishers traffic_light/detections and traffic_light/state.
func NewTrafficLight(node *ros.Node) (*TrafficLight, error) {
	detections, err1 := node.Publish(trafficlight.Name+"/detections", msg.TypeDetection2DArray, ros.Results())
	state, err2 := node.Publish(trafficlight.Name+"/state", msg.TypeString, ros.Results())
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	return &TrafficLight{detections, state}, nil
}

// Publish implements Publisher.
func (t *TrafficLight) Publish(header msg.Header, value any) error {
	messages, err := EncodeTrafficLight(header, value)
	if err != nil {
		return err
	}
	return errors.Join(t.state.Send(messages[1]), t.detections.Send(messages[0]))
}

// EncodeTrafficLight returns a trafficlight.Result as the messages of a frame: detections, state.
func EncodeTrafficLight(header msg.Header, value any) ([]msg.Message, error) {
	result, ok := value.(trafficlight.Result)
	if !ok {
		return nil, fmt.Errorf("a traffic light's result is a %T", value)
	}
	return []msg.Message{encodeDetections(header, result.Detections), &msg.String{Data: result.State}}, nil
}

// DecodeTrafficLight undoes EncodeTrafficLight: the result encodes to the same messages again.
func DecodeTrafficLight(messages []msg.SerializedMessage) (any, error) {
	var array msg.Detection2DArray
	var state msg.String
	if err := msg.Deserialize(messages, &array, &state); err != nil {
		return nil, err
	}
	detections, err := decodeDetections(&array)
	return trafficlight.Result{Detections: detections, State: state.Data}, err
}
