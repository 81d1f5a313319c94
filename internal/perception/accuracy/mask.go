package accuracy

import (
	"fmt"
	"math"
	"path/filepath"
)

// Masked is a picture of a data set with a mask of what it shows.
type Masked struct {
	File, Mask string // paths of the picture and of its mask, white where it is marked
	Split      string // train, val or test
	Source     string // data set that it is from
}

// ReadLanes reads the index of the pictures of lanes in folder: index.csv (columns file, mask, split, source).
// Further columns are passed over; files are relative to folder. Errors wrap ErrIndex and name the file.
func ReadLanes(folder string) ([]Masked, error) {
	var pictures []Masked
	seen := map[string]bool{}
	err := readTable(filepath.Join(folder, "index.csv"), []string{"file", "mask", "split", "source"}, func(row []string) error {
		if seen[row[0]] {
			return fmt.Errorf("%s stands there twice", row[0])
		}
		seen[row[0]] = true
		pictures = append(pictures, Masked{
			File: filepath.Join(folder, filepath.FromSlash(row[0])), Mask: filepath.Join(folder, filepath.FromSlash(row[1])),
			Split: row[2], Source: row[3],
		})
		return nil
	})
	return pictures, err
}

// Overlap counts the pixels of two masks, or of many pairs.
type Overlap struct {
	Both, Either     int // marked in both, in at least one
	Found, FoundNear int // marked in the mask found; of those, near a pixel of the truth
	Truth, TruthNear int // marked in the truth; of those, near a pixel of the mask found
}

// IoU returns the intersection over union, 0 to 1; NaN where nothing is marked at all.
func (o Overlap) IoU() float64 { return float64(o.Both) / float64(o.Either) }

// F1 returns the harmonic mean of the shares FoundNear of Found and TruthNear of Truth, 0 to 1; NaN where nothing is
// marked at all, 0 where one of the masks is empty.
func (o Overlap) F1() float64 {
	switch {
	case o.Found == 0 && o.Truth == 0:
		return math.NaN()
	case o.FoundNear == 0 || o.TruthNear == 0:
		return 0
	}
	precision, recall := float64(o.FoundNear)/float64(o.Found), float64(o.TruthNear)/float64(o.Truth)
	return 2 * precision * recall / (precision + recall)
}

// SumOverlaps adds counts up.
func SumOverlaps(counts []Overlap) (sum Overlap) {
	for _, c := range counts {
		sum.Both += c.Both
		sum.Either += c.Either
		sum.Found += c.Found
		sum.FoundNear += c.FoundNear
		sum.Truth += c.Truth
		sum.TruthNear += c.TruthNear
	}
	return sum
}

// CompareMasks counts the pixels of two masks of the same size, rows of so many pixels. Near is at a distance of at
// most `reach` pixels.
func CompareMasks(found, truth []bool, width, reach int) Overlap {
	var o Overlap
	foundNear, truthNear := widened(found, width, reach), widened(truth, width, reach)
	for i := range found {
		if found[i] || truth[i] {
			o.Either++
		}
		if found[i] && truth[i] {
			o.Both++
		}
		if found[i] {
			o.Found++
			if truthNear[i] {
				o.FoundNear++
			}
		}
		if truth[i] {
			o.Truth++
			if foundNear[i] {
				o.TruthNear++
			}
		}
	}
	return o
}

// widened marks all pixels at a distance of at most `reach` from a marked one.
func widened(mask []bool, width, reach int) []bool {
	wide := make([]bool, len(mask))
	height := len(mask) / width
	for i, m := range mask {
		if !m {
			continue
		}
		x, y := i%width, i/width
		for dy := max(-reach, -y); dy <= min(reach, height-1-y); dy++ {
			for dx := max(-reach, -x); dx <= min(reach, width-1-x); dx++ {
				if dx*dx+dy*dy <= reach*reach {
					wide[i+dy*width+dx] = true
				}
			}
		}
	}
	return wide
}
