package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"gopkg.in/yaml.v3"
)

// Named errors of Load, wrapped with the file and the field.
var (
	ErrSyntax   = errors.New("the manifest cannot be read")
	ErrPath     = errors.New("the path leaves the manifest's folder")
	ErrTooLarge = errors.New("the file is too large")
	ErrLength   = errors.New("the file has another length")
	ErrHash     = errors.New("the file has another SHA-256")
	ErrONNX     = errors.New("no ONNX network, or a truncated one")
	ErrLabels   = errors.New("labels are missing or disagree")
	ErrShape    = errors.New("tensors disagree")
	ErrShared   = errors.New("shared tensors lie outside of the task's data file")
)

// MostBytes is the largest manifest, network or data file that is read.
const (
	MostBytes         = 256 << 20
	mostManifestBytes = 4 << 20
)

// Manifest lists the networks of all tasks.
type Manifest struct {
	Version int    `yaml:"version"` // 1
	Tasks   []Task `yaml:"tasks"`
}

// Task is a family of networks.
type Task struct {
	Name    string   `yaml:"name"`
	Labels  []string `yaml:"labels"`
	Input   Input    `yaml:"input"`
	Outputs []Tensor `yaml:"outputs"`
	Metric  string   `yaml:"metric"` // what Accuracy is
	// Shared is the file with the tensors that several levels have; nil: every level stands alone.
	Shared *File `yaml:"shared,omitempty"`
	// Parts are the sections of Shared in bytes. A level names those that it needs.
	Parts  map[string]int64 `yaml:"parts,omitempty"`
	Levels []Level          `yaml:"levels"` // the largest first
}

// Tensor is an input or output with its shape; every size is at least 1.
type Tensor struct {
	Name  string  `yaml:"name"`
	Shape []int64 `yaml:"shape,flow"`
}

// Input is a network's input: a picture whose values go from Low to High.
type Input struct {
	Tensor `yaml:",inline"`
	Colour string  `yaml:"colour"` // rgb
	Low    float64 `yaml:"low"`
	High   float64 `yaml:"high"`
}

// File is a file with what it must be. Its name is relative to the manifest's folder.
type File struct {
	File   string `yaml:"file"`
	SHA256 string `yaml:"sha256"` // 64 hexadecimal digits
	Bytes  int64  `yaml:"bytes"`
}

// Level is one network of a family.
type Level struct {
	Name         string `yaml:"name"`
	File         `yaml:",inline"`
	Parts        []string   `yaml:"parts,flow"`
	SharedLayers int        `yaml:"shared_layers"` // how many first layers it has in common with the largest network
	Accuracy     Accuracy   `yaml:"accuracy"`      // on test
	Val          Accuracy   `yaml:"val"`           // on val: what choices are made by
	Parameters   int64      `yaml:"parameters"`
	MACs         int64      `yaml:"macs"`
	Provenance   Provenance `yaml:"provenance"`
}

// Accuracy is a share with its 95 % interval, all 0 to 1, and the number of pictures that it is made of.
type Accuracy struct {
	Value float64 `yaml:"value"`
	Low   float64 `yaml:"low"`
	High  float64 `yaml:"high"`
	Count int     `yaml:"count"`
}

// Provenance says how a network was trained.
type Provenance struct {
	Seed         int     `yaml:"seed"`
	Epochs       int     `yaml:"epochs"`
	TrainMinutes float64 `yaml:"train_minutes"`
	Data         string  `yaml:"data"`
	Git          string  `yaml:"git"`
}

// Load reads a manifest and checks every file that it names.
func Load(path string) (*Manifest, error) {
	data, err := readFile(path, mostManifestBytes)
	if err != nil {
		return nil, err
	}
	m, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var errs []error
	for _, t := range m.Tasks {
		if err := t.check(filepath.Dir(path)); err != nil {
			errs = append(errs, fmt.Errorf("%s: task %s: %w", path, t.Name, err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return m, nil
}

// Parse reads a manifest without looking at the files that it names. Errors wrap ErrSyntax.
func Parse(data []byte) (*Manifest, error) {
	var m Manifest
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(&m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSyntax, err)
	}
	if err := d.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: more than one document", ErrSyntax)
	}
	if err := m.validate(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSyntax, err)
	}
	return &m, nil
}

// Encode returns the manifest as YAML.
func (m *Manifest) Encode() ([]byte, error) {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := errors.Join(e.Encode(m), e.Close()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Task returns the task with a name, or nil.
func (m *Manifest) Task(name string) *Task {
	i := slices.IndexFunc(m.Tasks, func(t Task) bool { return t.Name == name })
	if i < 0 {
		return nil
	}
	return &m.Tasks[i]
}

// Level returns the level with a name, or nil.
func (t *Task) Level(name string) *Level {
	i := slices.IndexFunc(t.Levels, func(l Level) bool { return l.Name == name })
	if i < 0 {
		return nil
	}
	return &t.Levels[i]
}

// Storage returns the bytes of the levels with these names together: their own, and each part that one of them needs
// once. Names that the task does not have count nothing.
func (t *Task) Storage(names ...string) int64 {
	var sum int64
	used := map[string]bool{}
	for _, name := range names {
		l := t.Level(name)
		if l == nil {
			continue
		}
		sum += l.Bytes
		for _, p := range l.Parts {
			if !used[p] {
				used[p] = true
				sum += t.Parts[p]
			}
		}
	}
	return sum
}
