package evaluate

import "context"

// Tasks are the evaluations by task.
var Tasks = map[string]func(context.Context, Options) ([]Figure, error){
	"lane":          Lane,
	"sign":          Sign,
	"traffic_light": TrafficLight,
}
