package evaluate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"rtmdl/internal/perception"
	"rtmdl/internal/perception/accuracy"
	trafficlight "rtmdl/internal/perception/traffic_light"
)

// light is a photograph with what was found in it and the state that was told.
type light struct {
	labelled accuracy.Labelled
	photo    accuracy.Photo         // with all that was found
	told     []perception.Detection // that the node publishes
	state    string
}

// asCase is the light as a case. A wrong state is worse than none.
func (l *light) asCase() Case {
	c := Case{File: l.labelled.File, Truth: cmp.Or(accuracy.Largest(l.labelled.Truth), "no light"), Told: l.state,
		Wanted: l.labelled.Truth, Found: l.told}
	c.Pairs = []Pair{{c.Truth, c.Told, 1}}
	switch {
	case c.Told == c.Truth, c.Truth == "no light" && c.Told == "unknown":
	case c.Told == "unknown":
		c.Badness = 1
	default:
		c.Badness = 2
	}
	return c
}

// TrafficLight evaluates on the photographs in Data/traffic_lights/cinta: the mean average precision at an overlap
// of 0.5, how often the state of the largest light is told right ('unknown' is wrong), and the calibration error of what
// is told, of all photographs and of those that are no turned or cut copies. Intervals are over scenes.
func TrafficLight(ctx context.Context, o Options) (_ []Figure, err error) {
	all, err := accuracy.ReadCinta(filepath.Join(o.Data, "traffic_lights"))
	if err != nil {
		return nil, err
	}
	photos := only(all, func(p accuracy.Labelled) bool { return o.takes(p.Split) })
	if len(photos) == 0 {
		return nil, fmt.Errorf("%w: %s has no photographs of the split '%s'", ErrData, filepath.Join(o.Data, "traffic_lights"), o.Split)
	}
	n, err := open(&o, trafficlight.Name, o.variant())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, n.close()) }()
	sure, err1 := trafficlight.New(n.model, n.labels, 0)       // as the node runs
	whole, err2 := trafficlight.New(n.model, n.labels, unsure) // average precision needs all that was found
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	var lights []light
	err = each(ctx, &o, photos, func(p accuracy.Labelled) error {
		l := light{labelled: p, photo: accuracy.Photo{Truth: p.Truth}}
		frame, out, err := n.runFile(sure, p.File)
		if err != nil {
			return err
		}
		told, err1 := sure.Post(frame, out)
		found, err2 := whole.Post(frame, out)
		if err := errors.Join(err1, err2); err != nil {
			return fmt.Errorf("%s: %w", p.File, err)
		}
		l.state, l.told = told.(trafficlight.Result).State, told.(trafficlight.Result).Detections
		l.photo.Found = found.(trafficlight.Result).Detections
		lights = append(lights, l)
		o.tell(l.asCase())
		return nil
	})
	if err != nil {
		return nil, err
	}
	figures := lightFigures("", lights, n.labels)
	if unaltered := only(lights, func(l light) bool { return !l.labelled.Altered }); len(unaltered) > 0 {
		figures = append(figures, lightFigures(", unaltered photographs", unaltered, n.labels)...)
	}
	return figures, nil
}

func lightFigures(of string, lights []light, labels []string) []Figure {
	scene := func(l light) string { return l.labelled.Scene }
	precision := func(lights []light) float64 {
		photos := make([]accuracy.Photo, len(lights))
		for i, l := range lights {
			photos[i] = l.photo
		}
		m, _ := accuracy.Mean(photos, labels, 0.5)
		return m
	}
	calibration := func(lights []light) float64 {
		photos := make([]accuracy.Photo, len(lights))
		for i, l := range lights {
			photos[i] = accuracy.Photo{Truth: l.labelled.Truth, Found: l.told}
		}
		return accuracy.CalibrationError(photos, labels, 0.5)
	}
	shown := only(lights, func(l light) bool { return accuracy.Largest(l.labelled.Truth) != "" })
	isRight := func(l light) bool { return l.state == accuracy.Largest(l.labelled.Truth) }
	return []Figure{
		figure("mAP at 0.5"+of, grouped(lights, scene), precision),
		figure("state of the largest light"+of, grouped(shown, scene), shareOf(isRight)),
		figure("calibration error of told scores"+of, grouped(lights, scene), calibration),
	}
}
