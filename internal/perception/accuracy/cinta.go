package accuracy

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"rtmdl/internal/perception"
)

// ErrIndex is returned for an index of photographs that can't be read.
var ErrIndex = errors.New("index of photographs")

// Labelled is a photograph of a data set with its boxes.
type Labelled struct {
	File    string // path of the JPEG
	Split   string // train, val or test
	Scene   string // photographs of one scene show the same place
	Altered bool   // only a turned or cut copy of the photograph exists
	Truth   []perception.Detection
}

// ReadCinta reads the index of the traffic light photographs in folder/cinta: frames.csv (columns file, split,
// scene, augmented) and boxes.csv (file, state, x, y, w, h in pixels). Further columns are passed over; file is relative
// to folder. Errors wrap ErrIndex and name the file.
func ReadCinta(folder string) ([]Labelled, error) {
	var photos []Labelled
	index := map[string]int{}
	err := readTable(filepath.Join(folder, "cinta", "frames.csv"), []string{"file", "split", "scene", "augmented"}, func(row []string) error {
		if _, twice := index[row[0]]; twice {
			return fmt.Errorf("%s stands there twice", row[0])
		}
		index[row[0]] = len(photos)
		photos = append(photos, Labelled{
			File: filepath.Join(folder, filepath.FromSlash(row[0])), Split: row[1], Scene: row[2], Altered: row[3] != "0",
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	columns := []string{"file", "state", "x", "y", "w", "h"}
	return photos, readTable(filepath.Join(folder, "cinta", "boxes.csv"), columns, func(row []string) error {
		i, ok := index[row[0]]
		if !ok {
			return fmt.Errorf("%s is not among the frames", row[0])
		}
		var numbers [4]float64
		for j := range numbers {
			n, err := strconv.ParseFloat(row[2+j], 64)
			if err != nil {
				return fmt.Errorf("%s: %w", columns[2+j], err)
			}
			numbers[j] = n
		}
		photos[i].Truth = append(photos[i].Truth, perception.Detection{
			Label: row[1], X: numbers[0], Y: numbers[1], Width: numbers[2], Height: numbers[3],
		})
		return nil
	})
}

// readTable hands the named columns of each row to a function.
func readTable(path string, columns []string, take func(row []string) error) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrIndex, err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	reader := csv.NewReader(file)
	head, err := reader.Read()
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrIndex, path, err)
	}
	at := make([]int, len(columns))
	for i, c := range columns {
		if at[i] = slices.Index(head, c); at[i] < 0 {
			return fmt.Errorf("%w: %s has no column %s", ErrIndex, path, c)
		}
	}
	for row := make([]string, len(columns)); ; {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: %s: %w", ErrIndex, path, err)
		}
		for i := range columns {
			row[i] = record[at[i]]
		}
		if err := take(row); err != nil {
			line, _ := reader.FieldPos(0)
			return fmt.Errorf("%w: %s: line %d: %w", ErrIndex, path, line, err)
		}
	}
}
