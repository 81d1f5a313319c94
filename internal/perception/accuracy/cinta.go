package accuracy

import "path/filepath"

// ReadCinta reads the index of the traffic light photographs in folder/cinta: frames.csv (columns file, split,
// scene, augmented) and boxes.csv (file, state, x, y, w, h in pixels). Further columns are passed over; file is relative
// to folder. Errors wrap ErrIndex and name the file.
func ReadCinta(folder string) ([]Labelled, error) {
	var x index
	columns := []string{"file", "split", "scene", "augmented"}
	err := x.readFrames(filepath.Join(folder, "cinta", "frames.csv"), folder, columns, func(l *Labelled, rest []string) {
		l.Scene, l.Altered = rest[0], rest[1] != "0"
	})
	if err != nil {
		return nil, err
	}
	state := func(text string) (string, error) { return text, nil }
	return x.photos, x.readBoxes(filepath.Join(folder, "cinta", "boxes.csv"), "state", state)
}
