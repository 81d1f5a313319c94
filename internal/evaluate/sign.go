package evaluate

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"rtmdl/internal/manifest"
	"rtmdl/internal/perception"
	"rtmdl/internal/perception/accuracy"
	"rtmdl/internal/perception/detector"
	"rtmdl/internal/perception/sign"
)

// minSignWidth is the width in pixels below which a sign is not looked for.
const minSignWidth = 16

// signClasses is the number of GTSRB's classes. The order of the labels is theirs.
const signClasses = 43

// signGroups are the three groups of GTSDB by class; the other eight classes are in none.
var signGroups = []struct {
	name    string
	classes []int
}{
	{"prohibitory", []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 15, 16}},
	{"danger", []int{11, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31}},
	{"mandatory", []int{33, 34, 35, 36, 37, 38, 39, 40}},
}

// roadFrame is a frame with all that was found, for the average precision, and with what was told.
type roadFrame struct{ found, told accuracy.Photo }

// Sign evaluates on the road frames in Data/sign_frames: the average precision of GTSDB's groups at an overlap of
// 0.5, that of signs whatever their class, and micro F1 over the 43 classes and calibration error of what is told; signs
// narrower than 16 pixels, and detections on them, are left out. Then it evaluates the classifier alone on the crops in Data/gtsrb:
// the share that is classed right ('not a sign' is wrong); for the split test these are GTSRB's own official_test, and
// models without a classifier alone, as rtmdl scale writes them, have no such figure.
// Intervals are over frames, and over tracks of crops where they are known.
func Sign(ctx context.Context, o Options) ([]Figure, error) {
	frames, err := signFrames(ctx, o)
	if err != nil {
		return nil, err
	}
	crops, err := signCrops(ctx, o)
	if errors.Is(err, manifest.ErrUnknown) {
		return frames, nil
	}
	return append(frames, crops...), err
}

