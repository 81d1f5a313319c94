package profile

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"

	"gopkg.in/yaml.v3"

	"rtmdl/scheduler/task"
)

// ErrManifest is returned for a manifest that does not tell what is needed of it.
var ErrManifest = errors.New("manifest")

// Facts are what is known of a level beside its times.
type Facts struct {
	Accuracy task.Rate   // on the split by which choices are made
	Storage  task.Bytes  // of its own
	Shared   []task.Part // with others of the task
}

// Manifest has the facts of levels, by "task/level".
type Manifest map[string]Facts

// ReadManifest reads of a manifest what a task set takes from it, and of the rest nothing. nil: there is no such file.
// Errors wrap ErrManifest.
func ReadManifest(path string) (Manifest, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // documented
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrManifest, err)
	}
	m, err := parseManifest(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrManifest, path, err)
	}
	return m, nil
}

func parseManifest(data []byte) (Manifest, error) {
	var file struct {
		Tasks []struct {
			Name   string                `yaml:"name"`
			Parts  map[string]task.Bytes `yaml:"parts"`
			Levels []struct {
				Name  string     `yaml:"name"`
				Bytes task.Bytes `yaml:"bytes"`
				Parts []string   `yaml:"parts"`
				Val   struct {
					Value *float64 `yaml:"value"`
				} `yaml:"val"`
			} `yaml:"levels"`
		} `yaml:"tasks"`
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		return nil, err
	}
	m := Manifest{}
	for _, t := range file.Tasks {
		for _, level := range t.Levels {
			name := t.Name + "/" + level.Name
			if level.Val.Value == nil || !(*level.Val.Value >= 0 && *level.Val.Value <= 1) {
				return nil, fmt.Errorf("%s: val.value: want an accuracy of 0 to 1", name)
			}
			facts := Facts{Accuracy: task.Rate(*level.Val.Value), Storage: level.Bytes}
			for _, part := range level.Parts {
				size, ok := t.Parts[part]
				if !ok {
					return nil, fmt.Errorf("%s: parts: the task has no part '%s'; it has %v", name, part, slices.Sorted(maps.Keys(t.Parts)))
				}
				facts.Shared = append(facts.Shared, task.Part{Name: part, Size: size})
			}
			m[name] = facts
		}
	}
	return m, nil
}
