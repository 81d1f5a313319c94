package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"

	"rtmdl/internal/bag"
)

// Bag imports a rosbag2 folder, or one file of one: .db3 or .mcap, each also as .zstd. Messages keep their topics, types,
// quality of service and times. An error after which nothing can be had wraps ErrSource; one of the writer, or of ctx, is
// returned as it is.
func Bag(ctx context.Context, path string, out *bag.Writer, progress Progress) (Counts, error) {
	files, perMessage := []string{path}, false
	info, err := os.Stat(path)
	if err != nil {
		return Counts{}, fmt.Errorf("%w: %w", ErrSource, err)
	}
	if info.IsDir() {
		m, err := bag.ReadMetadata(path)
		switch {
		case err == nil:
			files, perMessage = m.Files, m.Compression == "message"
		case !errors.Is(err, fs.ErrNotExist):
			return Counts{}, fmt.Errorf("%w: %w", ErrSource, err)
		default: // the recorder was killed
			if files, err = bagFiles(path); err != nil {
				return Counts{}, err
			}
		}
	}
	w := newWriter(out)
	for _, file := range files {
		if err := importFile(ctx, file, perMessage, w, progress); err != nil {
			if errors.Is(err, ErrSource) && len(files) > 1 { // the other parts are still good
				w.lost(err.Error())
				continue
			}
			return w.counts, err
		}
	}
	if w.counts.Messages == 0 && len(w.counts.Lost) > 0 {
		return w.counts, fmt.Errorf("%w: %s", ErrSource, strings.Join(w.counts.Lost, "; "))
	}
	return w.counts, nil
}

// kinds are the names of bag files, without .zstd.
var kinds = []string{".db3", ".mcap"}

// IsBag reports whether a name is that of a file of a bag.
func IsBag(name string) bool {
	return slices.Contains(kinds, strings.ToLower(filepath.Ext(strings.TrimSuffix(name, ".zstd"))))
}

// HoldsBag reports whether a folder is a bag's.
func HoldsBag(folder string) bool {
	if _, err := os.Stat(filepath.Join(folder, "metadata.yaml")); err == nil {
		return true
	}
	_, err := bagFiles(folder)
	return err == nil
}

// bagFiles are the files of a bag without metadata.yaml, in the order of their names.
func bagFiles(folder string) (files []string, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSource, err)
	}
	for _, e := range entries {
		if IsBag(e.Name()) {
			files = append(files, filepath.Join(folder, e.Name()))
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%w: %s has neither metadata.yaml nor .db3 or .mcap files", ErrSource, folder)
	}
	return files, nil
}

// importFile imports one file of a bag.
func importFile(ctx context.Context, file string, perMessage bool, w *writer, progress Progress) error {
	if strings.HasSuffix(file, ".zstd") {
		plain, err := unpack(ctx, file)
		if plain != "" {
			defer os.Remove(plain) //nolint:errcheck // a temporary file
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			w.lost(fmt.Sprintf("%s: the end, since decompressing it failed: %v", file, err))
		}
		if plain == "" {
			return fmt.Errorf("%w: %s: %w", ErrSource, file, err)
		}
		file = plain
	}
	open := func(data []byte) ([]byte, error) { return data, nil }
	if perMessage {
		decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxMessage))
		if err != nil {
			return err
		}
		defer decoder.Close()
		open = func(data []byte) ([]byte, error) { return decoder.DecodeAll(data, nil) }
	}
	head := make([]byte, 16)
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSource, err)
	}
	n, err := io.ReadFull(f, head)
	if err := f.Close(); err != nil {
		return err
	}
	if err != nil && n == 0 {
		return fmt.Errorf("%w: %s is empty", ErrSource, file)
	}
	if strings.HasPrefix(string(head), "SQLite format 3") {
		return importSQLite(ctx, file, open, w, progress)
	}
	return importMCAP(ctx, file, open, w, progress)
}

// importMCAP copies the messages of an MCAP file, as far as they are intact.
func importMCAP(ctx context.Context, file string, open func([]byte) ([]byte, error), w *writer, progress Progress) error {
	r, err := bag.Recover(file)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSource, err)
	}
	defer r.Close() //nolint:errcheck // read only
	if err := r.Damage(); err != nil {
		w.lost(err.Error())
	}
	for _, t := range r.Topics() {
		if err := w.topic(t.Name, t.Type, t.Schema, t.QoS); err != nil {
			return err
		}
	}
	bad, done := 0, int64(0)
	for m, err := range r.Messages(ctx, bag.Query{}) {
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			w.lost(err.Error())
			continue
		}
		data, err := open(m.Data)
		if err != nil {
			bad++
			continue
		}
		if err := w.write(m.Topic.Name, m.LogTime, data); err != nil {
			return err
		}
		if done++; progress != nil {
			progress(done, int64(r.Count()))
		}
	}
	if bad > 0 {
		w.lost(fmt.Sprintf("%s: %d messages that can't be decompressed", file, bad))
	}
	return nil
}

// unpack decompresses a file to a temporary one, which the caller removes. What could be decompressed is there beside an
// error, if anything could.
func unpack(ctx context.Context, file string) (plain string, err error) {
	in, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer in.Close() //nolint:errcheck // read only
	decoder, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return "", err
	}
	defer decoder.Close()
	out, err := os.CreateTemp("", "rtmdl-import-*"+filepath.Ext(strings.TrimSuffix(file, ".zstd")))
	if err != nil {
		return "", err
	}
	n, err := io.Copy(out, reader(func(p []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return decoder.Read(p)
	}))
	err = errors.Join(err, out.Close())
	if n == 0 {
		return "", errors.Join(err, os.Remove(out.Name()))
	}
	return out.Name(), err
}

type reader func([]byte) (int, error)

func (r reader) Read(p []byte) (int, error) { return r(p) }
