package manifest

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"path/filepath"
)

// validate checks what can be checked without the files.
func (m *Manifest) validate() error {
	if m.Version != 1 {
		return fmt.Errorf("version: %d; this program reads 1", m.Version)
	}
	if len(m.Tasks) == 0 {
		return errors.New("tasks: there is none")
	}
	var errs []error
	seen := map[string]bool{}
	for _, t := range m.Tasks {
		if seen[t.Name] {
			errs = append(errs, fmt.Errorf("task %q is there twice", t.Name))
		}
		seen[t.Name] = true
		if err := t.validate(); err != nil {
			errs = append(errs, fmt.Errorf("task %q: %w", t.Name, err))
		}
	}
	return errors.Join(errs...)
}

func (t *Task) validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if !isName(t.Name) {
		bad("name: want letters, digits and _")
	}
	if len(t.Labels) == 0 {
		bad("labels: there is none")
	}
	if t.Input.Colour != "rgb" || !(t.Input.Low < t.Input.High) {
		bad("input: want colour rgb, and low below high")
	}
	for _, tensor := range append([]Tensor{t.Input.Tensor}, t.Outputs...) {
		if tensor.Name == "" || tensor.size() == 0 {
			bad("tensor %q: shape %v: want a name and sizes of at least 1", tensor.Name, tensor.Shape)
		}
	}
	if len(t.Outputs) == 0 {
		bad("outputs: there is none")
	}
	if t.Shared != nil {
		if err := t.Shared.validate(); err != nil {
			bad("shared: %w", err)
		}
	} else if len(t.Parts) > 0 {
		bad("parts: there is no shared file that they could be of")
	}
	var sum int64
	for name, size := range t.Parts {
		if size < 0 || size > MostBytes || !isName(name) {
			bad("parts.%s: %d bytes", name, size)
		}
		sum += size
	}
	if t.Shared != nil && sum != t.Shared.Bytes {
		bad("parts: together %d bytes, the shared file has %d", sum, t.Shared.Bytes)
	}
	if len(t.Levels) == 0 {
		bad("levels: there is none")
	}
	seen := map[string]bool{}
	for _, l := range t.Levels {
		if seen[l.Name] {
			bad("level %q is there twice", l.Name)
		}
		seen[l.Name] = true
		if err := l.validate(t.Parts); err != nil {
			bad("level %q: %w", l.Name, err)
		}
	}
	return errors.Join(errs...)
}

func (l *Level) validate(parts map[string]int64) error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if !isName(l.Name) {
		bad("name: want letters, digits and _")
	}
	if err := l.File.validate(); err != nil {
		bad("%w", err)
	}
	if filepath.Ext(l.File.File) != ".onnx" {
		bad("file: %q: want an .onnx file", l.File.File)
	}
	seen := map[string]bool{}
	for _, p := range l.Parts {
		if _, ok := parts[p]; !ok || seen[p] {
			bad("parts: %q is not a part of the task, or there twice", p)
		}
		seen[p] = true
	}
	for name, a := range map[string]Accuracy{"accuracy": l.Accuracy, "val": l.Val} {
		if !(0 <= a.Low && a.Low <= a.High && a.High <= 1 && 0 <= a.Value && a.Value <= 1) || a.Count < 1 {
			bad("%s: %+v: want shares of 0 to 1 and a count", name, a)
		}
	}
	if l.Parameters < 1 || l.MACs < 1 || l.SharedLayers < 0 || math.IsNaN(l.Provenance.TrainMinutes) {
		bad("parameters, macs: want at least 1, shared_layers: at least 0")
	}
	return errors.Join(errs...)
}

func (f *File) validate() error {
	if digest, err := hex.DecodeString(f.SHA256); err != nil || len(digest) != 32 {
		return fmt.Errorf("sha256: %q: want 64 hexadecimal digits", f.SHA256)
	}
	if f.Bytes < 1 || f.Bytes > MostBytes {
		return fmt.Errorf("bytes: %d: %w: want 1 to %d", f.Bytes, ErrTooLarge, int64(MostBytes))
	}
	if !filepath.IsLocal(f.File) {
		return fmt.Errorf("file: %q: %w", f.File, ErrPath)
	}
	return nil
}

// size is the number of elements, 0 for a shape that is empty, has a size below 1 or is larger than MostBytes.
func (t *Tensor) size() int64 {
	if len(t.Shape) == 0 {
		return 0
	}
	n := int64(1)
	for _, d := range t.Shape {
		if d < 1 || d > MostBytes/n {
			return 0
		}
		n *= d
	}
	return n
}

func isName(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' {
			return false
		}
	}
	return s != ""
}
