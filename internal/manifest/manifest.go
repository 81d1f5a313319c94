package manifest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"gopkg.in/yaml.v3"

	"rtmdl/scheduler/task"
)

// MaxFile is the size in bytes of the largest network or shared file that is read, and MaxManifest that of the
// largest manifest.
const (
	MaxFile     = 256 << 20
	MaxManifest = 1 << 20
)

// Name is the manifest's name in its folder.
const Name = "manifest.yaml"

// Manifest is what models/manifest.yaml says.
type Manifest struct {
	Folder  string `yaml:"-"`       // where it lies, and what its paths are relative to
	Copy    string `yaml:"-"`       // where LoadCopy has put the files; "": Load has not
	Version int64  `yaml:"version"` // 1
	Tasks   []Task `yaml:"tasks"`   // at least one
}

// Task is one task with its networks.
type Task struct {
	Name    string           `yaml:"name"`
	Labels  []string         `yaml:"labels,flow"` // by class
	Input   Input            `yaml:"input,flow"`
	Outputs []Tensor         `yaml:"outputs"`
	Metric  string           `yaml:"metric"`           // what accuracies are, such as mAP at IoU 0.5
	Shared  *File            `yaml:"shared,omitempty"` // nil: nothing is shared
	Parts   map[string]int64 `yaml:"parts,omitempty"`  // sections of the shared file, bytes (> 0)
	Levels  []Level          `yaml:"levels"`           // by falling cost, the largest first
	Extras  []Extra          `yaml:"extras,omitempty"` // that the suite does not run
}

// Tensor is an input or output of a network.
type Tensor struct {
	Name  string  `yaml:"name"`
	Shape []int64 `yaml:"shape,flow"` // > 0
}

// Input is the tensor a network takes, and what its numbers are.
type Input struct {
	Tensor `yaml:",inline"`
	Colour string  `yaml:"colour"` // rgb, bgr or grey
	Low    float64 `yaml:"low"`    // of black
	High   float64 `yaml:"high"`   // of full intensity, above Low
}

// File is a file with what it must be.
type File struct {
	Path   string `yaml:"file"`   // relative to the manifest's folder, with slashes
	SHA256 string `yaml:"sha256"` // 64 small hex digits
	Bytes  int64  `yaml:"bytes"`  // 1 to MaxFile
}

// Level is one network of a task.
type Level struct {
	Name         string `yaml:"name"`
	File         `yaml:",inline"`
	Parts        []string   `yaml:"parts,flow"`    // those of the task that it needs
	SharedLayers int64      `yaml:"shared_layers"` // first layers taken from the largest; 0: none, or it is the largest
	Accuracy     Accuracy   `yaml:"accuracy,flow"` // on the test split
	Val          Accuracy   `yaml:"val,flow"`      // on the split that choices are made by
	Parameters   int64      `yaml:"parameters"`    // > 0
	MACs         int64      `yaml:"macs"`          // multiply-accumulates a frame, > 0
	Provenance   Provenance `yaml:"provenance,flow"`
}

// Extra is a network beside the levels, such as one half of them alone, for figures on it. Its labels are for its user
// to check.
type Extra struct {
	Name    string `yaml:"name"`
	File    `yaml:",inline"`
	Parts   []string `yaml:"parts,flow"` // those of the task that it needs
	Input   Input    `yaml:"input,flow"`
	Outputs []Tensor `yaml:"outputs"`
}

// Accuracy is a value with its 95 % interval.
type Accuracy struct {
	Value float64 `yaml:"value"` // 0 to 1, from Low to High
	Low   float64 `yaml:"low"`
	High  float64 `yaml:"high"`
	Count int64   `yaml:"count"` // pictures or objects, > 0
}

