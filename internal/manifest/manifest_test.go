package manifest

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

func message(number protowire.Number, body []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), body)
}

func varint(number protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, number, protowire.VarintType), v)
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func entry(key, value string) []byte { return join(message(1, []byte(key)), message(2, []byte(value))) }

func value(name string, shape ...uint64) []byte {
	var dims []byte
	for _, d := range shape {
		dims = append(dims, message(1, varint(1, d))...)
	}
	return join(message(1, []byte(name)), message(2, message(1, message(2, dims))))
}

// onnx is a network with input x [1,2], output y [1,2] and a tensor in shared.data.
func onnx(labels string, size uint64, location, offset, length string) []byte {
	tensor := join(varint(14, 1), message(13, entry("location", location)), message(13, entry("offset", offset)),
		message(13, entry("length", length)))
	graph := join(message(5, tensor), message(11, value("x", 1, 2)), message(12, value("y", 1, size)))
	return join(varint(1, 8), message(7, graph), message(14, entry("labels", labels)))
}

func good() []byte { return onnx("a,b", 2, "shared.data", "0", "8") }

// folder is a manifest's folder with one task of one level.
type folder struct {
	dir      string
	network  []byte
	shared   []byte
	manifest string
}

func newFolder(t *testing.T, network []byte) *folder {
	f := &folder{dir: t.TempDir(), network: network, shared: []byte("12345678")}
	f.write(t, "t/w.onnx", f.network)
	f.write(t, "t/shared.data", f.shared)
	f.write(t, "t/labels.txt", []byte("a\nb\n"))
	f.manifest = fmt.Sprintf(`version: 1
tasks:
  - name: t
    labels: [a, b]
    input: {name: x, shape: [1, 2], colour: rgb, low: 0, high: 1}
    outputs: [{name: y, shape: [1, 2]}]
    metric: share right
    shared: {file: t/shared.data, sha256: %x, bytes: 8}
    parts: {part1: 8}
    levels:
      - name: w
        file: t/w.onnx
        sha256: %x
        bytes: %d
        parts: [part1]
        shared_layers: 1
        accuracy: {value: 0.9, low: 0.8, high: 1, count: 10}
        val: {value: 0.9, low: 0.8, high: 1, count: 10}
        parameters: 2
        macs: 2
        provenance: {seed: 1, epochs: 1, train_minutes: 0.5, data: d, git: abc}
`, sha256.Sum256(f.shared), sha256.Sum256(f.network), len(f.network))
	return f
}

