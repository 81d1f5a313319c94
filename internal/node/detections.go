package node

import (
	"fmt"

	"rtmdl/internal/perception"
	"rtmdl/internal/perception/detector"
	"rtmdl/internal/ros"
	"rtmdl/internal/ros/msg"
)

// Detections publishes what a detector finds.
type Detections struct {
	detections sender
}

var _ Publisher = (*Detections)(nil)

// NewDetections makes the publisher TASK/detections.
func NewDetections(node *ros.Node, task string) (*Detections, error) {
	detections, err := node.Publish(task+"/detections", msg.TypeDetection2DArray, ros.Results())
	if err != nil {
		return nil, err
	}
	return &Detections{detections}, nil
}

// Publish implements Publisher.
func (d *Detections) Publish(header msg.Header, value any) error {
	messages, err := EncodeDetections(header, value)
	if err != nil {
		return err
	}
	return d.detections.Send(messages[0])
}

// EncodeDetections returns a detector.Result as the message of a frame.
func EncodeDetections(header msg.Header, value any) ([]msg.Message, error) {
	result, ok := value.(detector.Result)
	if !ok {
		return nil, fmt.Errorf("the result of a detector is a %T", value)
	}
	return []msg.Message{encodeDetections(header, result.Detections)}, nil
}

// DecodeDetections undoes EncodeDetections: the result encodes to the same message again.
func DecodeDetections(messages []msg.SerializedMessage) (any, error) {
	var array msg.Detection2DArray
	if err := msg.Deserialize(messages, &array); err != nil {
		return nil, err
	}
	detections, err := decodeDetections(&array)
	return detector.Result{Detections: detections}, err
}

// encodeDetections is the message of what was found in the frame with this header.
func encodeDetections(header msg.Header, found []perception.Detection) *msg.Detection2DArray {
	array := &msg.Detection2DArray{Header: header}
	for _, d := range found {
		array.Detections = append(array.Detections, msg.NewDetection2D(header, d.Label, d.Score, d.X, d.Y, d.Width, d.Height))
	}
	return array
}

// decodeDetections undoes encodeDetections. A box's corner may differ from what it was in its last bit; encoded again,
// it is the same message.
func decodeDetections(array *msg.Detection2DArray) ([]perception.Detection, error) {
	var found []perception.Detection
	for i, d := range array.Detections {
		if len(d.Results) != 1 {
			return nil, fmt.Errorf("detection %d has %d hypotheses, and must have one", i, len(d.Results))
		}
		h, centre := d.Results[0].Hypothesis, d.BBox.Center.Position
		found = append(found, perception.Detection{
			Label: h.ClassID, Score: h.Score,
			X: centre.X - d.BBox.SizeX/2, Y: centre.Y - d.BBox.SizeY/2, Width: d.BBox.SizeX, Height: d.BBox.SizeY,
		})
	}
	return found, nil
}
