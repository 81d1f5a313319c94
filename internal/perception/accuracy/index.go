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
	Scene   string // photographs of one scene show the same place; "": not known
	Altered bool   // only a turned or cut copy of the photograph exists
	Truth   []perception.Detection
}

// index is a data set as it is read: photographs, found again by the name that the tables have for them.
type index struct {
	photos []Labelled
	at     map[string]int
}

// readFrames reads the table of the photographs, whose first columns must be file and split; fill takes the rest of
// the columns. File names are relative to folder.
func (x *index) readFrames(path, folder string, columns []string, fill func(l *Labelled, rest []string)) error {
	x.at = map[string]int{}
	return readTable(path, columns, func(row []string) error {
		if _, twice := x.at[row[0]]; twice {
			return fmt.Errorf("%s stands there twice", row[0])
		}
		x.at[row[0]] = len(x.photos)
		l := Labelled{File: filepath.Join(folder, filepath.FromSlash(row[0])), Split: row[1]}
		fill(&l, row[2:])
		x.photos = append(x.photos, l)
		return nil
	})
}

// readBoxes reads the table of the boxes: columns file, x, y, w, h in pixels, and one that label understands.
func (x *index) readBoxes(path, labelColumn string, label func(text string) (string, error)) error {
	columns := []string{"file", labelColumn, "x", "y", "w", "h"}
	return readTable(path, columns, func(row []string) error {
		i, ok := x.at[row[0]]
		if !ok {
			return fmt.Errorf("%s is not among the frames", row[0])
		}
		l, err := label(row[1])
		if err != nil {
			return fmt.Errorf("%s: %w", labelColumn, err)
		}
		var numbers [4]float64
		for j := range numbers {
			if numbers[j], err = strconv.ParseFloat(row[2+j], 64); err != nil {
				return fmt.Errorf("%s: %w", columns[2+j], err)
			}
		}
		x.photos[i].Truth = append(x.photos[i].Truth, perception.Detection{
			Label: l, X: numbers[0], Y: numbers[1], Width: numbers[2], Height: numbers[3],
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
