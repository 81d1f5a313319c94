package manifest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
)

// Load reads the manifest of a folder of models, and checks it and the files of some networks: task/level, task/extra, or
// a task for all of its; none: every file it names. A manifest that is a symbolic link is that of the folder it points into.
// Errors are an *Error; of networks that the manifest lacks they wrap ErrUnknown.
func Load(folder string, networks ...string) (*Manifest, error) { return load(folder, "", networks) }

// LoadCopy is Load, and keeps the bytes that it has checked in a folder for temporary files, where Manifest.Checked finds them,
// until the caller calls RemoveCopy. Who opens those has what was checked, and keeps it: ONNX Runtime maps the files of weights,
// so that to write into one changes the networks that are running, and to cut it short ends the process.
func LoadCopy(folder string, networks ...string) (*Manifest, error) {
	to, err := os.MkdirTemp("", "rtmdl-models-")
	if err != nil {
		return nil, fmt.Errorf("a copy of the networks: %w", err)
	}
	m, err := load(folder, to, networks)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(to))
	}
	return m, nil
}

// RemoveCopy removes the files of LoadCopy. A network that was opened from them goes on.
func (m *Manifest) RemoveCopy() error {
	if m.Copy == "" {
		return nil
	}
	return os.RemoveAll(m.Copy)
}

// load puts what is checked into a folder, too, unless that is "".
func load(folder, to string, networks []string) (*Manifest, error) {
	p := &parser{path: filepath.Join(folder, Name), lines: map[string]int{}, to: to}
	real, err := filepath.EvalSymlinks(p.path)
	if err != nil {
		p.fail("", fmt.Errorf("%w: %w; a folder of models has one: give that which comes with rtmdl, or write it "+
			"(models/train/README.md)", ErrMissing, cause(err)))
		return nil, p.err
	}
	root, err := os.OpenRoot(filepath.Dir(real))
	if err != nil {
		p.fail("", fmt.Errorf("%w: %w", ErrMissing, err))
		return nil, p.err
	}
	defer root.Close()
	data, err := read(root, filepath.Base(real), MaxManifest)
	if err != nil {
		p.fail("", err)
		return nil, p.err
	}
	m := p.parse(data)
	if p.err == nil {
		m.Folder, m.Copy = root.Name(), to
		p.check(m)
	}
	if p.err == nil {
		p.known(m, networks)
	}
	if p.err == nil {
		p.files(root, m, networks)
	}
	if p.err != nil {
		return nil, p.err
	}
	return m, nil
}

// known looks for the networks that are asked for.
func (p *parser) known(m *Manifest, networks []string) {
	for _, name := range networks {
		of, level, one := strings.Cut(name, "/")
		i := slices.IndexFunc(m.Tasks, func(t Task) bool { return t.Name == of })
		if i < 0 {
			p.fail("tasks", fmt.Errorf("%w: there is no task %q; there are %s", ErrUnknown, of, nameList(m.Tasks, func(t Task) string { return t.Name })))
			return
		}
		if one && m.Tasks[i].Network(level) == nil {
			p.fail(fmt.Sprintf("tasks[%d].levels", i), fmt.Errorf("%w: task %s has no %q; it has %s", ErrUnknown, of, level,
				nameList(m.Tasks[i].networks(), func(n network) string { return n.name })))
		}
	}
}

func nameList[T any](items []T, name func(T) string) string {
	var all []string
	for _, item := range items {
		all = append(all, name(item))
	}
	return strings.Join(all, ", ")
}

// read returns an ordinary file's bytes. It looks at the size before it opens the file.
func read(root *os.Root, name string, most int64) ([]byte, error) {
	info, err := root.Stat(filepath.FromSlash(name))
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%w: %s: %w; put it there, or take it out of the manifest", ErrMissing, name, cause(err))
	case err != nil:
		return nil, fmt.Errorf("%w: %s: %v; keep it in the manifest's folder", ErrPath, name, err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%w: %s is no ordinary file", ErrPath, name)
	case info.Size() > most:
		return nil, fmt.Errorf("%w: %s has %d bytes, and may have %d; is it the right file?", ErrTooLarge, name, info.Size(), most)
	}
	f, err := root.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMissing, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMissing, err)
	}
	return data, nil
}

