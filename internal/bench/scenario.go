package bench

import (
	"context"
	"runtime"
	"time"
)

// Scenarios are the names that Run takes, in the order in which they run.
var Scenarios = []string{"paper", "factorial", "car", "packing", "storage", "mixed", "dynamics", "gap", "time", "random"}

// scale is how much of everything is done.
type scale struct {
	full bool
	sets int // of a point of random
	jobs int // of a measurement in paper and car, a task
	seed int // seeds there
	time time.Duration
}

func quick() scale { return scale{sets: 1, jobs: 1000, seed: 2, time: 300 * time.Millisecond} }

func full() scale { return scale{full: true, sets: 1, jobs: 10_000, seed: 10, time: 2 * time.Second} }

// unit is a piece of work that is done whole or not at all.
type unit struct {
	key string
	run func(context.Context) ([]Record, error)
}

// units lists those of a scenario.
func units(name string, s scale) ([]unit, error) {
	switch name {
	case "paper":
		return paperUnits(s)
	case "factorial":
		return factorialUnits(s)
	case "car":
		return carUnits(s), nil
	case "mixed":
		return mixedUnits(s)
	case "random":
		return randomUnits(s), nil
	case "storage":
		return storageUnits(s)
	case "packing":
		return packingUnits(s)
	case "dynamics":
		return dynamicsUnits(s)
	case "gap":
		return gapUnits(s), nil
	case "time":
		return timeUnits(s), nil
	}
	return nil, nil
}

func cores() int { return runtime.GOMAXPROCS(0) }
