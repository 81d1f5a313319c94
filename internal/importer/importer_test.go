package importer

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rtmdl/internal/bag"
	"rtmdl/internal/ros/msg"
)

// imported runs an import into a new bag and returns that, opened, and what was counted.
func imported(t *testing.T, run func(*bag.Writer) (Counts, error)) (*bag.Reader, Counts, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "out.mcap")
	w, err := bag.Create(path, bag.Options{})
	if err != nil {
		t.Fatal(err)
	}
	counts, err := run(w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		return nil, counts, err
	}
	r, err := bag.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r, counts, nil
}

func fromBag(t *testing.T, path string) (*bag.Reader, Counts, error) {
	return imported(t, func(w *bag.Writer) (Counts, error) { return Bag(t.Context(), path, w, nil) })
}

// strings20 checks that a bag has the first n messages of those in testdata.
func strings20(t *testing.T, r *bag.Reader, n int) {
	t.Helper()
	i := 0
	for m, err := range r.Messages(t.Context(), bag.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf("message %d\x00", i)
		if m.LogTime != 1e9+int64(i) || m.Topic.Name != []string{"/a", "/b"}[i%2] || m.Topic.Type != "std_msgs/msg/String" ||
			!bytes.HasSuffix(bytes.TrimRight(m.Data, "\x00"), []byte(text[:len(text)-1])) {
			t.Fatalf("message %d: %s at %d: %q", i, m.Topic.Name, m.LogTime, m.Data)
		}
		i++
	}
	if i != n {
		t.Errorf("%d messages, want %d", i, n)
	}
}

func TestBagsOfOtherRecordersAreTakenOver(t *testing.T) {
	for _, name := range []string{"sqlite", "sqlite_file", "sqlite_message", "mcap_file", "mcap_message"} {
		t.Run(name, func(t *testing.T) {
			r, counts, err := fromBag(t, filepath.Join("testdata", name))
			if err != nil || counts.Messages != 20 || len(counts.Lost) > 0 {
				t.Fatalf("%+v, error %v", counts, err)
			}
			strings20(t, r, 20)
		})
	}
}

func TestAFileOfABagIsTakenOverByItself(t *testing.T) {
	for _, file := range []string{"sqlite/sqlite.db3", "sqlite_file/sqlite_file.db3.zstd"} {
		r, counts, err := fromBag(t, filepath.Join("testdata", file))
		if err != nil || counts.Messages != 20 {
			t.Fatalf("%s: %+v, error %v", file, counts, err)
		}
		strings20(t, r, 20)
	}
}

// copied puts a changed copy of a file into a folder of its own, without metadata.yaml.
func copied(t *testing.T, file string, change func([]byte) []byte) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), filepath.Base(file))
	if err := os.WriteFile(path, change(data), 0o644); err != nil {
		t.Fatal(err)
	}
	return filepath.Dir(path)
}

// newSQLite writes a bag of so many messages of a kilobyte as rosbag2 does.
func newSQLite(t *testing.T, messages int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "drive_0.db3")
	db, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		"CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, serialization_format TEXT NOT NULL, offered_qos_profiles TEXT NOT NULL)",
		"CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER NOT NULL, timestamp INTEGER NOT NULL, data BLOB NOT NULL)",
		"INSERT INTO topics VALUES (1, '/a', 'std_msgs/msg/String', 'cdr', '')",
		fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO messages SELECT i, 1, i, zeroblob(1000) FROM n", messages),
	} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOfACutSQLiteBagTheBeginningIsSaved(t *testing.T) {
	folder := copied(t, newSQLite(t, 1000), func(b []byte) []byte { return b[:len(b)*6/10] })
	_, counts, err := fromBag(t, folder)
	if err != nil || counts.Messages < 100 || counts.Messages > 700 {
		t.Fatalf("%+v, error %v", counts, err)
	}
	if want := fmt.Sprintf("%d of 1000 messages, behind the damage", 1000-counts.Messages); len(counts.Lost) != 1 || !strings.Contains(counts.Lost[0], "behind the damage") {
		t.Errorf("lost %v, want %s", counts.Lost, want)
	}
}