// Provenance says where a network comes from.
type Provenance struct {
	Seed         int64   `yaml:"seed"`
	Epochs       int64   `yaml:"epochs"`        // >= 0
	TrainMinutes float64 `yaml:"train_minutes"` // >= 0
	Machine      string  `yaml:"machine"`       // what it was trained on
	Data         string  `yaml:"data"`
	Git          string  `yaml:"git"`
}

// Path returns where a file of the manifest lies.
func (m *Manifest) Path(f *File) string { return filepath.Join(m.Folder, filepath.FromSlash(f.Path)) }

// Checked returns where the bytes of a file lie that were checked: in the copy that LoadCopy has made, else at Path.
func (m *Manifest) Checked(f *File) string {
	if m.Copy == "" {
		return m.Path(f)
	}
	return filepath.Join(m.Copy, filepath.FromSlash(f.Path))
}

// Task returns the task of that name, or nil.
func (m *Manifest) Task(name string) *Task {
	for i := range m.Tasks {
		if m.Tasks[i].Name == name {
			return &m.Tasks[i]
		}
	}
	return nil
}

// Level returns the level of that name, or nil.
func (t *Task) Level(name string) *Level {
	for i := range t.Levels {
		if t.Levels[i].Name == name {
			return &t.Levels[i]
		}
	}
	return nil
}

// Variant returns a level of the task as a planner has it, without times. Its accuracy is that on val: choices are made by it,
// and none by the test split.
func (t *Task) Variant(l *Level) task.Variant {
	v := task.Variant{Name: l.Name, Accuracy: task.Rate(l.Val.Value), Storage: task.Bytes(l.Bytes)}
	for _, part := range l.Parts {
		v.Shared = append(v.Shared, task.Part{Name: part, Size: task.Bytes(t.Parts[part])})
	}
	return v
}

// Network returns the file of the level or the extra of that name, or nil.
func (t *Task) Network(name string) *File {
	for _, n := range t.networks() {
		if n.name == name {
			return n.File
		}
	}
	return nil
}

// network is what a level and an extra have in common.
type network struct {
	at, name string // at: its field in the task
	*File
	parts   []string
	input   Tensor
	outputs []Tensor
	labels  []string // nil: whatever it has
}

// networks returns the levels, then the extras.
func (t *Task) networks() []network {
	var all []network
	for i := range t.Levels {
		l := &t.Levels[i]
		all = append(all, network{fmt.Sprintf("levels[%d]", i), l.Name, &l.File, l.Parts, t.Input.Tensor, t.Outputs, t.Labels})
	}
	for i := range t.Extras {
		e := &t.Extras[i]
		all = append(all, network{fmt.Sprintf("extras[%d]", i), e.Name, &e.File, e.Parts, e.Input.Tensor, e.Outputs, nil})
	}
	return all
}

// Storage returns the bytes that levels take together: each one's own file, and the parts they need, once. Errors
// wrap ErrUnknown.
func (t *Task) Storage(levels ...string) (int64, error) {
	var total int64
	seen := map[string]bool{}
	add := func(kind, name string, bytes int64) {
		if key := kind + name; !seen[key] {
			seen[key] = true
			total += bytes
		}
	}
	for _, name := range levels {
		l := t.Level(name)
		if l == nil {
			return 0, fmt.Errorf("%w: task %s has none named %q", ErrUnknown, t.Name, name)
		}
		add("level ", name, l.Bytes)
		for _, part := range l.Parts {
			add("part ", part, t.Parts[part])
		}
	}
	return total, nil
}

// Encode returns the manifest as YAML that Load reads. It checks nothing.
func (m *Manifest) Encode() ([]byte, error) {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(m); err != nil {
		return nil, err
	}
	return b.Bytes(), e.Close()
}

// Write writes the manifest to path, aside first and then renamed.
func (m *Manifest) Write(path string) error {
	data, err := m.Encode()
	if err != nil {
		return err
	}
	aside := path + ".part"
	if err := os.WriteFile(aside, data, 0o644); err != nil {
		return err
	}
	return os.Rename(aside, path)
}
