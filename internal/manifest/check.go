package manifest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// check looks at the files of a task, whose names are relative to folder.
func (t *Task) check(folder string) error {
	var errs []error
	if t.Shared != nil {
		if _, err := t.Shared.read(folder); err != nil {
			errs = append(errs, err)
		}
	}
	for i := range t.Levels {
		if err := t.checkLevel(&t.Levels[i], folder); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (t *Task) checkLevel(l *Level, folder string) error {
	data, err := l.read(folder)
	if err != nil {
		return err
	}
	path := filepath.Join(folder, l.File.File)
	n, err := readNetwork(data)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if got := n.metadata["labels"]; got != strings.Join(t.Labels, ",") {
		return fmt.Errorf("%s: %w: the network has %q, the manifest %q; export it again, or mend the manifest", path, ErrLabels, got, t.Labels)
	}
	file := filepath.Join(filepath.Dir(path), "labels.txt")
	text, err := readFile(file, mostManifestBytes)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrLabels, err)
	}
	if got := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"); !slices.Equal(got, t.Labels) {
		return fmt.Errorf("%s: %w: %q, the manifest has %q", file, ErrLabels, got, t.Labels)
	}
	if err := sameTensors("inputs", n.inputs, []Tensor{t.Input.Tensor}); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := sameTensors("outputs", n.outputs, t.Outputs); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, e := range n.external {
		if t.Shared == nil || filepath.Join(filepath.Dir(l.File.File), e.location) != filepath.Clean(t.Shared.File) {
			return fmt.Errorf("%s: %w: a tensor lies in %q", path, ErrShared, e.location)
		}
		if e.offset < 0 || e.length < 0 || e.offset > t.Shared.Bytes || e.length > t.Shared.Bytes-e.offset {
			return fmt.Errorf("%s: %w: %d bytes from %d on, of %d", path, ErrShared, e.length, e.offset, t.Shared.Bytes)
		}
	}
	return nil
}

func sameTensors(what string, got, want []Tensor) error {
	if !slices.EqualFunc(got, want, func(a, b Tensor) bool { return a.Name == b.Name && slices.Equal(a.Shape, b.Shape) }) {
		return fmt.Errorf("%w: %s %v, the manifest has %v", ErrShape, what, got, want)
	}
	return nil
}

// read returns a file that is what the manifest says.
func (f *File) read(folder string) ([]byte, error) {
	path := filepath.Join(folder, f.File)
	root, err := os.OpenRoot(folder) // refuses links that lead out of it
	if err != nil {
		return nil, err
	}
	defer root.Close() //nolint:errcheck // read only
	file, err := root.Open(f.File)
	if err != nil {
		if strings.Contains(err.Error(), "escapes") {
			return nil, fmt.Errorf("%s: %w", path, ErrPath)
		}
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	defer file.Close() //nolint:errcheck // read only
	data, err := readOpen(file, path, MostBytes)
	if err != nil {
		return nil, err
	}
	if int64(len(data)) != f.Bytes {
		return nil, fmt.Errorf("%s: %w: %d bytes, the manifest has %d; fetch it again", path, ErrLength, len(data), f.Bytes)
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != strings.ToLower(f.SHA256) {
		return nil, fmt.Errorf("%s: %w: %x, the manifest has %s; fetch it again", path, ErrHash, sum, f.SHA256)
	}
	return data, nil
}

func readFile(path string, most int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // read only
	return readOpen(file, path, most)
}

// readOpen reads a regular file whose size is looked at first.
func readOpen(file *os.File, path string, most int64) ([]byte, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a file", path)
	}
	if info.Size() > most {
		return nil, fmt.Errorf("%s: %w: %d bytes, at most %d are read", path, ErrTooLarge, info.Size(), most)
	}
	return io.ReadAll(io.LimitReader(file, most))
}
