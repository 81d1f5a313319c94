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
	result, ok := value.(trafficlight.Result)
	if !ok {
		return fmt.Errorf("a traffic light's result is a %T", value)
	}
	return errors.Join(t.state.Send(&msg.String{Data: result.State}), t.detections.Send(detectionArray(header, result.Detections)))
}
