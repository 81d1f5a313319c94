package accuracy

import (
	"fmt"
	"path/filepath"
	"strconv"
)

// ReadSignFrames reads the index of the road frames in folder: frames.csv (columns file, split) and boxes.csv (file,
// class, x, y, w, h in pixels). The labels are those of the classes, by number. Further columns are passed over;
// file is relative to folder. Errors wrap ErrIndex and name the file.
func ReadSignFrames(folder string, labels []string) ([]Labelled, error) {
	var x index
	err := x.readFrames(filepath.Join(folder, "frames.csv"), folder, []string{"file", "split"}, func(*Labelled, []string) {})
	if err != nil {
		return nil, err
	}
	return x.photos, x.readBoxes(filepath.Join(folder, "boxes.csv"), "class", func(text string) (string, error) {
		return class(labels, text)
	})
}

// Crop is a picture of one sign.
type Crop struct {
	File  string // path of the JPEG
	Split string // train, val, test or official_test
	Track string // crops of one track show the same sign; "": not known
	Label string
}

// ReadSignCrops reads the index of the crops in folder, index.csv (columns file, split, class, track), as
// ReadSignFrames does. Crops without a sign (class -1) are left out.
func ReadSignCrops(folder string, labels []string) ([]Crop, error) {
	var crops []Crop
	path := filepath.Join(folder, "index.csv")
	return crops, readTable(path, []string{"file", "split", "class", "track"}, func(row []string) error {
		if row[2] == "-1" {
			return nil
		}
		label, err := class(labels, row[2])
		if err != nil {
			return fmt.Errorf("class: %w", err)
		}
		c := Crop{File: filepath.Join(folder, filepath.FromSlash(row[0])), Split: row[1], Label: label}
		if row[3] != "" {
			c.Track = row[2] + "/" + row[3]
		}
		crops = append(crops, c)
		return nil
	})
}

// class is the label of a class that is given by number.
func class(labels []string, number string) (string, error) {
	n, err := strconv.Atoi(number)
	if err != nil {
		return "", err
	}
	if n < 0 || n >= len(labels) {
		return "", fmt.Errorf("%d: there are labels for 0 to %d", n, len(labels)-1)
	}
	return labels[n], nil
}
