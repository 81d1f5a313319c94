package manifest

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// aligned is what offsets of parts are multiples of, so that they can be mapped, and padded those of tensors.
const (
	aligned = 4096
	padded  = 64
)

// Keep writes a new folder of models in which one task has some of its levels alone, at least one, and no extras; other
// tasks are as they were. The shared file has what the kept levels need, and their ONNX files point into it. It returns
// the new manifest, checked. All files of m must have been checked by Load. Errors wrap ErrUnknown for levels that are
// not there and fs.ErrExist where the folder is there already, or are those of files.
func (m *Manifest) Keep(folder, task string, levels []string) (*Manifest, error) {
	if _, err := os.Lstat(folder); !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w; name a new folder", folder, cmp.Or(err, fs.ErrExist))
	}
	aside, err := os.MkdirTemp(filepath.Dir(folder), ".models-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(aside) //nolint:errcheck // gone by then, or not whole
	kept := &Manifest{Version: m.Version}
	for i := range m.Tasks {
		t := m.Tasks[i]
		var err error
		if t.Name == task {
			err = m.keepSome(aside, &t, levels)
		} else {
			err = m.copyAll(aside, &t)
		}
		if err != nil {
			return nil, err
		}
		kept.Tasks = append(kept.Tasks, t)
	}
	err = errors.Join(kept.Write(filepath.Join(aside, Name)), os.Chmod(aside, 0o755))
	if err != nil {
		return nil, err
	}
	if kept, err = Load(aside); err != nil {
		return nil, err
	}
	kept.Folder = folder
	return kept, os.Rename(aside, folder)
}

func (m *Manifest) copyAll(to string, t *Task) error {
	var errs []error
	for _, n := range t.networks() {
		errs = append(errs, m.copyFile(to, n.Path), m.copyFile(to, path.Join(path.Dir(n.Path), "labels.txt")))
	}
	if t.Shared != nil {
		errs = append(errs, m.copyFile(to, t.Shared.Path))
	}
	return errors.Join(errs...)
}

func (m *Manifest) copyFile(to, name string) error {
	data, err := os.ReadFile(m.Path(&File{Path: name}))
	return errors.Join(err, (&File{Path: name}).write(to, data))
}

// write writes the file's new content, and notes it.
func (f *File) write(folder string, data []byte) error {
	sum := sha256.Sum256(data)
	f.Bytes, f.SHA256 = int64(len(data)), hex.EncodeToString(sum[:])
	name := filepath.Join(folder, filepath.FromSlash(f.Path))
	return errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, data, 0o644)) //nolint:gosec // for everybody
}

// keepSome writes the levels of a task, and changes the task to have these alone.
func (m *Manifest) keepSome(to string, t *Task, names []string) error {
	for _, name := range names {
		if t.Level(name) == nil {
			return fmt.Errorf("%w: task %s has no level %q", ErrUnknown, t.Name, name)
		}
	}
	t.Extras, t.Parts = nil, nil
	t.Levels = slices.DeleteFunc(slices.Clone(t.Levels), func(l Level) bool { return !slices.Contains(names, l.Name) })
	files := make([][]byte, len(t.Levels))
	users := map[place][]string{}
	for i := range t.Levels {
		l := &t.Levels[i]
		l.Parts = nil
		data, err := os.ReadFile(m.Path(&l.File))
		if err != nil {
			return err
		}
		read, err := readONNX(data)
		if err != nil {
			return err
		}
		for _, e := range read.external {
			if at := (place{e.offset, e.length}); !slices.Contains(users[at], l.Name) {
				users[at] = append(users[at], l.Name)
			}
		}
		files[i] = data
		if err := m.copyFile(to, path.Join(path.Dir(l.Path), "labels.txt")); err != nil {
			return err
		}
	}
	moved := map[place]int64{}
	if len(users) == 0 {
		t.Shared = nil
	} else if err := m.share(to, t, users, moved); err != nil {
		return err
	}
	for i, data := range files {
		data, err := relocate(data, moved)
		if err := errors.Join(err, t.Levels[i].write(to, data)); err != nil {
			return err
		}
	}
	return nil
}

