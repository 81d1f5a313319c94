package bag

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rtmdl/internal/ros/msg"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const second = int64(time.Second)

// sample makes a bag of n text messages, 10 ms apart, on /state, and returns its path.
func sample(t testing.TB, n int, o Options) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sample.mcap")
	w := create(t, path, o)
	id := addTopic(t, w, "/state", msg.TypeString)
	for i := range n {
		write(t, w, id, at(i), text(i))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func at(i int) int64 { return 1_700_000_000*second + int64(i)*second/100 }

func text(i int) []byte { return (&msg.String{Data: fmt.Sprintf("message %d", i)}).MarshalCDR(nil) }

func create(t testing.TB, path string, o Options) *Writer {
	t.Helper()
	w, err := Create(path, o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func addTopic(t testing.TB, w *Writer, name, typeName string) TopicID {
	t.Helper()
	schema, err := SchemaText(typeName)
	if err != nil {
		t.Fatal(err)
	}
	id, err := w.AddTopic(name, typeName, schema, QoS{Depth: 5}.String())
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func write(t testing.TB, w *Writer, id TopicID, ns int64, data []byte) {
	t.Helper()
	if err := w.Write(id, ns, ns-1000, data); err != nil {
		t.Fatal(err)
	}
}

// count reads a bag to its end and returns the number of messages, checking that they are sample's.
func count(t testing.TB, r *Reader) int {
	t.Helper()
	n := 0
	for m, err := range r.Messages(t.Context(), Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		if m.LogTime != at(n) || string(m.Data) != string(text(n)) || m.Topic.Name != "/state" {
			t.Fatalf("message %d is %+v", n, m)
		}
		n++
	}
	return n
}

func TestWhatWasWrittenIsRead(t *testing.T) {
	for name, o := range map[string]Options{
		"no compression": {}, "lz4": {Compression: LZ4}, "zstd": {Compression: ZSTD},
		"small chunks": {ChunkSize: 100, Compression: ZSTD}, "never flushed": {FlushEvery: -1},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := Open(sample(t, 1000, o))
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if n := count(t, r); n != 1000 {
				t.Errorf("%d messages, want 1000", n)
			}
			start, end := r.Span()
			if start != at(0) || end != at(999) || r.Count() != 1000 {
				t.Errorf("from %d to %d, %d messages", start, end, r.Count())
			}
			topics := r.Topics()
			schema, _ := SchemaText(msg.TypeString)
			want := Topic{
				Name: "/state", Type: msg.TypeString, Encoding: "cdr", Schema: schema, SchemaEncoding: "ros2msg",
				QoS: QoS{Depth: 5}.String(), Count: 1000,
			}
			if len(topics) != 1 || *topics[0] != want {
				t.Errorf("topics %+v, want %+v", topics[0], want)
			}
		})
	}
}

func TestManyGoroutinesWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "many.mcap")
	w := create(t, path, Options{ChunkSize: 1000})
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			id, err := w.AddTopic(fmt.Sprintf("/t%d", g%2), msg.TypeString, "string data\n", "")
			if err != nil {
				t.Error(err)
			}
			for i := range 250 {
				if err := w.Write(id, at(i), 0, text(i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	last, n := int64(0), 0
	for m, err := range r.Messages(t.Context(), Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		if m.LogTime < last || m.PublishTime != m.LogTime {
			t.Fatalf("time %d after %d, published %d", m.LogTime, last, m.PublishTime)
		}
		last = m.LogTime
		n++
	}
	if n != 1000 || len(r.Topics()) != 2 || r.Topics()[0].Count != 500 {
		t.Errorf("%d messages, topics %+v", n, r.Topics())
	}
}

func TestWriterRefusals(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.mcap")
	w := create(t, path, Options{})
	id := addTopic(t, w, "/a", msg.TypeString)
	if again := addTopic(t, w, "/a", msg.TypeString); again != id {
		t.Errorf("topic added again got ID %d instead of %d", again, id)
	}
	if _, err := w.AddTopic("/a", msg.TypeImage, "", ""); !errors.Is(err, ErrTopic) {
		t.Errorf("other type: %v", err)
	}
	if _, err := w.AddTopic("", msg.TypeImage, "", ""); !errors.Is(err, ErrTopic) {
		t.Errorf("no name: %v", err)
	}
	if _, err := w.AddTopic("/b", "Image", "", ""); !errors.Is(err, ErrTopic) {
		t.Errorf("short type: %v", err)
	}
	if err := w.Write(id+1, 1, 1, nil); !errors.Is(err, ErrTopic) {
		t.Errorf("unknown topic: %v", err)
	}
	if err := w.Write(id, -1, 0, nil); err == nil {
		t.Error("a negative time was written")
	}
	for range 2 {
		if err := w.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	if err := w.Write(id, 1, 1, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("write after close: %v", err)
	}
	if _, err := w.AddTopic("/c", msg.TypeString, "", ""); !errors.Is(err, ErrClosed) {
		t.Errorf("topic after close: %v", err)
	}
	if _, err := Create(path, Options{}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("existing file: %v", err)
	}
	if err := create(t, path, Options{Overwrite: true}).Close(); err != nil {
		t.Error(err)
	}
	if _, err := Create(filepath.Join(t.TempDir(), "none", "x.mcap"), Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing folder: %v", err)
	}
}

func TestWritingErrorsStick(t *testing.T) {
	w := create(t, filepath.Join(t.TempDir(), "full.mcap"), Options{ChunkSize: 1})
	id := addTopic(t, w, "/a", msg.TypeString)
	if err := w.file.Close(); err != nil { // as if the disk were gone
		t.Fatal(err)
	}
	first := w.Write(id, 1, 1, text(0))
	if first == nil {
		t.Fatal("no error without a file")
	}
	if err := w.Write(id, 2, 2, text(0)); !errors.Is(err, first) {
		t.Errorf("second write: %v", err)
	}
	if err := w.Close(); !errors.Is(err, first) {
		t.Errorf("close: %v", err)
	}
}

func TestAFullDiskIsAnError(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full here")
	}
	if _, err := Create("/dev/full", Options{Overwrite: true}); err == nil {
		t.Error("a bag was made on a full disk")
	}
}

func TestAfterACrashOnlyTheLastSecondIsLost(t *testing.T) {
	path := filepath.Join(t.TempDir(), "crash.mcap")
	w := create(t, path, Options{})
	id := addTopic(t, w, "/state", msg.TypeString)
	for i := range 1000 { // ten seconds, far below a chunk's size
		write(t, w, id, at(i), text(i))
	}
	left, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, left, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Open(path)
	var truncated *TruncatedError
	if !errors.As(err, &truncated) || truncated.Messages < 900 || truncated.Readable != int64(len(left)) {
		t.Fatalf("open: %v", err)
	}
	r, err := Recover(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if n := count(t, r); n < 900 || n != int(truncated.Messages) || !errors.Is(r.Damage(), ErrTruncated) {
		t.Errorf("%d messages read; damage %v", n, r.Damage())
	}
}

func BenchmarkWriteImage(b *testing.B) {
	data := make([]byte, 640*480*3+60)
	for i := range data {
		data[i] = byte(i * i >> 7)
	}
	for name, c := range map[string]Compression{"none": None, "lz4": LZ4, "zstd": ZSTD} {
		b.Run(name, func(b *testing.B) {
			w := create(b, filepath.Join(b.TempDir(), "x.mcap"), Options{Compression: c})
			id, err := w.AddTopic("/i", msg.TypeImage, "", "")
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				write(b, w, id, at(i), data)
			}
			if err := w.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}