func TestWhatIsIntactOfADamagedBagIsSaved(t *testing.T) {
	cut := func(share int) func([]byte) []byte {
		return func(b []byte) []byte { return b[:len(b)*share/100] }
	}
	for name, folder := range map[string]string{
		"SQLite, a page overwritten": copied(t, "testdata/sqlite/sqlite.db3", func(b []byte) []byte {
			return append(b[:len(b)-4096], bytes.Repeat([]byte{0xff}, 4096)...)
		}),
		"SQLite, cut":                  copied(t, "testdata/sqlite/sqlite.db3", cut(50)),
		"compressed, cut":              copied(t, "testdata/sqlite_file/sqlite_file.db3.zstd", cut(60)),
		"MCAP without its end, zipped": copied(t, "testdata/mcap_file/mcap_file.mcap.zstd", cut(90)),
	} {
		t.Run(name, func(t *testing.T) {
			_, counts, err := fromBag(t, folder)
			t.Logf("%+v, error %v", counts, err)
			if err == nil && len(counts.Lost) == 0 && counts.Messages < 20 {
				t.Errorf("%d messages, and nobody is told of the rest", counts.Messages)
			}
			if err != nil && !errors.Is(err, ErrSource) {
				t.Errorf("an error of no kind: %v", err)
			}
		})
	}
}

func TestWhatIsNoBagIsNamed(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, path := range []string{
		filepath.Join(folder, "missing"), write("empty.db3", ""), write("text.db3", "hello"), write("x.db3.zstd", "hello"),
		write("half.db3", "SQLite format 3\x00 and no more"), t.TempDir(),
	} {
		if _, _, err := fromBag(t, path); !errors.Is(err, ErrSource) || !strings.Contains(err.Error(), filepath.Base(path)) {
			t.Errorf("%s: error %v", path, err)
		}
	}
}

// picture is a JPEG of one colour.
func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 32, 16)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPicturesBecomeFramesInTheOrderOfTheirNumbers(t *testing.T) {
	folder := t.TempDir()
	good := picture(t)
	for name, data := range map[string][]byte{
		"10.jpg": append(bytes.Clone(good), 10), "2.jpg": append(bytes.Clone(good), 2), "3.png": []byte("no picture"), "notes.txt": nil,
	} {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	camera := Camera{Topic: "/front/image_raw", FrameID: "front", Rate: 10, Start: time.Unix(100, 0)}
	r, counts, err := imported(t, func(w *bag.Writer) (Counts, error) { return Pictures(t.Context(), folder, camera, w, nil) })
	if err != nil || counts.Messages != 2 || len(counts.Lost) != 1 || !strings.Contains(counts.Lost[0], "3.png") {
		t.Fatalf("%+v, error %v", counts, err)
	}
	var last []byte
	var stamps []int64
	for m, err := range r.Messages(t.Context(), bag.Query{Topics: []string{"/front/image_raw/compressed"}}) {
		if err != nil {
			t.Fatal(err)
		}
		var frame msg.CompressedImage
		if err := frame.UnmarshalCDR(m.Data); err != nil || frame.Header.FrameID != "front" || frame.Format != "jpeg" {
			t.Fatalf("%+v, error %v", frame.Header, err)
		}
		stamps, last = append(stamps, int64(frame.Header.Stamp.Sec)*1e9+int64(frame.Header.Stamp.Nanosec)), append(last, frame.Data[len(frame.Data)-1])
	}
	if !bytes.Equal(last, []byte{2, 10}) || len(stamps) != 2 || stamps[0] != 100e9 || stamps[1] != 100.1e9 {
		t.Errorf("pictures %v at %v", last, stamps)
	}
}

func TestAnImportCanBeInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := imported(t, func(w *bag.Writer) (Counts, error) { return Bag(ctx, "testdata/sqlite", w, nil) })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