// cause is an error without the system's name of what was done.
func cause(err error) error {
	var e *fs.PathError
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// check looks at what fields say together.
func (p *parser) check(m *Manifest) {
	unique := func() func(field, name string) {
		seen := map[string]bool{}
		return func(field, name string) {
			if seen[name] {
				p.syntax(field, "%q stands twice; rename or remove one", name)
			}
			seen[name] = true
		}
	}
	tasks, files := unique(), unique()
	for i := range m.Tasks {
		t, at := &m.Tasks[i], fmt.Sprintf("tasks[%d]", i)
		tasks(at+".name", t.Name)
		labels, levels, tensors := unique(), unique(), unique()
		for j, label := range t.Labels {
			labels(fmt.Sprintf("%s.labels[%d]", at, j), label)
		}
		tensors(at+".input.name", t.Input.Name)
		for j := range t.Outputs {
			tensors(fmt.Sprintf("%s.outputs[%d].name", at, j), t.Outputs[j].Name)
		}
		p.input(at+".input", &t.Input)
		for j := range t.Extras {
			p.input(fmt.Sprintf("%s.extras[%d].input", at, j), &t.Extras[j].Input)
		}
		if t.Shared != nil {
			p.file(at+".shared", t.Shared)
			files(at+".shared.file", t.Shared.Path)
		} else if len(t.Parts) > 0 {
			p.syntax(at+".parts", "needs shared; add it or remove parts")
		}
		left := int64(0)
		if t.Shared != nil {
			left = t.Shared.Bytes
		}
		for _, bytes := range t.Parts {
			if left -= min(bytes, left+1); left < 0 {
				p.syntax(at+".parts", "are larger together than the shared file; correct their bytes")
				break
			}
		}
		for _, n := range t.networks() {
			at := at + "." + n.at
			levels(at+".name", n.name)
			p.file(at, n.File)
			files(at+".file", n.Path)
			used := unique()
			for k, part := range n.parts {
				name := fmt.Sprintf("%s.parts[%d]", at, k)
				used(name, part)
				if _, ok := t.Parts[part]; !ok {
					p.syntax(name, "%q is not among the task's parts; add it there", part)
				}
			}
		}
		for j := range t.Levels {
			if t.Levels[j].MACs > t.Levels[0].MACs {
				p.syntax(fmt.Sprintf("%s.levels[%d].macs", at, j), "is above the first level's; put the largest first")
			}
		}
	}
}

func (p *parser) input(at string, v *Input) {
	if !slices.Contains([]string{"rgb", "bgr", "grey"}, v.Colour) {
		p.syntax(at+".colour", "%q must be rgb, bgr or grey", v.Colour)
	}
	if v.Low >= v.High {
		p.syntax(at+".low", "must be below high")
	}
}

// file checks what a File says.
func (p *parser) file(at string, f *File) {
	if !filepath.IsLocal(filepath.FromSlash(f.Path)) {
		p.fail(at+".file", fmt.Errorf("%w: %q leaves the manifest's folder; write it relative to that", ErrPath, f.Path))
	} else if path.Clean(f.Path) != f.Path || f.Path == "." {
		p.fail(at+".file", fmt.Errorf("%w: %q must be written as %q", ErrPath, f.Path, path.Clean(f.Path)))
	}
	sum, err := hex.DecodeString(f.SHA256)
	if err != nil || len(sum) != sha256.Size || strings.ToLower(f.SHA256) != f.SHA256 {
		p.syntax(at+".sha256", "must be 64 small hex digits, as sha256sum writes them")
	}
	if f.Bytes > MaxFile {
		p.fail(at+".bytes", fmt.Errorf("%w: %d, and at most %d; is it the right file?", ErrTooLarge, f.Bytes, MaxFile))
	}
}

// files reads the files of networks, nil for all, and checks them.
func (p *parser) files(root *os.Root, m *Manifest, only []string) {
	for i := range m.Tasks {
		t, at := &m.Tasks[i], fmt.Sprintf("tasks[%d]", i)
		networks := t.networks()
		if len(only) > 0 && !slices.Contains(only, t.Name) {
			networks = slices.DeleteFunc(networks, func(n network) bool { return !slices.Contains(only, t.Name+"/"+n.name) })
		}
		if len(networks) > 0 && t.Shared != nil {
			p.content(root, at+".shared", t.Shared)
		}
		folders := map[string]bool{}
		for _, n := range networks {
			if folder := path.Dir(n.Path); !folders[folder] {
				folders[folder] = true
				p.labels(root, path.Join(folder, "labels.txt"), at+".labels", t)
			}
			at := at + "." + n.at
			if data := p.content(root, at, n.File); data != nil {
				if err := checkNetwork(data, t, n); err != nil {
					p.fail(at+".file", fmt.Errorf("%s: %w", n.Path, err))
				}
			}
			if p.err != nil {
				return
			}
		}
	}
}

// content returns a file's bytes; nil after an error.
func (p *parser) content(root *os.Root, at string, f *File) []byte {
	data, err := read(root, f.Path, MaxFile)
	if err != nil {
		p.fail(at+".file", err)
		return nil
	}
	const again = "copy the file again, or write the manifest again"
	if int64(len(data)) != f.Bytes {
		p.fail(at+".bytes", fmt.Errorf("%w: %s has %d, not %d; %s", ErrSize, f.Path, len(data), f.Bytes, again))
		return nil
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != f.SHA256 {
		p.fail(at+".sha256", fmt.Errorf("%w: %s has %x; %s", ErrHash, f.Path, sum, again))
		return nil
	}
	if p.to != "" {
		if err := f.write(p.to, data); err != nil {
			p.fail(at+".file", fmt.Errorf("a copy of %s: %w; the environment variable TMPDIR names another folder for it", f.Path, err))
			return nil
		}
	}
	return data
}

func (p *parser) labels(root *os.Root, name, at string, t *Task) {
	data, err := read(root, name, MaxManifest)
	if err != nil {
		p.fail(at, fmt.Errorf("%w: %w", ErrLabels, err))
		return
	}
	var got []string
	for line := range bytes.Lines(data) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			got = append(got, string(line))
		}
	}
	if !slices.Equal(got, t.Labels) {
		p.fail(at, fmt.Errorf("%w: %s has %q; make them the same", ErrLabels, name, got))
	}
}

