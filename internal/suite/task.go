package suite

import (
	"slices"
	"time"

	"rtmdl/internal/device"
	"rtmdl/internal/node"
	"rtmdl/internal/perception"
	"rtmdl/internal/perception/detector"
	"rtmdl/internal/perception/lane"
	"rtmdl/internal/perception/sign"
	trafficlight "rtmdl/internal/perception/traffic_light"
	"rtmdl/internal/ros"
	"rtmdl/internal/ros/msg"
)

// Task is all that the executables know of a task. Its name is that of its node and of its folder of models.
type Task struct {
	Name string
	// Variant and Deadline are the defaults of its parameters.
	Variant  string
	Deadline time.Duration
	// Vision makes the vision code around a loaded network. A scoreThreshold of 0 means the network's own.
	Vision func(model device.Model, labels []string, scoreThreshold float64) (perception.Vision, error)
	// Publisher makes the task's publishers in its node, and may declare parameters of its own there.
	Publisher func(n *ros.Node) (node.Publisher, error)
	// Encode makes messages of a result, for its way to another process, and Decode makes it of them again.
	Encode func(header msg.Header, value any) ([]msg.Message, error)
	Decode func(messages []msg.SerializedMessage) (any, error)
}

// tasks are all tasks, in the order in which the status tells of them.
var tasks = []Task{
	{
		Name: trafficlight.Name, Variant: "w100", Deadline: 100 * time.Millisecond,
		Vision: func(model device.Model, labels []string, scoreThreshold float64) (perception.Vision, error) {
			return trafficlight.New(model, labels, scoreThreshold)
		},
		Publisher: func(n *ros.Node) (node.Publisher, error) { return node.NewTrafficLight(n) },
		Encode:    node.EncodeTrafficLight, Decode: node.DecodeTrafficLight,
	},
	detecting(sign.Name, 200*time.Millisecond),
	{
		Name: lane.Name, Variant: "w100", Deadline: 50 * time.Millisecond,
		Vision: func(model device.Model, labels []string, scoreThreshold float64) (perception.Vision, error) {
			return lane.New(model, labels, scoreThreshold)
		},
		Publisher: func(n *ros.Node) (node.Publisher, error) { return node.NewLane(n) },
		Encode:    node.EncodeLane, Decode: node.DecodeLane,
	},
}

// detecting is a task whose network gives boxes with labels (detector.Detector), published as TASK/detections.
func detecting(name string, deadline time.Duration) Task {
	return Task{
		Name: name, Variant: "w100", Deadline: deadline,
		Vision: func(model device.Model, labels []string, scoreThreshold float64) (perception.Vision, error) {
			return detector.New(model, labels, scoreThreshold)
		},
		Publisher: func(n *ros.Node) (node.Publisher, error) { return node.NewDetections(n, name) },
		Encode:    node.EncodeDetections, Decode: node.DecodeDetections,
	}
}

// names returns the tasks' names.
func names(tasks []Task) []string {
	var all []string
	for _, t := range tasks {
		all = append(all, t.Name)
	}
	return all
}

// named returns the tasks with the given names, in the order of tasks.
func named(tasks []Task, wanted []string) []Task {
	var found []Task
	for _, t := range tasks {
		if slices.Contains(wanted, t.Name) {
			found = append(found, t)
		}
	}
	return found
}
