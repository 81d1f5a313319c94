package device

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// library is that of all tests but those of libraries: a process loads one.
var library = os.Getenv("RTMDL_DEVICE_LIBRARY")

// network is the largest traffic light network, which every checkout has.
const network = "../../models/traffic_light/w100.onnx"

func newCPU(t testing.TB, cores ...int) *CPU {
	t.Helper()
	d, err := NewCPU(Options{Library: library, Cores: cores})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for range 2 {
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	return d
}

func TestCPUConforms(t *testing.T) {
	t.Run("anywhere", func(t *testing.T) { conformance(t, newCPU(t), network) })
	t.Run("on all cores", func(t *testing.T) { conformance(t, newCPU(t, Cores()...), network) })
	t.Run("with spinning threads", func(t *testing.T) {
		d, err := NewCPU(Options{Threads: AllThreads, Spinning: true})
		if err != nil {
			t.Fatal(err)
		}
		conformance(t, d, network)
	})
}

func TestASessionHasTheThreadsThatWereAskedFor(t *testing.T) {
	threads := func() int {
		t.Helper()
		all, err := os.ReadDir("/proc/self/task")
		if err != nil {
			t.Skip("the system does not tell threads:", err)
		}
		return len(all)
	}
	const many = 20 // far more than Go starts by itself meanwhile
	for asked, least := range map[int]int{0: 0, 1: 0, many: many - 1} {
		d, err := NewCPU(Options{Threads: asked})
		if err != nil {
			t.Fatal(err)
		}
		before := threads()
		m, err := d.Load(network)
		if err != nil {
			t.Fatal(err)
		}
		if more := threads() - before; more < least || more >= least+many/2 {
			t.Errorf("%d threads asked for: %d more than before", asked, more)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestCPUReadsWhatTheFileSays(t *testing.T) {
	shape := []uint64{1, 2, 3}
	path := file(t, "identity.onnx", identity(
		tensorInfo{"in", onnxFloat, shape}, tensorInfo{"out", onnxFloat, shape}, map[string]string{"labels": "red,green", "empty": ""}))
	m, err := newCPU(t).Load(path)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close() //nolint:errcheck // looked at elsewhere
	if diff := cmp.Diff([]Spec{{"in", []int64{1, 2, 3}}}, m.Inputs()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Spec{{"out", []int64{1, 2, 3}}}, m.Outputs()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"labels": "red,green", "empty": ""}, m.Metadata()); diff != "" {
		t.Error(diff)
	}
	tensors := newTensors(t, m)
	copy(tensors.In[0], []float32{1, 2, 3, 4, 5, 6})
	if err := m.Run(tensors); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]float32{1, 2, 3, 4, 5, 6}, tensors.Out[0]); diff != "" {
		t.Error(diff)
	}
}

func TestCPURefusesBadFiles(t *testing.T) {
	whole, err := os.ReadFile(network)
	if err != nil {
		t.Fatal(err)
	}
	good := tensorInfo{"in", onnxFloat, []uint64{1, 2}}
	out := tensorInfo{"out", onnxFloat, []uint64{1, 2}}
	for _, test := range []struct {
		name    string
		content []byte
		want    string // in the error
	}{
		{"an empty file", nil, "empty"},
		{"a network without its last byte", whole[:len(whole)-1], "can read"},
		{"half a network", whole[:len(whole)/2], "can read"},
		{"the first byte of a network", whole[:1], "can read"},
		{"text", []byte("red\nyellow\ngreen\n"), "can read"},
		{"a picture", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), "can read"},
		{"zeros", make([]byte, 4096), "can read"},
		{"whole numbers as input", identity(tensorInfo{"in", onnxInt64, []uint64{1, 2}},
			tensorInfo{"out", onnxInt64, []uint64{1, 2}}, nil), "in is no tensor of 32-bit floats"},
		{"an input whose size is not static", identity(tensorInfo{"in", onnxFloat, []uint64{1, 0}}, out, nil), "the shape of in"},
		{"an output whose size is not static", identity(tensorInfo{"in", onnxFloat, []uint64{0}},
			tensorInfo{"out", onnxFloat, []uint64{0}}, nil), "not static"},
		{"a single number", identity(tensorInfo{"in", onnxFloat, nil}, tensorInfo{"out", onnxFloat, nil}, nil), "no shape"},
		{"no inputs", constant(), "no inputs"},
		{"a tensor too large for any memory", identity(tensorInfo{"in", onnxFloat, []uint64{1 << 30, 1 << 30, 1 << 30}},
			tensorInfo{"out", onnxFloat, []uint64{1 << 30, 1 << 30, 1 << 30}}, nil), "elements"},
		{"a graph that contradicts itself", identity(good, tensorInfo{"out", onnxFloat, []uint64{5}}, nil), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := file(t, "bad.onnx", test.content)
			m, err := newCPU(t).Load(path)
			if err == nil {
				m.Close() //nolint:errcheck // a test that fails
				t.Fatal("it was loaded")
			}
			if !errors.Is(err, ErrModel) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v", err)
			}
		})
	}
	t.Run("a folder", func(t *testing.T) {
		path := t.TempDir()
		if _, err := newCPU(t).Load(path); !errors.Is(err, ErrModel) || !strings.Contains(err.Error(), path+": not a file") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("a folder that is a file", func(t *testing.T) {
		path := filepath.Join(file(t, "labels.txt", nil), "w100.onnx")
		if _, err := newCPU(t).Load(path); !errors.Is(err, ErrModel) || !strings.Contains(err.Error(), path) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("a file larger than any network", func(t *testing.T) {
		path := file(t, "large.onnx", nil)
		if err := os.Truncate(path, maxModelBytes+1); err != nil { // no disk is used for the hole
			t.Skip(err)
		}
		if _, err := newCPU(t).Load(path); !errors.Is(err, ErrModel) || !strings.Contains(err.Error(), path) {
			t.Errorf("error %v", err)
		}
	})
}

// TestCPULibrary runs in a process of its own for each case, since a process loads one library and keeps it.
func TestCPULibrary(t *testing.T) {
	const variable = "RTMDL_TEST_LIBRARIES"
	if list := os.Getenv(variable); list != "" {
		for _, library := range strings.Split(list, ",") {
			_, err := NewCPU(Options{Library: library})
			if errors.Is(err, ErrLibrary) {
				os.Stdout.WriteString("refused: " + err.Error() + "\n")
			} else if err == nil {
				os.Stdout.WriteString("loaded\n")
			}
		}
		return
	}
	missing := filepath.Join(t.TempDir(), "libmissing.so")
	noLibrary := file(t, "libtext.so", []byte("no library"))
	for _, test := range []struct {
		name      string
		libraries string
		want      []string // the start of each line
	}{
		{"a missing library", missing, []string{"refused: ONNX Runtime: loading " + missing}},
		{"a file that is no library", noLibrary, []string{"refused: ONNX Runtime: loading " + noLibrary}},
		{"another library", "libc.so.6", []string{"refused: ONNX Runtime: loading libc.so.6"}},
		{"a missing library, then the right one", missing + "," + DefaultLibrary, []string{"refused: ", "loaded"}},
		{"another one, then the right one", "libc.so.6," + DefaultLibrary, []string{"refused: ", "loaded"}},
		{"the same one twice", DefaultLibrary + "," + DefaultLibrary, []string{"loaded", "loaded"}},
		{"a second one", DefaultLibrary + "," + missing,
			[]string{"loaded", "refused: ONNX Runtime: libonnxruntime.so is loaded already"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			child := exec.Command(os.Args[0], "-test.run=^TestCPULibrary$")
			child.Env = append(os.Environ(), variable+"="+test.libraries)
			out, err := child.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			lines := strings.Split(string(out), "\n")
			for i, want := range test.want {
				if !strings.HasPrefix(lines[i], want) {
					t.Errorf("line %d is %q, and must begin with %q", i, lines[i], want)
				}
			}
		})
	}
}

func TestCPURefusesCoresThatItHasNot(t *testing.T) {
	for _, cores := range [][]int{{-1}, {1023}, {1 << 20}, {Cores()[0], 4096}} {
		if _, err := NewCPU(Options{Library: library, Cores: cores}); !errors.Is(err, ErrCores) {
			t.Errorf("cores %v: error %v", cores, err)
		}
	}
}

func TestCPUKeepsNoReferenceToItsOptions(t *testing.T) {
	cores := []int{Cores()[0]}
	d, err := NewCPU(Options{Library: library, Cores: cores})
	if err != nil {
		t.Fatal(err)
	}
	cores[0] = -1
	release, err := d.Bind()
	if err != nil {
		t.Fatal(err)
	}
	release()
}

func BenchmarkCPURun(b *testing.B) {
	d := newCPU(b)
	m, err := d.Load(network)
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close() //nolint:errcheck // looked at elsewhere
	tensors := newTensors(b, m)
	fill(tensors, 1)
	b.ReportAllocs()
	for b.Loop() {
		if err := m.Run(tensors); err != nil {
			b.Fatal(err)
		}
	}
}

func TestThreadsOfTwoSlotsSitOnTheirOwnCores(t *testing.T) {
	cores := Cores()
	if len(cores) < 2 {
		t.Skip("one core")
	}
	d, err := NewCPU(Options{Library: library, Cores: cores[:2], Slots: 2})
	if err != nil {
		t.Fatal(err)
	}
	// Bind pins the calling thread, so that each slot is taken on a thread of its own.
	bind := func() (core int, release func()) {
		type sat struct {
			core    int
			release func()
		}
		out, let := make(chan sat), make(chan struct{})
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			release, err := d.Bind()
			if err != nil {
				t.Error(err)
				out <- sat{-1, func() {}}
				return
			}
			var set unix.CPUSet
			if err := unix.SchedGetaffinity(0, &set); err != nil {
				t.Error(err)
			}
			core := -1
			for _, c := range cores {
				if set.IsSet(c) && set.Count() == 1 {
					core = c
				}
			}
			out <- sat{core, nil}
			<-let
			release()
		}()
		s := <-out
		return s.core, func() { close(let); <-ended }
	}
	first, releaseFirst := bind()
	second, releaseSecond := bind()
	if first != cores[0] || second != cores[1] {
		t.Errorf("cores %d and %d of %v", first, second, cores[:2])
	}
	releaseFirst()
	again, releaseAgain := bind()
	if again != cores[0] {
		t.Errorf("core %d for the slot that was left", again)
	}
	releaseAgain()
	releaseSecond()
	conformance(t, d, network)
}
