package manifest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"
)

// field is a field of a message with bytes, and num one with a number.
func field(n protowire.Number, parts ...[]byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, n, protowire.BytesType), slices.Concat(parts...))
}

func num(n protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, n, protowire.VarintType), v)
}

func pair(n protowire.Number, key, value string) []byte {
	return field(n, field(1, []byte(key)), field(2, []byte(value)))
}

func info(n protowire.Number, name string, shape ...uint64) []byte {
	var dims []byte
	for _, d := range shape {
		dims = append(dims, field(1, num(1, d))...)
	}
	return field(n, field(1, []byte(name)), field(2, field(1, num(1, 1), field(2, dims))))
}

// weights is an initializer of two float32 outside the file.
func weights(location, offset, length string) []byte {
	return slices.Concat(num(1, 2), num(2, 1), field(8, []byte("w")), pair(13, "location", location),
		pair(13, "offset", offset), pair(13, "length", length), num(14, 1))
}

func encoded(labels string, graph ...[]byte) []byte {
	return slices.Concat(num(1, 8), field(7, graph...), pair(14, "labels", labels))
}

func small(tensor []byte) []byte {
	return encoded("a,b", info(11, "image", 1, 3, 2, 2), info(12, "scores", 1, 2), field(5, tensor))
}

// folder writes a manifest of one task whose network is the data, and returns it with its path.
func folder(t testing.TB, network []byte) (*Manifest, string) {
	t.Helper()
	dir := t.TempDir()
	shared := make([]byte, 16)
	for name, data := range map[string][]byte{"t/w100.onnx": network, "t/shared.data": shared, "t/labels.txt": []byte("a\nb\n")} {
		if err := errors.Join(os.MkdirAll(filepath.Join(dir, "t"), 0o755), os.WriteFile(filepath.Join(dir, name), data, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	file := func(name string, data []byte) File {
		return File{name, fmt.Sprintf("%x", sha256.Sum256(data)), int64(len(data))}
	}
	s := file("t/shared.data", shared)
	a := Accuracy{0.8, 0.7, 0.9, 12}
	m := &Manifest{Folder: dir, Version: 1, Tasks: []Task{{
		Name: "t", Labels: []string{"a", "b"}, Input: Input{Tensor{"image", []int64{1, 3, 2, 2}}, "rgb", 0, 1},
		Outputs: []Tensor{{"scores", []int64{1, 2}}}, Metric: "F1", Shared: &s, Parts: map[string]int64{"one": 8, "two": 8},
		Levels: []Level{{"w100", file("t/w100.onnx", network), []string{"one"}, 0, a, a, 2, 3, Provenance{1, 2, 3.5, "CPU", "d", "abc1234"}}},
	}}}
	path := filepath.Join(dir, "manifest.yaml")
	if err := m.Write(path); err != nil {
		t.Fatal(err)
	}
	return m, path
}

func TestLoad(t *testing.T) {
	good := small(weights("shared.data", "8", "8"))
	want, path := folder(t, good)
	got, err := Load(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLoadNetworks(t *testing.T) {
	input, output := info(11, "image", 1, 3, 2, 2), info(12, "scores", 1, 2)
	good := small(weights("shared.data", "0", "8"))
	for name, test := range map[string]struct {
		network []byte
		want    error
	}{
		"truncated":                   {good[:len(good)-3], ErrTruncated},
		"truncated between fields":    {num(1, 8), ErrONNX},
		"foreign":                     {[]byte("<html>not a network</html>"), ErrONNX},
		"another location":            {small(weights("other.data", "0", "8")), ErrExternal},
		"a location that leaves":      {small(weights("../t/shared.data", "0", "8")), ErrExternal},
		"behind the end":              {small(weights("shared.data", "12", "8")), ErrExternal},
		"overflow":                    {small(weights("shared.data", "9223372036854775807", "8")), ErrExternal},
		"more than an int64":          {small(weights("shared.data", "18446744073709551615", "8")), ErrExternal},
		"below zero":                  {small(weights("shared.data", "-8", "8")), ErrExternal},
		"another length":              {small(weights("shared.data", "0", "4")), ErrExternal},
		"no EXTERNAL":                 {small(slices.Concat(weights("shared.data", "0", "8"), num(14, 0))), ErrExternal},
		"dimensions overflow":         {small(slices.Concat(num(1, 1<<62), weights("shared.data", "0", "8"))), ErrONNX},
		"more than its parts":         {encoded("a,b", input, output, field(5, weights("shared.data", "0", "8")), field(5, weights("shared.data", "8", "8"))), ErrExternal},
		"external data of a node":     {encoded("a,b", input, output, field(1, field(5, field(5, weights("/etc/passwd", "0", "8"))))), ErrExternal},
		"external data in an if":      {encoded("a,b", input, output, field(1, field(5, field(6, field(5, weights("x", "0", "8")))))), ErrExternal},
		"another input":               {encoded("a,b", info(11, "image", 1, 3, 2, 4), output), ErrShape},
		"another output":              {encoded("a,b", input, info(12, "scores", 1, 3)), ErrShape},
		"an input of no fixed size":   {encoded("a,b", info(11, "image", 0, 3, 2, 2), output), ErrShape},
		"an output more":              {encoded("a,b", input, output, output), ErrShape},
		"another network's labels":    {encoded("a,c", input, output), ErrLabels},
		"two graphs":                  {slices.Concat(encoded("a,b", input, output), field(7)), ErrONNX},
		"functions":                   {slices.Concat(encoded("a,b", input, output), field(25)), ErrONNX},
		"an initializer among inputs": {encoded("a,b", input, info(11, "w", 2), output, field(5, weights("shared.data", "0", "8"))), nil},
		"the same weights used twice": {encoded("a,b", input, output, field(5, weights("shared.data", "0", "8")), field(5, weights("shared.data", "0", "8"))), nil},
		"everything inside":           {encoded("a,b", input, output), nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, path := folder(t, test.network)
			expect(t, path, test.want, "tasks[0].levels[0].file")
		})
	}
}

func expect(t *testing.T, path string, want error, field string) {
	t.Helper()
	m, err := Load(filepath.Dir(path))
	if want == nil {
		if err != nil {
			t.Error(err)
		}
		return
	}
	var e *Error
	if m != nil || !errors.Is(err, want) || !errors.As(err, &e) || e.File != path || e.Field != field || field != "" && e.Line == 0 {
		t.Errorf("error %v, and must be %v of %q", err, want, field)
	}
}

func TestLoadFiles(t *testing.T) {
	level := "tasks[0].levels[0]"
	onnx := func(dir string) string { return filepath.Join(dir, "t", "w100.onnx") }
	for name, test := range map[string]struct {
		change func(m *Manifest, dir string) error
		want   error
		field  string
	}{
		"missing": {func(_ *Manifest, dir string) error { return os.Remove(onnx(dir)) }, ErrMissing, level + ".file"},
		"2 GB":    {func(_ *Manifest, dir string) error { return os.Truncate(onnx(dir), 2<<30) }, ErrTooLarge, level + ".file"},
		"shorter": {func(_ *Manifest, dir string) error { return os.Truncate(onnx(dir), 9) }, ErrSize, level + ".bytes"},
		"other bytes": {func(_ *Manifest, dir string) error {
			return os.WriteFile(filepath.Join(dir, "t/shared.data"), []byte("0123456789abcdef"), 0o600)
		}, ErrHash, "tasks[0].shared.sha256"},
		"a folder": {func(_ *Manifest, dir string) error {
			return errors.Join(os.Remove(onnx(dir)), os.Mkdir(onnx(dir), 0o755))
		}, ErrPath, level + ".file"},
		"absolute": {func(m *Manifest, _ string) error { m.Tasks[0].Levels[0].Path = "/etc/passwd"; return nil }, ErrPath, level + ".file"},
		"outside":  {func(m *Manifest, _ string) error { m.Tasks[0].Shared.Path = "t/../../x"; return nil }, ErrPath, "tasks[0].shared.file"},
		"a detour": {func(m *Manifest, _ string) error { m.Tasks[0].Levels[0].Path = "t//w100.onnx"; return nil }, ErrPath, level + ".file"},
		"a link": {func(_ *Manifest, dir string) error {
			return errors.Join(os.Remove(onnx(dir)), os.Symlink("/etc/passwd", onnx(dir)))
		}, ErrPath, level + ".file"},
		"too many":     {func(m *Manifest, _ string) error { m.Tasks[0].Levels[0].Bytes = 2 << 30; return nil }, ErrTooLarge, level + ".bytes"},
		"no labels":    {func(_ *Manifest, dir string) error { return os.Remove(filepath.Join(dir, "t/labels.txt")) }, ErrLabels, "tasks[0].labels"},
		"other labels": {func(m *Manifest, _ string) error { m.Tasks[0].Labels = []string{"b", "a"}; return nil }, ErrLabels, "tasks[0].labels"},
		"no shared":    {func(m *Manifest, _ string) error { m.Tasks[0].Shared = nil; return nil }, ErrSyntax, "tasks[0].parts"},
		"another part": {func(m *Manifest, _ string) error { m.Tasks[0].Levels[0].Parts = []string{"x"}; return nil }, ErrSyntax, level + ".parts[0]"},
		"large parts":  {func(m *Manifest, _ string) error { m.Tasks[0].Parts["two"] = 1<<63 - 1; return nil }, ErrSyntax, "tasks[0].parts"},
		"twice":        {func(m *Manifest, _ string) error { m.Tasks = append(m.Tasks, m.Tasks[0]); return nil }, ErrSyntax, "tasks[1].name"},
	} {
		t.Run(name, func(t *testing.T) {
			m, path := folder(t, small(weights("shared.data", "0", "8")))
			if err := errors.Join(test.change(m, filepath.Dir(path)), m.Write(path)); err != nil {
				t.Fatal(err)
			}
			expect(t, path, test.want, test.field)
		})
	}
	empty := t.TempDir()
	if _, err := Load(empty); !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), filepath.Join(empty, Name)) {
		t.Errorf("no manifest: %v", err)
	}
}

// TestLoadSome spoils one of two networks, and loads the other.
func TestLoadSome(t *testing.T) {
	m, path := folder(t, small(weights("shared.data", "0", "8")))
	folder := filepath.Dir(path)
	task := &m.Tasks[0]
	half := encoded("whatever", info(11, "crop", 1, 3, 4, 4), info(12, "class", 1, 9))
	if err := os.WriteFile(filepath.Join(folder, "t/half.onnx"), half, 0o600); err != nil {
		t.Fatal(err)
	}
	task.Extras = []Extra{{
		Name: "half", File: File{"t/half.onnx", fmt.Sprintf("%x", sha256.Sum256(half)), int64(len(half))},
		Input: Input{Tensor{"crop", []int64{1, 3, 4, 4}}, "rgb", 0, 1}, Outputs: []Tensor{{"class", []int64{1, 9}}},
	}}
	if err := m.Write(path); err != nil {
		t.Fatal(err)
	}
	got, err := Load(folder)
	if diff := cmp.Diff(m, got); err != nil || diff != "" {
		t.Fatal(err, diff)
	}
	if file := got.Path(got.Task("t").Network("half")); file != filepath.Join(folder, "t", "half.onnx") {
		t.Errorf("it lies at %s", file)
	}
	if err := os.Remove(filepath.Join(folder, "t/w100.onnx")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct {
		err  error
		says string
	}{
		"t/half": {nil, ""}, "t/w100": {ErrMissing, "t/w100.onnx"},
		"t/w7": {ErrUnknown, "it has w100, half"}, "t/": {ErrUnknown, "it has"}, "u/w100": {ErrUnknown, "there are t"},
		"u": {ErrUnknown, "there are t"}, "t": {ErrMissing, "t/w100.onnx"},
	} {
		if _, err := Load(folder, name); !errors.Is(err, want.err) || err != nil && !strings.Contains(err.Error(), want.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	task.Extras[0].Outputs[0].Shape[1] = 8
	if err := m.Write(path); err != nil {
		t.Fatal(err)
	}
	expect(t, path, ErrMissing, "tasks[0].levels[0].file")
	if _, err := Load(folder, "t/half"); !errors.Is(err, ErrShape) {
		t.Errorf("an extra with other outputs: %v", err)
	}
}

// TestLoadLinks is what an installation by links has: each file a link to that of the source.
func TestLoadLinks(t *testing.T) {
	want, path := folder(t, small(weights("shared.data", "0", "8")))
	linked := t.TempDir()
	if err := os.Symlink(path, filepath.Join(linked, Name)); err != nil {
		t.Fatal(err)
	}
	got, err := Load(linked)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestLoadSyntax(t *testing.T) {
	level := "tasks[0].levels[0]"
	for name, test := range map[string]struct{ old, new, field string }{
		"unknown":         {"    metric:", "    metrik: x\n    metric:", "tasks[0].metrik"},
		"missing":         {"    metric: F1\n", "", "tasks[0]"},
		"twice":           {"    metric: F1\n", "    metric: F1\n    metric: F2\n", "tasks[0].metric"},
		"a number's text": {"macs: 3", "macs: \"3\"", level + ".macs"},
		"a text's number": {"name: w100", "name: 100", level + ".name"},
		"a fraction":      {"macs: 3", "macs: 3.5", level + ".macs"},
		"too large":       {"macs: 3", "macs: 99999999999999999999", level + ".macs"},
		"not a number":    {"value: 0.8", "value: .nan", level + ".accuracy.value"},
		"interval":        {"value: 0.8", "value: 0.95", level + ".accuracy"},
		"version":         {"version: 1", "version: 2", "version"},
		"a colour":        {"colour: rgb", "colour: red", "tasks[0].input.colour"},
		"an alias":        {"metric: F1", "metric: &x F1\n    labels: *x", "tasks[0].labels"},
		"a hash":          {"sha256: ", "sha256: x", "tasks[0].shared.sha256"},
		"no YAML":         {"version: 1", "version: [", ""},
		"no mapping":      {"tasks:", "tasks: 3\nx:", "tasks"},
	} {
		t.Run(name, func(t *testing.T) {
			m, path := folder(t, small(weights("shared.data", "0", "8")))
			data, err := m.Encode()
			if err != nil || !strings.Contains(string(data), test.old) {
				t.Fatal(err, string(data))
			}
			if err := os.WriteFile(path, []byte(strings.Replace(string(data), test.old, test.new, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			expect(t, path, ErrSyntax, test.field)
		})
	}
}

func TestCommittedNetwork(t *testing.T) {
	data, err := os.ReadFile("../../models/traffic_light/w100.onnx")
	if err != nil {
		t.Fatal(err)
	}
	n, err := readONNX(data)
	if err != nil {
		t.Fatal(err)
	}
	if len(n.inputs) != 1 || len(n.outputs) != 2 || len(n.external) == 0 || len(n.initializers) == 0 || n.metadata["labels"] != "red,yellow,green" {
		t.Errorf("%v %v %v %d %v", n.inputs, n.outputs, n.external, len(n.initializers), n.metadata)
	}
	if _, err := readONNX(data[:len(data)/2]); !errors.Is(err, ErrTruncated) || !errors.Is(err, ErrONNX) {
		t.Errorf("half of it: %v", err)
	}
}

func TestStorage(t *testing.T) {
	task := Task{Parts: map[string]int64{"a": 10, "b": 100, "c": 7}, Levels: []Level{
		{Name: "x", File: File{Bytes: 1000}, Parts: []string{"a", "b"}}, {Name: "y", File: File{Bytes: 2000}, Parts: []string{"a"}},
	}}
	for _, test := range []struct {
		levels []string
		want   int64
	}{{nil, 0}, {[]string{"x"}, 1110}, {[]string{"y"}, 2010}, {[]string{"x", "y"}, 3110}, {[]string{"y", "y"}, 2010}} {
		if got, err := task.Storage(test.levels...); got != test.want || err != nil {
			t.Errorf("%v: %d, %v", test.levels, got, err)
		}
	}
	if _, err := task.Storage("z"); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
	m := Manifest{Tasks: []Task{{Name: "t"}}}
	if m.Task("t") == nil || m.Task("u") != nil || task.Level("y").Bytes != 2000 || task.Level("z") != nil {
		t.Error("names")
	}
}

func FuzzLoad(f *testing.F) {
	m, path := folder(f, small(weights("shared.data", "0", "8")))
	data, err := m.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte("version: 1\ntasks: &a [*a]\n"))
	f.Add([]byte("{version: 1, tasks: [{parts: {a: 1, a: 2}}]}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		m, err := Load(filepath.Dir(path))
		var e *Error
		if err == nil == (m == nil) || err != nil && !errors.As(err, &e) {
			t.Fatal(m, err)
		}
		if err != nil {
			return
		}
		if err := m.Write(path); err != nil {
			t.Fatal(err)
		}
		again, err := Load(filepath.Dir(path))
		if err != nil || !cmp.Equal(m, again) {
			t.Fatal(err, cmp.Diff(m, again))
		}
	})
}

func FuzzONNX(f *testing.F) {
	f.Add(small(weights("shared.data", "0", "8")))
	f.Add(encoded("a,b", field(1, field(5, field(6, field(5, weights("x", "0", "8")))))))
	f.Add([]byte("<html>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := readONNX(data)
		if err != nil {
			if n != nil || !errors.Is(err, ErrONNX) && !errors.Is(err, ErrExternal) && !errors.Is(err, ErrShape) {
				t.Fatal(n, err)
			}
			return
		}
		for _, e := range n.external {
			if e.offset < 0 || e.length < 0 || e.offset+e.length < 0 {
				t.Fatal(e)
			}
		}
	})
}

func TestLoadCopyKeepsWhatWasChecked(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	_, dir := folder(t, small(weights("shared.data", "0", "8")))
	m, err := LoadCopy(filepath.Dir(dir), "t")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []*File{&m.Tasks[0].Levels[0].File, m.Tasks[0].Shared} {
		want, err1 := os.ReadFile(m.Path(f))
		err2 := os.WriteFile(m.Path(f), []byte("garbage"), 0o600)
		got, err3 := os.ReadFile(m.Checked(f))
		if err := errors.Join(err1, err2, err3); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %d bytes, want %d", f.Path, err, len(got), len(want))
		}
	}
	if err := m.RemoveCopy(); err != nil {
		t.Error(err)
	}
	if _, err := LoadCopy(filepath.Dir(dir), "t"); !errors.Is(err, ErrSize) {
		t.Errorf("of garbage: %v", err)
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
