package bag

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/foxglove/mcap/go/mcap"
	"github.com/google/go-cmp/cmp"

	"rtmdl/internal/ros/msg"
)

func open(t testing.TB, path string) *Reader {
	t.Helper()
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// times reads a bag to its end and returns the log times.
func times(t testing.TB, r *Reader, q Query) []int64 {
	t.Helper()
	var all []int64
	for m, err := range r.Messages(t.Context(), q) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m.LogTime)
	}
	return all
}

func TestQueries(t *testing.T) {
	path := filepath.Join(t.TempDir(), "q.mcap")
	w := create(t, path, Options{ChunkSize: 300})
	a, b := addTopic(t, w, "/a", msg.TypeString), addTopic(t, w, "/b", msg.TypeString)
	for i := range int64(100) {
		id := a
		if i%10 == 3 || i >= 90 {
			id = b
		}
		if err := w.Write(id, i, 0, text(0)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := open(t, path)
	for _, test := range []struct {
		name        string
		q           Query
		first, last int64
		n           int
	}{
		{"everything", Query{}, 0, 99, 100},
		{"one topic", Query{Topics: []string{"/b"}}, 3, 99, 19},
		{"both topics", Query{Topics: []string{"/a", "/b"}}, 0, 99, 100},
		{"from", Query{From: 50}, 50, 99, 50},
		{"to", Query{To: 50}, 0, 49, 50},
		{"topic in a span", Query{Topics: []string{"/b"}, From: 4, To: 24}, 13, 23, 2},
	} {
		got := times(t, r, test.q)
		if len(got) != test.n || got[0] != test.first || got[test.n-1] != test.last {
			t.Errorf("%s: %v", test.name, got)
		}
	}
	for _, q := range []Query{{Topics: []string{"/c"}}, {From: 100}, {From: 10, To: 10}} {
		if got := times(t, r, q); len(got) != 0 {
			t.Errorf("%+v: %v, want none", q, got)
		}
	}
}

func TestStoppingAndCancelling(t *testing.T) {
	r := open(t, sample(t, 100, Options{}))
	n := 0
	for range r.Messages(t.Context(), Query{}) {
		if n++; n == 5 {
			break
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n = 0
	var last error
	for _, err := range r.Messages(ctx, Query{}) {
		if n++; n == 5 {
			cancel()
		}
		last = err
	}
	if n != 6 || !errors.Is(last, context.Canceled) {
		t.Errorf("after cancelling at the fifth message: %d in all, error %v", n, last)
	}
}

// shuffled writes 600 messages in random order of time with the library, as several recorders on one machine might.
func shuffled(t *testing.T, options *mcap.WriterOptions) (path string, want []int64) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "shuffled.mcap")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w, err := mcap.NewWriter(file, options)
	if err == nil {
		err = errors.Join(w.WriteHeader(&mcap.Header{Profile: "ros2"}),
			w.WriteSchema(&mcap.Schema{ID: 7, Name: msg.TypeString, Encoding: "ros2msg", Data: []byte("string data")}),
			w.WriteChannel(&mcap.Channel{ID: 9, SchemaID: 7, Topic: "/x", MessageEncoding: "cdr"}))
	}
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 600 {
		ns := random.Int64N(1000)
		want = append(want, ns)
		if err := w.WriteMessage(&mcap.Message{ChannelID: 9, LogTime: uint64(ns), Data: text(int(ns))}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(want)
	return path, want
}

func TestAnyOrderInTheFileIsReadInOrderOfTime(t *testing.T) {
	for name, options := range map[string]*mcap.WriterOptions{
		"chunks":                  {Chunked: true, ChunkSize: 2000},
		"compressed chunks":       {Chunked: true, ChunkSize: 2000, Compression: mcap.CompressionLZ4, IncludeCRC: true},
		"no message index":        {Chunked: true, ChunkSize: 2000, SkipMessageIndexing: true},
		"no chunks":               {},
		"no chunks, no summary":   {SkipStatistics: true, SkipRepeatedSchemas: true, SkipRepeatedChannelInfos: true},
		"schemas not repeated":    {Chunked: true, ChunkSize: 2000, SkipRepeatedSchemas: true},
		"no statistics":           {Chunked: true, ChunkSize: 2000, SkipStatistics: true},
		"no chunk index":          {Chunked: true, ChunkSize: 2000, SkipChunkIndex: true},
		"only chunks, no summary": {Chunked: true, SkipStatistics: true, SkipRepeatedSchemas: true, SkipRepeatedChannelInfos: true, SkipChunkIndex: true},
	} {
		t.Run(name, func(t *testing.T) {
			path, want := shuffled(t, options)
			r := open(t, path)
			for _, cache := range []int64{defaultCache, 10_000, 1} {
				r.cache = cache
				if diff := cmp.Diff(want, times(t, r, Query{})); diff != "" {
					t.Fatalf("with a cache of %d bytes:\n%s", cache, diff)
				}
			}
			if start, end := r.Span(); r.Count() != 600 || start != want[0] || end != want[599] {
				t.Errorf("%d messages from %d to %d", r.Count(), start, end)
			}
			if topic := r.Topics()[0]; topic.Count != 600 || topic.Type != msg.TypeString {
				t.Errorf("topic %+v", topic)
			}
		})
	}
}

func TestLongMessagesOutsideOfChunks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "long.mcap")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w, err := mcap.NewWriter(file, &mcap.WriterOptions{})
	if err == nil {
		err = errors.Join(w.WriteHeader(&mcap.Header{Profile: "ros2"}),
			w.WriteChannel(&mcap.Channel{ID: 1, Topic: "/x", MessageEncoding: "cdr"}))
	}
	for _, ns := range []uint64{3, 9, 1, 7, 5, 2, 8, 6, 4} {
		data := bytes.Repeat([]byte{byte(ns)}, 3<<20)
		err = errors.Join(err, w.WriteMessage(&mcap.Message{ChannelID: 1, LogTime: ns, Data: data}))
	}
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	r := open(t, path)
	if len(r.segments) != 5 {
		t.Errorf("%d segments", len(r.segments))
	}
	r.cache = 1
	last := int64(0)
	for m, err := range r.Messages(t.Context(), Query{}) {
		if err != nil || m.LogTime != last+1 || len(m.Data) != 3<<20 || m.Data[0] != byte(m.LogTime) {
			t.Fatalf("after %d: time %d, %d bytes, %v", last, m.LogTime, len(m.Data), err)
		}
		last = m.LogTime
	}
	if last != 9 {
		t.Errorf("last message %d", last)
	}
}

// TestTheLibraryReadsTheSame compares with the reader of Foxglove's library.
func TestTheLibraryReadsTheSame(t *testing.T) {
	path := sample(t, 500, Options{ChunkSize: 1000, Compression: ZSTD})
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	library, err := mcap.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer library.Close()
	it, err := library.Messages(mcap.UsingIndex(true), mcap.InOrder(mcap.LogTimeOrder))
	if err != nil {
		t.Fatal(err)
	}
	for m, err := range open(t, path).Messages(t.Context(), Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		schema, channel, want, err := it.NextInto(nil)
		if err != nil {
			t.Fatal(err)
		}
		if m.Topic.Name != channel.Topic || m.Topic.Type != schema.Name || uint64(m.LogTime) != want.LogTime ||
			uint64(m.PublishTime) != want.PublishTime || !bytes.Equal(m.Data, want.Data) {
			t.Fatalf("%+v, the library says %+v", m, want)
		}
	}
	if _, _, _, err := it.NextInto(nil); !errors.Is(err, io.EOF) {
		t.Errorf("the library has more messages: %v", err)
	}
	if library.Header().Profile != "ros2" {
		t.Errorf("profile %q", library.Header().Profile)
	}
}

func TestFilesThatAreNoBags(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct {
		name, content string
		want          error
		text          string
	}{
		{"bag.db3", "SQLite format 3\x00....", ErrNotMCAP, "a SQLite bag; `rtmdl import BAG"},
		{"old.bag", "#ROSBAG V2.0\n...", ErrNotMCAP, "a ROS 1 bag"},
		{"x.mcap.zstd", "\x28\xb5\x2f\xfd....", ErrNotMCAP, "if it is a bag, `rtmdl import BAG"},
		{"x.jpg", "\xff\xd8\xff\xe0....", ErrNotMCAP, "a JPEG picture"},
		{"x.txt", "hello, world", ErrNotMCAP, "a text file"},
		{"metadata.yaml", "rosbag2_bagfile_information:\n", ErrNotMCAP, "give its folder"},
		{"x.bin", "\x00\x01\x02\x03\x04\x05\x06\x07", ErrNotMCAP, "binary data (00 01 02"},
		{"short.mcap", magic[:6], ErrNotMCAP, "cut within its first bytes"},
		{"empty.mcap", "", ErrEmpty, "the file has no bytes"},
		{"only-magic.mcap", magic, ErrTruncated, "0 messages in 8 of 8 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(dir, test.name)
			if err := os.WriteFile(path, []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(path); !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.text) {
				t.Errorf("error %v, want %v with %q", err, test.want, test.text)
			}
		})
	}
	if _, err := Open(filepath.Join(dir, "none.mcap")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	path := filepath.Join(dir, "nothing-in-it.mcap")
	if err := create(t, path, Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); !errors.Is(err, ErrEmpty) {
		t.Errorf("bag without messages: %v", err)
	}
}

func TestFolders(t *testing.T) {
	dir := t.TempDir()
	whole, err := os.ReadFile(sample(t, 100, Options{}))
	if err != nil {
		t.Fatal(err)
	}
	second := filepath.Join(t.TempDir(), "second.mcap")
	w := create(t, second, Options{})
	id := addTopic(t, w, "/state", msg.TypeString)
	for i := 100; i < 150; i++ {
		write(t, w, id, at(i), text(i))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	rest, err := os.ReadFile(second)
	if err != nil {
		t.Fatal(err)
	}
	put := func(name string, content []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	check := func(name string, want int) {
		t.Helper()
		r, err := Open(dir)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		defer r.Close()
		if n := count(t, r); n != want || r.Count() != uint64(want) || len(r.Topics()) != 1 ||
			r.Topics()[0].Count != uint64(want) {
			t.Errorf("%s: %d messages, want %d", name, n, want)
		}
	}
	refuse := func(name string, want error, text string) {
		t.Helper()
		if _, err := Open(dir); !errors.Is(err, want) || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: error %v, want %v with %q", name, err, want, text)
		}
	}
	refuse("empty folder", ErrNotMCAP, "without .mcap files")
	put("b_1.mcap", rest)
	put("notes.txt", []byte("hello"))
	os.Remove(filepath.Join(dir, "b_1.mcap"))
	put("b_0.mcap", whole)
	check("one file", 100)
	put("b_1.mcap", rest)
	refuse("two files, no metadata", ErrUnsupported, "2 .mcap files")
	put("metadata.yaml", []byte("rosbag2_bagfile_information:\n  version: 9\n  storage_identifier: mcap\n"+
		"  relative_file_paths:\n    - b_0.mcap\n    - old_name/b_1.mcap\n  compression_mode: \"\"\n"))
	check("two files", 150)
	put("b_1.mcap", nil)
	check("a split that was just begun", 100)
	put("metadata.yaml", []byte("rosbag2_bagfile_information:\n  storage_identifier: sqlite3\n  relative_file_paths: [a.db3]\n"))
	refuse("sqlite", ErrNotMCAP, "a SQLite bag")
	put("metadata.yaml", []byte("rosbag2_bagfile_information:\n  compression_mode: MESSAGE\n  relative_file_paths: [a.mcap]\n"))
	refuse("compressed", ErrUnsupported, "mode message")
	put("metadata.yaml", []byte("rosbag2_bagfile_information: [\n"))
	refuse("bad YAML", ErrCorrupt, "metadata.yaml")
	put("metadata.yaml", []byte("{}"))
	refuse("no files", ErrCorrupt, "names no files")
	put("metadata.yaml", []byte("rosbag2_bagfile_information:\n  relative_file_paths: [gone.mcap]\n"))
	refuse("missing file", fs.ErrNotExist, "gone.mcap")
}