// checkNetwork compares an ONNX file with what the manifest says of it.
func checkNetwork(data []byte, t *Task, n network) error {
	m, err := readONNX(data)
	if err != nil {
		return err
	}
	if want := []Tensor{n.input}; !reflect.DeepEqual(m.inputs, want) {
		return fmt.Errorf("%w: its inputs are %v, and must be %v; correct the manifest or export it again", ErrShape, m.inputs, want)
	}
	if !reflect.DeepEqual(m.outputs, n.outputs) {
		return fmt.Errorf("%w: its outputs are %v, and must be %v; correct the manifest or export it again", ErrShape, m.outputs, n.outputs)
	}
	if got, want := m.metadata["labels"], strings.Join(n.labels, ","); n.labels != nil && got != want {
		return fmt.Errorf("%w: its metadata has labels %q, and must have %q; export it again", ErrLabels, got, want)
	}
	var left int64
	for _, part := range n.parts {
		left += t.Parts[part]
	}
	counted := map[[2]int64]bool{}
	for _, e := range m.external {
		if t.Shared == nil || e.location == "" || path.Dir(n.Path)+"/"+e.location != path.Dir(t.Shared.Path)+"/"+path.Base(t.Shared.Path) {
			return fmt.Errorf("%w of tensor %q: location %q is not the task's shared file; export it again", ErrExternal, e.tensor, e.location)
		}
		if e.offset+e.length > t.Shared.Bytes {
			return fmt.Errorf("%w of tensor %q: %d bytes at %d are not inside %s; export it again", ErrExternal, e.tensor, e.length, e.offset, t.Shared.Path)
		}
		if at := [2]int64{e.offset, e.length}; !counted[at] {
			counted[at] = true
			left -= min(e.length, left+1)
		}
		if left < 0 {
			return fmt.Errorf("%w: it needs more of %s than its parts %v have; add the part that is missing", ErrExternal, t.Shared.Path, n.parts)
		}
	}
	return nil
}