func signFrames(ctx context.Context, o Options) (_ []Figure, err error) {
	n, err := open(&o, sign.Name, o.variant())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, n.close()) }()
	if len(n.labels) != signClasses {
		return nil, fmt.Errorf("%w: %d labels; the data has %d classes", perception.ErrLabels, len(n.labels), signClasses)
	}
	folder := filepath.Join(o.Data, "sign_frames")
	all, err := accuracy.ReadSignFrames(folder, n.labels)
	if err != nil {
		return nil, err
	}
	labelled := only(all, func(l accuracy.Labelled) bool { return o.takes(l.Split) })
	if len(labelled) == 0 {
		return nil, fmt.Errorf("%w: %s has no frames of the split '%s'", ErrData, folder, o.Split)
	}
	sure, err1 := detector.New(n.model, n.labels, 0)       // as the node runs
	whole, err2 := detector.New(n.model, n.labels, unsure) // average precision needs all that was found
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	var frames []roadFrame
	err = each(ctx, &o, labelled, func(l accuracy.Labelled) error {
		frame, out, err := n.runFile(sure, l.File)
		if err != nil {
			return err
		}
		told, err1 := sure.Post(frame, out)
		found, err2 := whole.Post(frame, out)
		if err := errors.Join(err1, err2); err != nil {
			return fmt.Errorf("%s: %w", l.File, err)
		}
		photo := func(value any) accuracy.Photo {
			p := accuracy.Photo{Truth: l.Truth, Found: value.(detector.Result).Detections}
			return accuracy.WithoutSmall(p, minSignWidth, 0.5)
		}
		f := roadFrame{found: photo(found), told: photo(told)}
		frames = append(frames, f)
		c := Case{File: l.File, Truth: fmt.Sprintf("%d signs", len(f.told.Truth)), Told: fmt.Sprint(len(f.told.Found)),
			Wanted: f.told.Truth, Found: f.told.Found}
		if len(c.Wanted)+len(c.Found) > 0 {
			c.Badness = 1 - accuracy.MicroF1([]accuracy.Photo{f.told}, n.labels, 0.5)
		}
		o.tell(c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return frameFigures(frames, n.labels), nil
}

func frameFigures(frames []roadFrame, labels []string) []Figure {
	single := singly(frames) // the frames have no scenes
	told := func(of func([]accuracy.Photo, []string, float64) float64) func(frames []roadFrame) float64 {
		return func(frames []roadFrame) float64 {
			photos := make([]accuracy.Photo, len(frames))
			for i, f := range frames {
				photos[i] = f.told
			}
			return of(photos, labels, 0.5)
		}
	}
	precision := func(group func(label string) string, names ...string) func(frames []roadFrame) float64 {
		return func(frames []roadFrame) float64 {
			photos := make([]accuracy.Photo, len(frames))
			for i, f := range frames {
				photos[i] = relabelled(f.found, group)
			}
			mean, _ := accuracy.Mean(photos, names, 0.5)
			return mean
		}
	}
	group, names := groupOf(labels)
	figures := []Figure{
		figure("micro F1 of signs over 43 classes", single, told(accuracy.MicroF1)),
		figure("AP at 0.5 of signs, mean of "+strings.Join(names, ", "), single, precision(group, names...)),
	}
	for _, name := range names {
		figures = append(figures, figure("AP at 0.5 of signs, "+name, single, precision(group, name)))
	}
	signs := precision(func(string) string { return "sign" }, "sign")
	return append(figures, figure("AP at 0.5 of signs, whatever the class", single, signs),
		figure("calibration error of told scores", single, told(accuracy.CalibrationError)))
}

// groupOf returns what tells a label's group ("" for those in none) and the groups' names.
func groupOf(labels []string) (group func(label string) string, names []string) {
	of := map[string]string{}
	for _, g := range signGroups {
		names = append(names, g.name)
		for _, c := range g.classes {
			of[labels[c]] = g.name
		}
	}
	return func(label string) string { return of[label] }, names
}

func relabelled(p accuracy.Photo, label func(string) string) accuracy.Photo {
	change := func(boxes []perception.Detection) []perception.Detection {
		out := make([]perception.Detection, len(boxes))
		for i, b := range boxes {
			b.Label = label(b.Label)
			out[i] = b
		}
		return out
	}
	return accuracy.Photo{Truth: change(p.Truth), Found: change(p.Found)}
}

// signCrop is a crop that was classified.
type signCrop struct {
	crop  accuracy.Crop
	right bool
}

func signCrops(ctx context.Context, o Options) (_ []Figure, err error) {
	file := "classifier"
	if v := o.variant(); v != "w100" {
		file += "_" + v
	}
	n, err := open(&o, sign.Name, file)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, n.close()) }()
	classifier, err := sign.NewClassifier(n.model, n.labels)
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(o.Data, "gtsrb")
	all, err := accuracy.ReadSignCrops(folder, n.labels)
	if err != nil {
		return nil, err
	}
	if o.Split == "" || o.Split == "test" {
		o.Split = "official_test"
	}
	chosen := only(all, func(c accuracy.Crop) bool { return o.takes(c.Split) })
	if len(chosen) == 0 {
		return nil, fmt.Errorf("%w: %s has no crops of the split '%s'", ErrData, folder, o.Split)
	}
	var crops []signCrop
	err = each(ctx, &o, chosen, func(c accuracy.Crop) error {
		frame, out, err := n.runFile(classifier, c.File)
		if err != nil {
			return err
		}
		value, err := classifier.Post(frame, out)
		if err != nil {
			return fmt.Errorf("%s: %w", c.File, err)
		}
		label, _ := value.(string)
		crops = append(crops, signCrop{c, label == c.Label})
		told := Case{File: c.File, Truth: c.Label, Told: label, Pairs: []Pair{{c.Label, label, 1}}}
		if label != c.Label {
			told.Badness = 0.5
		}
		o.tell(told)
		return nil
	})
	if err != nil {
		return nil, err
	}
	track := func(c signCrop) string {
		if c.crop.Track == "" {
			return c.crop.File
		}
		return c.crop.Track
	}
	right := shareOf(func(c signCrop) bool { return c.right })
	return []Figure{figure("top-1 of sign crops ("+o.Split+")", grouped(crops, track), right)}, nil
}
