package evaluate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"gocv.io/x/gocv"

	"rtmdl/internal/camera"
	"rtmdl/internal/perception"
	"rtmdl/internal/perception/accuracy"
	"rtmdl/internal/perception/lane"
)

// laneTolerance is how far a marked pixel may lie from a labelled one to count for F1, in pixels of the map.
const laneTolerance = 3

// lateralWidth is the width in pixels of the picture in which lines' distances are told.
const lateralWidth = 160

// Lane evaluates on the pictures in Data/lanes, by source: the intersection over union of the marked pixels, and the F1
// score of marked pixels that lie within 3 pixels of labelled ones and the other way round, both at the size of the
// network's map and at its threshold, summed over the pictures. Then the lines: the median over rows of how far those
// that were followed lie beside those that are followed in the mask, in pixels of a picture 160 wide, where both are
// seen, and the share of rows with a line in the mask that have both. The index has no scenes, so intervals are over
// pictures: neighbours are alike, and the truth is less certain than they say.
func Lane(ctx context.Context, o Options) (_ []Figure, err error) {
	all, err := accuracy.ReadLanes(filepath.Join(o.Data, "lanes"))
	if err != nil {
		return nil, err
	}
	pictures := only(all, func(p accuracy.Masked) bool { return o.takes(p.Split) })
	if len(pictures) == 0 {
		return nil, fmt.Errorf("%w: %s has no pictures of the split '%s'", ErrData, filepath.Join(o.Data, "lanes"), o.Split)
	}
	n, err := open(&o, lane.Name, o.variant())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, n.close()) }()
	finder, err := lane.New(n.model, n.labels, 0)
	if err != nil {
		return nil, err
	}
	width, height := finder.Size()
	counts, beside := map[string][]accuracy.Overlap{}, map[string][][]float64{}
	var sources []string
	err = each(ctx, &o, pictures, func(p accuracy.Masked) error {
		frame, out, err := n.runFile(finder, p.File)
		if err != nil {
			return err
		}
		truth, err := readMask(p.Mask, width, height)
		if err != nil {
			return err
		}
		found := make([]bool, width*height)
		for i, v := range out[0] {
			found[i] = float64(v) >= finder.Threshold()
		}
		if counts[p.Source] == nil {
			sources = append(sources, p.Source)
		}
		overlap := accuracy.CompareMasks(found, truth, width, laneTolerance)
		counts[p.Source] = append(counts[p.Source], overlap)
		distances, err := lateral(finder, frame, out, truth)
		if err != nil {
			return fmt.Errorf("%s: %w", p.File, err)
		}
		beside[p.Source] = append(beside[p.Source], distances)
		c := Case{File: p.File, Truth: p.Source, Told: fmt.Sprintf("F1 %.2f", overlap.F1()), Marked: found, Labelled: truth,
			Width: width, Pairs: []Pair{
				{"marking", "marking", overlap.Both}, {"marking", "floor", overlap.Truth - overlap.Both},
				{"floor", "marking", overlap.Found - overlap.Both}, {"floor", "floor", len(found) - overlap.Either},
			}}
		if overlap.Either > 0 {
			c.Badness = 1 - overlap.F1()
		}
		o.tell(c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	var figures []Figure
	for _, s := range sources {
		single := singly(counts[s])
		figures = append(figures,
			figure("IoU, "+s, single, func(c []accuracy.Overlap) float64 { return accuracy.SumOverlaps(c).IoU() }),
			figure(fmt.Sprintf("F1 at %d px, %s", laneTolerance, s), single, func(c []accuracy.Overlap) float64 { return accuracy.SumOverlaps(c).F1() }),
			figure("lateral error of lines at 160 px, median, "+s, singly(beside[s]), medianSeen),
			figure("rows whose line was found, "+s, singly(beside[s]), shareSeen))
	}
	return figures, nil
}

// lateral returns how far the lines found lie beside those of the mask, in pixels of a picture 160 wide, at each vertex
// of the latter; not a number where there is none beside it.
func lateral(finder *lane.Finder, frame *camera.Frame, out [][]float32, truth []bool) ([]float64, error) {
	mask := make([]float32, len(truth))
	for i, marked := range truth {
		if marked {
			mask[i] = 1
		}
	}
	found, err1 := finder.Post(frame, out)
	wanted, err2 := finder.Post(frame, [][]float32{mask})
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	f, w := found.(lane.Result), wanted.(lane.Result)
	var distances []float64
	for _, pair := range [][2]lane.Line{{w.Left, f.Left}, {w.Right, f.Right}} {
		for _, p := range pair[0].Points {
			distances = append(distances, math.Abs(pair[1].At(p.Y)-p.X)*lateralWidth/float64(w.Width))
		}
	}
	return distances, nil
}

// medianSeen is the median of the numbers among the distances; not a number where there are none.
func medianSeen(pictures [][]float64) float64 {
	numbers := only(slices.Concat(pictures...), func(d float64) bool { return !math.IsNaN(d) })
	if len(numbers) == 0 {
		return math.NaN()
	}
	slices.Sort(numbers)
	return numbers[len(numbers)/2]
}

// shareSeen is the share of numbers among the distances.
func shareSeen(pictures [][]float64) float64 {
	return shareOf(func(d float64) bool { return !math.IsNaN(d) })(slices.Concat(pictures...))
}

// readMask reads a mask, 8 bit, stretched as the frame is, as pixels of which at least half is labelled.
func readMask(path string, width, height int) ([]bool, error) {
	mask := gocv.IMRead(path, gocv.IMReadGrayScale)
	defer mask.Close() //nolint:errcheck // frees memory
	if mask.Empty() {
		return nil, fmt.Errorf("%w: %s can't be read as a picture", ErrData, path)
	}
	small := gocv.NewMat()
	defer small.Close() //nolint:errcheck // frees memory
	perception.Stretch(mask, &small, width, height)
	pixels, err := small.DataPtrUint8() // valid until small is closed
	if err != nil {
		return nil, err
	}
	truth := make([]bool, len(pixels))
	for i, v := range pixels {
		truth[i] = v >= 128
	}
	return truth, nil
}
