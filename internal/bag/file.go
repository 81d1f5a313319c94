package bag

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// source is one MCAP file of a bag.
type source struct {
	path     string
	file     *os.File
	size     int64
	schemas  map[uint16]schemaRecord
	channels map[uint16]*Topic // entries of the Reader's topics
	counts   map[uint16]uint64
	segments []segment
	messages uint64
	start    int64 // log time of the first message; meaningless without messages
	end      int64
	damage   error // *TruncatedError or one that wraps ErrCorrupt; nil: intact
}

// segment is a part of a file that is read at once: a chunk, or a run of messages outside of chunks.
type segment struct {
	source     int // index in Reader.sources
	chunk      bool
	partial    bool            // the end is missing: what is there counts
	offset     int64           // of the first record
	length     int64           // of the records, their headers included
	start, end int64           // log times
	channels   map[uint16]bool // those with messages in it; nil: unknown
}

func openSource(path string) (*source, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open bag: %w", err)
	}
	s := &source{
		path: path, file: file,
		schemas: map[uint16]schemaRecord{}, channels: map[uint16]*Topic{}, counts: map[uint16]uint64{},
	}
	if err := s.begin(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return s, nil
}

// begin looks at the size and the first bytes.
func (s *source) begin() error {
	info, err := s.file.Stat()
	if err != nil {
		return fmt.Errorf("open bag: %w", err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("open bag: %s: %w: not a regular file", s.path, ErrUnsupported)
	}
	s.size = info.Size()
	if s.size == 0 {
		return fmt.Errorf("%s: %w: the file has no bytes", s.path, ErrEmpty)
	}
	head := make([]byte, min(s.size, 512))
	if _, err := s.file.ReadAt(head, 0); err != nil {
		return fmt.Errorf("open bag: %w", err)
	}
	if len(head) < len(magic) || string(head[:len(magic)]) != magic {
		return foreign(s.path, head)
	}
	return nil
}

// index finds topics and segments: from the summary at the end if there is one, else by reading the whole file.
func (s *source) index(topics *topicTable) error {
	done, err := s.readSummary(topics)
	if err != nil || done {
		return err
	}
	return s.scan(topics)
}

// readSummary reads the index at the end. It returns false if the file has none, or one that does not say enough.
func (s *source) readSummary(topics *topicTable) (bool, error) {
	if s.size < int64(len(magic))+tailSize {
		return false, nil
	}
	tail := make([]byte, tailSize)
	if _, err := s.file.ReadAt(tail, s.size-tailSize); err != nil {
		return false, fmt.Errorf("read bag: %w", err)
	}
	if string(tail[tailSize-len(magic):]) != magic || tail[0] != opFooter ||
		binary.LittleEndian.Uint64(tail[1:]) != footerContent {
		return false, nil
	}
	begin := binary.LittleEndian.Uint64(tail[recordHeader:])
	end := s.size - tailSize
	if begin == 0 || begin > uint64(end) {
		return false, nil
	}
	var summary source // read apart, so that nothing of a bad summary stays
	summary.path, summary.file, summary.size = s.path, s.file, s.size
	summary.schemas, summary.counts = map[uint16]schemaRecord{}, map[uint16]uint64{}
	var channels []channelRecord
	var statistics *statisticsRecord
	r := newRecords(s.file, int64(begin), end)
	for {
		op, content, err := r.next(maxSummary)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return false, nil
		}
		ok := true
		switch op {
		case opSchema:
			var schema schemaRecord
			schema, ok = parseSchema(content)
			summary.schemas[schema.id] = schema
		case opChannel:
			var channel channelRecord
			channel, ok = parseChannel(content)
			channels = append(channels, channel)
		case opChunkIndex:
			var chunk segment
			chunk, ok = parseChunkIndex(content)
			chunk.chunk = true
			ok = ok && chunk.offset >= int64(len(magic)) && chunk.length > recordHeader &&
				chunk.offset <= int64(begin) && chunk.length <= int64(begin)-chunk.offset
			summary.segments = append(summary.segments, chunk)
		case opStatistics:
			var found statisticsRecord
			found, ok = parseStatistics(content)
			statistics = &found
		case opMessage, opChunk:
			ok = false
		}
		if !ok {
			return false, nil
		}
	}
	if statistics == nil || (statistics.messages > 0 && len(summary.segments) == 0) {
		return false, nil // without statistics, or with messages outside of chunks: look at everything
	}
	for id, n := range statistics.counts {
		if n > 0 && !hasChannel(channels, summary.schemas, id) {
			return false, nil // schemas and channels are not repeated in the summary
		}
	}
	s.schemas, s.segments, s.counts = summary.schemas, summary.segments, statistics.counts
	s.messages, s.start, s.end = statistics.messages, statistics.start, statistics.end
	for _, channel := range channels {
		s.addChannel(channel, topics)
	}
	return true, nil
}

func hasChannel(channels []channelRecord, schemas map[uint16]schemaRecord, id uint16) bool {
	for _, c := range channels {
		_, known := schemas[c.schema]
		if c.id == id && (known || c.schema == 0) {
			return true
		}
	}
	return false
}

// addChannel registers a channel; the first record of an ID counts.
func (s *source) addChannel(channel channelRecord, topics *topicTable) {
	if _, ok := s.channels[channel.id]; !ok {
		s.channels[channel.id] = topics.topic(channel, s.schemas[channel.schema])
	}
}

// records reads the records of a part of a file, one after the other.
type records struct {
	r   *bufio.Reader
	pos int64 // in the file
	end int64
	buf []byte
}

func newRecords(file io.ReaderAt, begin, end int64) *records {
	return &records{r: bufio.NewReaderSize(io.NewSectionReader(file, begin, end-begin), 1<<16), pos: begin, end: end}
}

var errTooLong = errors.New("record longer than what is left")

// head reads the opcode and the length of the next record's content. It returns io.EOF at the end, and errTooLong if
// the part ends before the record does.
func (r *records) head() (op byte, length int64, err error) {
	if r.pos >= r.end {
		return 0, 0, io.EOF
	}
	var head [recordHeader]byte
	if _, err := io.ReadFull(r.r, head[:]); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errTooLong
		}
		return 0, 0, err
	}
	n := binary.LittleEndian.Uint64(head[1:])
	if n > uint64(r.end-r.pos-recordHeader) {
		return head[0], 0, errTooLong
	}
	r.pos += recordHeader
	return head[0], int64(n), nil
}

// content reads n bytes of a record; they are valid until the next call.
func (r *records) content(n int64) ([]byte, error) {
	if int64(cap(r.buf)) < n {
		r.buf = make([]byte, n)
	}
	r.buf = r.buf[:n]
	if _, err := io.ReadFull(r.r, r.buf); err != nil {
		return nil, err
	}
	r.pos += n
	return r.buf, nil
}

// skip passes over n bytes.
func (r *records) skip(n int64) error {
	for rest := n; rest > 0; {
		step := int(min(rest, 1<<30))
		if _, err := r.r.Discard(step); err != nil {
			return err
		}
		rest -= int64(step)
	}
	r.pos += n
	return nil
}

// next reads the next record whole. One that is longer than limit is passed over, and its content is nil.
func (r *records) next(limit int64) (op byte, content []byte, err error) {
	op, n, err := r.head()
	if err != nil {
		return op, nil, err
	}
	if n > limit {
		return op, nil, r.skip(n)
	}
	content, err = r.content(n)
	return op, content, err
}
