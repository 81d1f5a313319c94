package node

import (
	"fmt"

	"rtmdl/internal/perception"
	"rtmdl/internal/ros/msg"
)

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