func (f *folder) write(t *testing.T, name string, data []byte) {
	path := filepath.Join(f.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil { //nolint:gosec // a test's
		t.Fatal(err)
	}
}

func (f *folder) load(t *testing.T) (*Manifest, error) {
	f.write(t, "manifest.yaml", []byte(f.manifest))
	return Load(filepath.Join(f.dir, "manifest.yaml"))
}

func TestLoad(t *testing.T) {
	m, err := newFolder(t, good()).load(t)
	if err != nil {
		t.Fatal(err)
	}
	task := m.Task("t")
	if task == nil || task.Level("w") == nil || task.Level("w").Accuracy.Count != 10 || m.Task("u") != nil || task.Level("v") != nil {
		t.Fatalf("read %+v", m)
	}
	if got, want := task.Storage("w", "nothing"), task.Level("w").Bytes+8; got != want {
		t.Errorf("storage %d, want %d", got, want)
	}
	again, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if back, err := Parse(again); err != nil || back.Task("t").Level("w").SHA256 != task.Level("w").SHA256 {
		t.Errorf("read back %+v, %v", back, err)
	}
}

func TestWhatIsWrongIsNamed(t *testing.T) {
	replace := func(old, new string) func(*testing.T, *folder) {
		return func(t *testing.T, f *folder) {
			if !strings.Contains(f.manifest, old) {
				t.Fatalf("the manifest has no %q", old)
			}
			f.manifest = strings.Replace(f.manifest, old, new, 1)
		}
	}
	for name, c := range map[string]struct {
		network []byte
		spoil   func(*testing.T, *folder)
		want    error
	}{
		"unknown field":     {good(), replace("metric:", "metrik:"), ErrSyntax},
		"wrong type":        {good(), replace("version: 1", "version: one"), ErrSyntax},
		"another version":   {good(), replace("version: 1", "version: 2"), ErrSyntax},
		"two documents":     {good(), replace("version: 1", "version: 1\n---\nversion: 1"), ErrSyntax},
		"unknown part":      {good(), replace("parts: [part1]", "parts: [part2]"), ErrSyntax},
		"part twice":        {good(), replace("parts: [part1]", "parts: [part1, part1]"), ErrSyntax},
		"parts too short":   {good(), replace("{part1: 8}", "{part1: 7}"), ErrSyntax},
		"accuracy of 90":    {good(), replace("accuracy: {value: 0.9", "accuracy: {value: 90"), ErrSyntax},
		"no count":          {good(), replace("count: 10", "count: 0"), ErrSyntax},
		"empty shape":       {good(), replace("shape: [1, 2]", "shape: []"), ErrSyntax},
		"out of the folder": {good(), replace("file: t/w.onnx", "file: ../w.onnx"), ErrPath},
		"absolute":          {good(), replace("file: t/w.onnx", "file: /w.onnx"), ErrPath},
		"2 GB said":         {good(), replace("bytes: 8}", "bytes: 2000000000}"), ErrTooLarge},
		"hash":              {good(), func(t *testing.T, f *folder) { f.network[3] ^= 1; f.write(t, "t/w.onnx", f.network) }, ErrHash},
		"truncated":         {good(), func(t *testing.T, f *folder) { f.write(t, "t/w.onnx", f.network[:9]) }, ErrLength},
		"shared changed":    {good(), func(t *testing.T, f *folder) { f.write(t, "t/shared.data", []byte("12345679")) }, ErrHash},
		"missing":           {good(), func(t *testing.T, f *folder) { _ = os.Remove(filepath.Join(f.dir, "t/w.onnx")) }, os.ErrNotExist},
		"2 GB": {good(), func(t *testing.T, f *folder) {
			if err := os.Truncate(filepath.Join(f.dir, "t/w.onnx"), 2<<30); err != nil { // a hole: it takes no room
				t.Fatal(err)
			}
		}, ErrTooLarge},
		"a link out": {good(), func(t *testing.T, f *folder) {
			out := filepath.Join(t.TempDir(), "w.onnx")
			if err := os.Rename(filepath.Join(f.dir, "t/w.onnx"), out); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(out, filepath.Join(f.dir, "t/w.onnx")); err != nil {
				t.Fatal(err)
			}
		}, ErrPath},
		"text":                {[]byte("no network at all"), nil, ErrONNX},
		"half a network":      {good()[:len(good())/2], nil, ErrONNX},
		"no graph":            {varint(1, 8), nil, ErrONNX},
		"other labels":        {onnx("a,c", 2, "shared.data", "0", "8"), nil, ErrLabels},
		"other labels.txt":    {good(), func(t *testing.T, f *folder) { f.write(t, "t/labels.txt", []byte("b\na\n")) }, ErrLabels},
		"no labels.txt":       {good(), func(t *testing.T, f *folder) { _ = os.Remove(filepath.Join(f.dir, "t/labels.txt")) }, ErrLabels},
		"other shape":         {onnx("a,b", 3, "shared.data", "0", "8"), nil, ErrShape},
		"no fixed shape":      {onnx("a,b", 0, "shared.data", "0", "8"), nil, ErrShape},
		"another data file":   {onnx("a,b", 2, "../other.data", "0", "8"), nil, ErrShared},
		"behind the data":     {onnx("a,b", 2, "shared.data", "1", "8"), nil, ErrShared},
		"overflow":            {onnx("a,b", 2, "shared.data", "9223372036854775807", "9223372036854775807"), nil, ErrShared},
		"negative":            {onnx("a,b", 2, "shared.data", "-8", "8"), nil, ErrShared},
		"offset is no number": {onnx("a,b", 2, "shared.data", "x", "8"), nil, ErrShared},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFolder(t, c.network)
			if c.spoil != nil {
				c.spoil(t, f)
			}
			_, err := f.load(t)
			if !errors.Is(err, c.want) {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			if !strings.Contains(err.Error(), f.dir) {
				t.Errorf("%v does not name the file", err)
			}
		})
	}
}

// TestTheProjectsOwn checks the networks that come with rtmdl.
func TestTheProjectsOwn(t *testing.T) {
	m, err := Load("../../models/manifest.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range m.Tasks {
		t.Logf("%s: %d levels", task.Name, len(task.Levels))
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("version: 1\ntasks: [{name: t, labels: [a]}]\n"))
	if data, err := os.ReadFile("../../models/manifest.yaml"); err == nil {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Parse(data)
		if err != nil {
			if !errors.Is(err, ErrSyntax) {
				t.Fatalf("unnamed error %v", err)
			}
			return
		}
		again, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Parse(again); err != nil {
			t.Fatalf("%v\n%s", err, again)
		}
	})
}

func FuzzONNX(f *testing.F) {
	f.Add(good())
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := readNetwork(data)
		if err == nil && (len(n.inputs) == 0 || len(n.outputs) == 0) {
			t.Fatal("a network without inputs or outputs")
		}
		if err != nil && !errors.Is(err, ErrONNX) && !errors.Is(err, ErrShape) && !errors.Is(err, ErrShared) {
			t.Fatalf("unnamed error %v", err)
		}
	})
}
