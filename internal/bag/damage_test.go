package bag

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/klauspost/compress/zstd"

	"rtmdl/internal/ros/msg"
)

// TestBagsCutAnywhere cuts bags at many lengths: what is left is a prefix of the messages, and Open says how many.
func TestBagsCutAnywhere(t *testing.T) {
	for name, o := range map[string]Options{"none": {ChunkSize: 2000}, "zstd": {ChunkSize: 2000, Compression: ZSTD}} {
		t.Run(name, func(t *testing.T) {
			whole, err := os.ReadFile(sample(t, 300, o))
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "cut.mcap")
			last := 0
			for cut := len(magic); cut < len(whole); cut += 131 {
				if err := os.WriteFile(path, whole[:cut], 0o600); err != nil {
					t.Fatal(err)
				}
				_, err := Open(path)
				var truncated *TruncatedError
				if !errors.As(err, &truncated) || truncated.Size != int64(cut) || truncated.Readable > int64(cut) {
					t.Fatalf("cut to %d bytes: %v", cut, err)
				}
				r, err := Recover(path)
				if err != nil {
					t.Fatal(err)
				}
				n := count(t, r)
				if err := r.Close(); err != nil {
					t.Fatal(err)
				}
				if n != int(truncated.Messages) || n < last {
					t.Fatalf("cut to %d bytes: %d messages, announced %d, with fewer bytes %d", cut, n, truncated.Messages, last)
				}
				last = n
			}
			if last != 300 {
				t.Errorf("with nearly all bytes there are only %d messages", last)
			}
		})
	}
}

func TestADamagedChunkIsSkipped(t *testing.T) {
	path := sample(t, 300, Options{ChunkSize: 2000})
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	i := bytes.Index(whole, []byte("message 150"))
	whole[i] ^= 0xff
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	good, bad := 0, 0
	for m, err := range open(t, path).Messages(t.Context(), Query{}) {
		switch {
		case errors.Is(err, ErrCorrupt):
			bad++
		case err != nil:
			t.Fatal(err)
		case string(m.Data) == string(text(150)):
			t.Error("the damaged message was returned")
		default:
			good++
		}
	}
	if bad != 1 || good < 200 || good > 299 {
		t.Errorf("%d messages and %d errors", good, bad)
	}
	// Without the index the same is found by reading the file.
	if err := os.WriteFile(path, whole[:len(whole)-8], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); !errors.Is(err, ErrCorrupt) {
		t.Errorf("open: %v", err)
	}
	r, err := Recover(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if int(r.Count()) != good || !errors.Is(r.Damage(), ErrCorrupt) {
		t.Errorf("%d messages, want %d; damage %v", r.Count(), good, r.Damage())
	}
}

// build makes a file of records for the tests below.
type build []byte

func (b *build) record(op byte, fields ...any) {
	var content bytes.Buffer
	for _, f := range fields {
		switch f := f.(type) {
		case string:
			_ = binary.Write(&content, binary.LittleEndian, uint32(len(f)))
			content.WriteString(f)
		default:
			_ = binary.Write(&content, binary.LittleEndian, f)
		}
	}
	*b = append(*b, op)
	*b = binary.LittleEndian.AppendUint64(*b, uint64(content.Len()))
	*b = append(*b, content.Bytes()...)
}

// bombs are files that claim, or unpack to (size bytes), far more than they are.
func bombs(size int) map[string][]byte {
	files := map[string][]byte{}
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err)
	}
	zeros := encoder.EncodeAll(make([]byte, size), nil)
	chunk := func(size uint64, compression string, stored uint64, data []byte) []byte {
		b := build(magic)
		b.record(opHeader, "ros2", "")
		b.record(opChunk, uint64(0), uint64(9), size, uint32(0), compression, stored, data)
		return b
	}
	files["unpacks to more than announced"] = chunk(1000, "zstd", uint64(len(zeros)), zeros)
	files["announces more than it has"] = chunk(200<<20, "zstd", uint64(len(zeros)), zeros)
	files["announces a terabyte"] = chunk(1<<40, "zstd", uint64(len(zeros)), zeros)
	files["stores a terabyte"] = chunk(1000, "", 1<<40, []byte("abc"))
	files["unknown compression"] = chunk(1000, "bzip2", 3, []byte("abc"))
	files["long name of a compression"] = chunk(1000, string(make([]byte, 5000)), 3, []byte("abc"))
	files["lz4 that is none"] = chunk(1000, "lz4", 3, []byte("abc"))

	long := build(magic)
	long = append(long, opSchema)
	long = binary.LittleEndian.AppendUint64(long, 1<<62)
	files["record of 2^62 bytes"] = long

	summary := build(magic)
	summary.record(opHeader, "ros2", "")
	at := uint64(len(summary))
	summary.record(opStatistics, uint64(5), uint16(1), uint32(1), uint32(0), uint32(0), uint32(1), uint64(1), uint64(2), uint32(0))
	summary.record(opChunkIndex, uint64(1), uint64(2), uint64(1<<62), uint64(1<<62), uint32(0), uint64(0), "", uint64(1), uint64(1))
	summary.record(opFooter, at, uint64(0), uint32(0))
	files["chunk index far outside"] = append(summary, magic...)

	inside := build(magic)
	inside.record(opHeader, "ros2", "")
	at = uint64(len(inside))
	inside.record(opStatistics, uint64(5), uint16(1), uint32(1), uint32(0), uint32(0), uint32(1), uint64(1), uint64(2), uint32(0))
	inside.record(opChunkIndex, uint64(1), uint64(2), uint64(8), uint64(12), uint32(0), uint64(0), "", uint64(1), uint64(1))
	inside.record(opFooter, at, uint64(0), uint32(0))
	files["chunk index that points to no chunk"] = append(inside, magic...)
	return files
}

