package bag

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// load reads the records of a segment into memory of their own. Errors wrap ErrCorrupt where the file is to blame.
func (s *source) load(g segment) ([]byte, error) {
	if !g.chunk {
		return s.read(g.offset, g.length)
	}
	chunk, begin, err := s.chunkHead(g)
	if err != nil {
		return nil, err
	}
	stored := int64(chunk.stored)
	if g.partial {
		stored = min(stored, s.size-begin)
	}
	var data []byte
	switch chunk.compression {
	case "":
		data, err = s.read(begin, min(stored, int64(chunk.size)))
	case "lz4", "zstd":
		data, err = s.decompress(chunk, begin, stored)
	default:
		return nil, fmt.Errorf("%s: %w: compression %.20q", s.path, ErrUnsupported, chunk.compression)
	}
	if g.partial {
		return data, nil // as far as it goes
	}
	if err != nil {
		return nil, corrupt(s.path, g.offset, "chunk: %v", err)
	}
	if uint64(len(data)) != chunk.size {
		return nil, corrupt(s.path, g.offset, "chunk has %d bytes instead of %d", len(data), chunk.size)
	}
	if chunk.crc != 0 && crc32.ChecksumIEEE(data) != chunk.crc {
		return nil, corrupt(s.path, g.offset, "checksum of a chunk is wrong")
	}
	return data, nil
}

func (s *source) read(offset, length int64) ([]byte, error) {
	if length > maxChunk+looseRun {
		return nil, corrupt(s.path, offset, "%d bytes at once", length)
	}
	data := make([]byte, length)
	if _, err := s.file.ReadAt(data, offset); err != nil {
		return nil, fmt.Errorf("read bag: %w", err)
	}
	return data, nil
}

// chunkHead reads the fields in front of a chunk's records, and returns where those begin.
func (s *source) chunkHead(g segment) (chunkRecord, int64, error) {
	const most = recordHeader + chunkHeader + 16 + 8 // names of compressions are short
	head, err := s.read(g.offset, min(most, s.size-g.offset))
	if err != nil {
		return chunkRecord{}, 0, err
	}
	c := cursor{b: head}
	op := c.take(1)
	length := c.u64()
	r := chunkRecord{start: int64(c.u64()), end: int64(c.u64()), size: c.u64(), crc: c.u32()}
	name := c.u32()
	r.compression = string(c.take(uint64(name)))
	r.stored = c.u64()
	begin := g.offset + recordHeader + chunkHeader + int64(name) + 8
	switch {
	case c.bad || op[0] != opChunk:
		return r, 0, corrupt(s.path, g.offset, "no chunk here")
	case !g.partial && (length != uint64(g.length-recordHeader) || r.stored != uint64(g.offset+g.length-begin)):
		return r, 0, corrupt(s.path, g.offset, "lengths of a chunk contradict each other")
	case r.size > maxChunk || r.stored > maxChunk:
		return r, 0, corrupt(s.path, g.offset, "chunk of %d bytes, above the limit of %d", max(r.size, r.stored), maxChunk)
	}
	return r, begin, nil
}

// decompress grows its result as data comes out, so that memory follows the data and not what the chunk claims.
func (s *source) decompress(chunk chunkRecord, begin, stored int64) ([]byte, error) {
	in := bufio.NewReader(io.NewSectionReader(s.file, begin, stored))
	var out io.Reader
	if chunk.compression == "lz4" {
		decoder, ok := lz4Pool.Get().(*lz4.Reader)
		if !ok {
			decoder = lz4.NewReader(nil)
		}
		defer lz4Pool.Put(decoder)
		decoder.Reset(in)
		out = decoder
	} else {
		decoder, err := newZstd()
		if err != nil {
			return nil, err
		}
		defer zstdPool.Put(decoder)
		if err := decoder.Reset(in); err != nil {
			return nil, err
		}
		out = decoder
	}
	data := make([]byte, 0, min(chunk.size, 1<<20))
	for idle := 0; idle < 100; {
		if len(data) == cap(data) {
			if uint64(len(data)) == chunk.size {
				return data, atEnd(out)
			}
			grown := make([]byte, len(data), min(2*uint64(cap(data))+512, chunk.size))
			copy(grown, data)
			data = grown
		}
		n, err := out.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if n > 0 {
			idle = 0
		} else {
			idle++
		}
		if errors.Is(err, io.EOF) {
			return data, nil
		}
		if err != nil {
			return data, err
		}
	}
	return data, io.ErrNoProgress
}

// atEnd returns an error if there is more to read.
func atEnd(r io.Reader) error {
	var more [1]byte
	n, err := io.ReadFull(r, more[:])
	if n > 0 {
		return errors.New("more data than announced")
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// The pools keep decoders, which are big. They have no goroutines, so that the garbage collector may take them.
var lz4Pool, zstdPool sync.Pool

func newZstd() (*zstd.Decoder, error) {
	if decoder, ok := zstdPool.Get().(*zstd.Decoder); ok {
		return decoder, nil
	}
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(128<<20))
}

// walk calls f for each whole record in data, with its offset, and stops at the first that is cut. It returns how many
// bytes it has read: less than all where a record is cut.
func walk(data []byte, f func(op byte, content []byte, offset int)) int {
	at := 0
	for at+recordHeader <= len(data) {
		length := binary.LittleEndian.Uint64(data[at+1:])
		if length > uint64(len(data)-at-recordHeader) {
			break
		}
		next := at + recordHeader + int(length)
		f(data[at], data[at+recordHeader:next], at)
		at = next
	}
	return at
}
