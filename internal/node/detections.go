package node

import (
	"rtmdl/internal/perception"
	"rtmdl/internal/ros/msg"
)

// detectionArray is the message of what was found in the frame with this header.
func detectionArray(header msg.Header, found []perception.Detection) *msg.Detection2DArray {
	array := &msg.Detection2DArray{Header: header}
	for _, d := range found {
		array.Detections = append(array.Detections, msg.NewDetection2D(header, d.Label, d.Score, d.X, d.Y, d.Width, d.Height))
	}
	return array
}
