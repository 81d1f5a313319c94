package manifest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// family is a folder of two tasks: of t, level i needs the shared file's numbered tensors of needs[i], of 512 floats.
func family(t *testing.T, needs ...[]int) *Manifest {
	t.Helper()
	m, path := folder(t, small(weights("shared.data", "0", "8")))
	other := m.Tasks[0]
	m.Tasks[0].Name = "u"
	m.Tasks = append(m.Tasks, other)
	dir := filepath.Dir(path)
	task := &m.Tasks[1]
	shared := make([]byte, 8*2048)
	for i := range shared {
		shared[i] = byte(i / 2048)
	}
	task.Shared = &File{Path: "v/shared.data"}
	task.Parts = map[string]int64{}
	task.Levels = nil
	errs := []error{task.Shared.write(dir, shared), (&File{Path: "v/labels.txt"}).write(dir, []byte("a\nb\n"))}
	for i, tensors := range needs {
		graph := [][]byte{info(11, "image", 1, 3, 2, 2), info(12, "scores", 1, 2)}
		l := other.Levels[0]
		l.Name, l.Path, l.Parts = string(rune('a'+i)), "v/"+string(rune('a'+i))+".onnx", nil
		for _, k := range tensors {
			part := "p" + string(rune('0'+k))
			task.Parts[part] = 2048
			l.Parts = append(l.Parts, part)
			graph = append(graph, field(5, external(k)))
		}
		errs = append(errs, l.write(dir, encoded("a,b", graph...)))
		task.Levels = append(task.Levels, l)
	}
	extra := Extra{Name: "half", File: task.Levels[0].File, Input: task.Input, Outputs: task.Outputs, Parts: task.Levels[0].Parts}
	extra.Path = "v/half.onnx"
	data, err := os.ReadFile(filepath.Join(dir, "v", "a.onnx"))
	task.Extras = []Extra{extra}
	if err := errors.Join(append(errs, err, extra.write(dir, data), m.Write(path))...); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// external is the number'th tensor of the shared file, with its name and the fields around its place.
func external(number int) []byte {
	return slices.Concat(num(1, 512), num(2, 1), field(8, []byte{'w', byte('0' + number)}), pair(13, "location", "shared.data"),
		pair(13, "offset", strconv.Itoa(2048*number)), pair(13, "length", "2048"), num(14, 1))
}

// holds checks that a level's tensors are those of its numbers, wherever they lie now.
func holds(t *testing.T, m *Manifest, level string, numbers []int) {
	t.Helper()
	task := m.Task("t")
	data, err1 := os.ReadFile(m.Path(task.Network(level)))
	shared, err2 := os.ReadFile(m.Path(task.Shared))
	n, err3 := readONNX(data)
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	if len(n.external) != len(numbers) {
		t.Fatalf("level %s has %v", level, n.external)
	}
	for i, e := range n.external {
		want := slices.Repeat([]byte{byte(numbers[i])}, 2048)
		if got := shared[e.offset : e.offset+e.length]; !slices.Equal(got, want) || e.tensor != "w"+string(rune('0'+numbers[i])) {
			t.Errorf("level %s: tensor %s has %d...", level, e.tensor, got[0])
		}
	}
}

func TestKeep(t *testing.T) {
	needs := [][]int{{0, 1, 2, 5, 7}, {0, 1, 5}, {5, 2}, {7}}
	for name, test := range map[string]struct {
		levels []string
		shared int64 // bytes: parts are multiples of 4096
	}{
		"all":                     {[]string{"a", "b", "c", "d"}, 4 * 4096},
		"all but the first":       {[]string{"b", "c", "d"}, 4 * 4096}, // 0 1, 5, 2, 7
		"what has a hole before":  {[]string{"c"}, 4096},
		"two with one in common":  {[]string{"c", "b"}, 3 * 4096},
		"two with none in common": {[]string{"b", "d"}, 2*4096 + 4096},
		"the same twice":          {[]string{"d", "d"}, 4096},
	} {
		t.Run(name, func(t *testing.T) {
			m := family(t, needs...)
			to := filepath.Join(t.TempDir(), "kept")
			if _, err := m.Keep(to, "t", test.levels); err != nil {
				t.Fatal(err)
			}
			got, err := Load(to)
			if err != nil {
				t.Fatal(err)
			}
			task := got.Task("t")
			if len(task.Extras) != 0 || task.Shared.Bytes != test.shared || len(task.Levels) != len(slices.Compact(slices.Clone(test.levels))) {
				t.Errorf("kept %+v, shared %+v", task.Levels, task.Shared)
			}
			for i, tensors := range needs {
				if level := string(rune('a' + i)); slices.Contains(test.levels, level) {
					holds(t, got, level, tensors)
				}
			}
			if got.Task("u").Levels[0].SHA256 != m.Task("u").Levels[0].SHA256 {
				t.Error("the other task is changed")
			}
		})
	}
}

func TestKeepSaysWhatIsWrong(t *testing.T) {
	m := family(t, []int{0}, []int{0, 1})
	folder := t.TempDir()
	if _, err := m.Keep(folder, "t", []string{"a"}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a folder that is there: %v", err)
	}
	if _, err := m.Keep(filepath.Join(folder, "x"), "t", []string{"half"}); !errors.Is(err, ErrUnknown) {
		t.Errorf("an extra as a level: %v", err)
	}
	if _, err := m.Keep(filepath.Join(folder, "no", "such", "x"), "t", []string{"a"}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder of no folder: %v", err)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

// TestKeepOfWhatCannotBeMoved has external data of a node, which stays where it is.
func TestKeepOfWhatCannotBeMoved(t *testing.T) {
	if _, err := relocate(encoded("a,b", field(1, field(5, field(5, external(3))))), map[place]int64{{3 * 2048, 2048}: 0}); !errors.Is(err, ErrExternal) {
		t.Errorf("error %v", err)
	}
}