// place is where a tensor lies in a shared file.
type place struct{ offset, length int64 }

// share writes a new shared file. As in the old one, a part is what the same levels need; users are the levels by the
// old places, and moved gets the new offsets.
func (m *Manifest) share(to string, t *Task, users map[place][]string, moved map[place]int64) error {
	old, err := os.ReadFile(m.Path(t.Shared))
	if err != nil {
		return err
	}
	groups := map[string][]place{}
	for _, at := range slices.SortedFunc(maps.Keys(users), func(a, b place) int { return cmp.Compare(a.offset, b.offset) }) {
		by := strings.Join(users[at], "\n")
		groups[by] = append(groups[by], at)
	}
	order := slices.SortedFunc(maps.Keys(groups), func(a, b string) int { return cmp.Compare(groups[a][0].offset, groups[b][0].offset) })
	t.Parts = map[string]int64{}
	var data []byte
	fill := func(to int) { data = append(data, make([]byte, -len(data)&(to-1))...) }
	for i, by := range order {
		name, first := fmt.Sprintf("part%d", i+1), len(data)
		for _, at := range groups[by] {
			moved[at] = int64(len(data))
			data = append(data, old[at.offset:at.offset+at.length]...)
			fill(padded)
		}
		fill(aligned)
		t.Parts[name] = int64(len(data) - first)
		for _, level := range users[groups[by][0]] {
			l := t.Level(level)
			l.Parts = append(l.Parts, name)
		}
	}
	shared := File{Path: t.Shared.Path}
	t.Shared = &shared
	return shared.write(to, data)
}

// relocate returns an ONNX file whose initializers have their external data at other offsets.
func relocate(data []byte, moved map[place]int64) ([]byte, error) {
	before, err := readONNX(data)
	if err != nil {
		return nil, err
	}
	out, err := rewrite(data, []protowire.Number{7, 5}, func(tensor []byte) ([]byte, error) {
		m := &model{initializers: map[string]bool{}}
		if err := m.tensor(tensor, true); err != nil || len(m.external) == 0 {
			return tensor, err
		}
		tensor, err := rewrite(tensor, []protowire.Number{13}, func(b []byte) ([]byte, error) {
			if key, _, err := entry(b); err != nil || key == "offset" {
				return nil, err
			}
			return b, nil
		})
		offset := moved[place{m.external[0].offset, m.external[0].length}]
		b := appendBytes(appendBytes(nil, 1, []byte("offset")), 2, strconv.AppendInt(nil, offset, 10))
		return appendBytes(tensor, 13, b), err
	})
	if err != nil {
		return nil, err
	}
	after, err := readONNX(out)
	if err != nil {
		return nil, err
	}
	for i, e := range before.external { // others than initializers are not moved
		if after.external[i].offset != moved[place{e.offset, e.length}] {
			return nil, fmt.Errorf("%w of tensor %q: it is no initializer, and cannot be moved; export it again", ErrExternal, e.tensor)
		}
	}
	return out, nil
}

// rewrite returns a message in which f was applied to each field at a path of numbers; nil of f leaves it out.
func rewrite(data []byte, at []protowire.Number, f func([]byte) ([]byte, error)) ([]byte, error) {
	if len(at) == 0 {
		return f(data)
	}
	out := make([]byte, 0, len(data))
	for len(data) > 0 {
		number, kind, n := protowire.ConsumeField(data)
		if n < 0 {
			return nil, wireError(n)
		}
		if number == at[0] && kind == protowire.BytesType {
			_, _, tag := protowire.ConsumeTag(data)
			b, _ := protowire.ConsumeBytes(data[tag:])
			b, err := rewrite(b, at[1:], f)
			if err != nil {
				return nil, err
			}
			if b != nil {
				out = appendBytes(out, number, b)
			}
		} else {
			out = append(out, data[:n]...)
		}
		data = data[n:]
	}
	return out, nil
}

func appendBytes(to []byte, number protowire.Number, b []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(to, number, protowire.BytesType), b)
}