func TestBombsAreDefused(t *testing.T) {
	for name, content := range bombs(64 << 20) {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "bomb.mcap")
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := readAll(path)
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Error("no error at all")
			}
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 256<<20 {
				t.Errorf("%d MB allocated", grown>>20)
			}
		})
	}
}

// readAll reads what can be read, and returns the first error.
func readAll(path string) error {
	r, err := Recover(path)
	if err != nil {
		return err
	}
	defer r.Close()
	first := r.Damage()
	n := 0
	for m, err := range r.Messages(context.Background(), Query{}) {
		if err != nil && first == nil {
			first = err
		}
		if err == nil && m.Topic == nil {
			panic("a message without a topic")
		}
		if n++; n > 100_000 {
			break
		}
	}
	return first
}

func FuzzRead(f *testing.F) {
	for _, o := range []Options{{ChunkSize: 100}, {ChunkSize: 100, Compression: LZ4}, {Compression: ZSTD}} {
		content, err := os.ReadFile(sample(f, 10, o))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
		f.Add(content[:len(content)/2])
	}
	for _, content := range bombs(100_000) { // small, since instrumented code is slow
		f.Add(content)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := os.CreateTemp(dir, "*.mcap")
		if err != nil {
			t.Fatal(err)
		}
		defer os.Remove(file.Name())
		if _, err := file.Write(content); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		_ = readAll(file.Name())
	})
}

func BenchmarkRead(b *testing.B) {
	path := filepath.Join(b.TempDir(), "x.mcap")
	w := create(b, path, Options{})
	id, err := w.AddTopic("/i", msg.TypeImage, "", "")
	if err != nil {
		b.Fatal(err)
	}
	data := make([]byte, 640*480*3)
	for i := range 100 {
		write(b, w, id, at(i), data)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	r := open(b, path)
	b.SetBytes(100 * int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for range r.Messages(b.Context(), Query{}) {
			n++
		}
		if n != 100 {
			b.Fatal(n)
		}
	}
}

// A chunk without a checksum may be whole and yet hold a record whose length is wrong: nothing is lost without a word.
func TestABrokenLengthInsideAChunkIsSaid(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.mcap")
	w := create(t, path, Options{})
	id := addTopic(t, w, "/a", msg.TypeString)
	for i := range int64(10) {
		if err := w.Write(id, i, i, (&msg.String{Data: "text"}).MarshalCDR(nil)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := len(magic)
	for data[at] != opChunk {
		at += recordHeader + int(binary.LittleEndian.Uint64(data[at+1:]))
	}
	head := at + recordHeader
	clear(data[head+24 : head+28]) // no checksum
	name := int(binary.LittleEndian.Uint32(data[head+28:]))
	record := head + chunkHeader + name + 8
	for range 5 { // records up to the fifth stay as they are
		record += recordHeader + int(binary.LittleEndian.Uint64(data[record+1:]))
	}
	data[record+1+6] = 1 // a length of 2^48
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	messages, damage := 0, 0
	for _, err := range r.Messages(t.Context(), Query{}) {
		switch {
		case err == nil:
			messages++
		case errors.Is(err, ErrCorrupt):
			damage++
		default:
			t.Fatal(err)
		}
	}
	if damage != 1 || messages == 0 || messages == 10 {
		t.Errorf("%d messages and %d words of damage", messages, damage)
	}
}
