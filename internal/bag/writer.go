package bag

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/foxglove/mcap/go/mcap"
	"github.com/klauspost/compress/zstd"
)

// Compression says how the chunks of a bag are compressed.
type Compression uint8

const (
	// None keeps chunks as they are: right for camera images, which barely shrink at a bearable price.
	None Compression = iota
	// LZ4 is fast and shrinks little.
	LZ4
	// ZSTD shrinks more, at its fastest level.
	ZSTD
)

// Options say how Create makes a bag. The zero value is a good default.
type Options struct {
	Compression Compression
	// ChunkSize is the size in bytes, before compression, at which a chunk is written; 0 means 1 MiB.
	ChunkSize int
	// FlushEvery is the span of log time after which a chunk is written although it is not full, so that a crash
	// loses little; 0 means one second, negative means never.
	FlushEvery time.Duration
	// Overwrite allows Create to replace an existing file.
	Overwrite bool
}

// TopicID names a topic within its Writer.
type TopicID uint16

// Writer writes one MCAP file. All its methods may be called by several goroutines at once.
//
// A message is in the file once its chunk is, that is when the chunk is full or a later message is FlushEvery
// away from the chunk's first; after a crash Recover finds all of these. Close writes the rest and the index.
type Writer struct {
	mu      sync.Mutex // guards all below
	file    *os.File
	mcap    *mcap.Writer
	options *mcap.WriterOptions // the library reads ChunkSize at each message
	chunk   int64               // chunk size in bytes
	flush   int64               // span of a chunk in ns, negative: unlimited
	first   int64               // log time of the open chunk's first message
	offset  uint64              // in the file, at which the open chunk will be written
	open    bool                // a chunk with messages is open
	topics  map[string]TopicID
	types   []string // by TopicID - 1
	schemas map[string]uint16
	counts  []uint32 // messages by TopicID - 1
	closed  bool
	err     error // the first failure to write; all later calls return it
}

// Create makes the bag at path, which should end in .mcap. It returns an error that wraps fs.ErrExist where there is
// a file and o.Overwrite is not set. The caller must Close the Writer.
func Create(path string, o Options) (*Writer, error) {
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if !o.Overwrite {
		flags |= os.O_EXCL
	}
	options := &mcap.WriterOptions{IncludeCRC: true, Chunked: true, ChunkSize: 1 << 20}
	if o.ChunkSize > 0 {
		options.ChunkSize = int64(o.ChunkSize)
	}
	switch o.Compression {
	case None:
	case LZ4:
		options.Compression, options.CompressionLevel = mcap.CompressionLZ4, mcap.CompressionLevelFastest
	case ZSTD:
		// One encoder without goroutines of its own: the cores belong to the nodes.
		encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
		if err != nil {
			return nil, fmt.Errorf("create bag: %w", err)
		}
		options.Compressor = mcap.NewCustomCompressor(mcap.CompressionZSTD, encoder)
	default:
		return nil, fmt.Errorf("create bag: %w: compression %d", ErrUnsupported, o.Compression)
	}
	file, err := os.OpenFile(path, flags, 0o644)
	if err != nil {
		return nil, fmt.Errorf("create bag: %w", err)
	}
	w := &Writer{
		file: file, options: options, chunk: options.ChunkSize, flush: int64(time.Second),
		topics: map[string]TopicID{}, schemas: map[string]uint16{},
	}
	if o.FlushEvery != 0 {
		w.flush = int64(o.FlushEvery)
	}
	if w.mcap, err = mcap.NewWriter(file, options); err == nil {
		err = w.mcap.WriteHeader(&mcap.Header{Profile: "ros2", Library: "rtmdl"})
	}
	if err != nil {
		return nil, fmt.Errorf("create bag: %w", errors.Join(err, file.Close()))
	}
	return w, nil
}

// AddTopic announces a topic and returns its ID. The type is given in full ("sensor_msgs/msg/Image"), with the text of
// its definition as Gather makes it, and the publisher's QoS as rosbag2 writes it (see QoS; empty: unknown).
// A topic added again with the same type keeps its ID; with another type the error wraps ErrTopic.
func (w *Writer) AddTopic(name, typeName, schemaText, qos string) (TopicID, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.usable(); err != nil {
		return 0, err
	}
	if id, ok := w.topics[name]; ok {
		if w.types[id-1] != typeName {
			return 0, fmt.Errorf("%w: %s is of type %s, and cannot be of type %s too", ErrTopic, name, w.types[id-1], typeName)
		}
		return id, nil
	}
	if name == "" || strings.Count(typeName, "/") != 2 {
		return 0, fmt.Errorf("%w: name %q, type %q (want package/msg/Name)", ErrTopic, name, typeName)
	}
	if len(w.topics) >= math.MaxUint16 {
		return 0, fmt.Errorf("%w: more than %d topics", ErrTopic, math.MaxUint16)
	}
	schema, ok := w.schemas[typeName]
	if !ok {
		schema = uint16(len(w.schemas) + 1)
		err := w.mcap.WriteSchema(&mcap.Schema{
			ID: schema, Name: typeName, Encoding: "ros2msg", Data: []byte(schemaText),
		})
		if err != nil {
			return 0, w.failed(err)
		}
		w.schemas[typeName] = schema
	}
	id := TopicID(len(w.topics) + 1)
	err := w.mcap.WriteChannel(&mcap.Channel{
		ID: uint16(id), SchemaID: schema, Topic: name, MessageEncoding: "cdr",
		Metadata: map[string]string{"offered_qos_profiles": qos},
	})
	if err != nil {
		return 0, w.failed(err)
	}
	w.topics[name] = id
	w.types = append(w.types, typeName)
	w.counts = append(w.counts, 0)
	return id, nil
}

// Write adds a message. data is its CDR with the encapsulation header, and is not kept. Both times are nanoseconds since
// the epoch, not negative: when the message was recorded, by which readers order it, and when it was published
// (0: as recorded). After an error of the file all further calls return that error.
func (w *Writer) Write(id TopicID, logTime, publishTime int64, data []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.usable(); err != nil {
		return err
	}
	if id == 0 || int(id) > len(w.types) {
		return fmt.Errorf("%w: no topic with ID %d", ErrTopic, id)
	}
	if logTime < 0 || publishTime < 0 {
		return fmt.Errorf("write to bag: negative time: log time %d, publish time %d", logTime, publishTime)
	}
	if publishTime == 0 {
		publishTime = logTime
	}
	if w.open && w.mcap.Offset() != w.offset { // the chunk was written with the message before
		w.open = false
	}
	if !w.open {
		w.open, w.first, w.offset = true, logTime, w.mcap.Offset()
	}
	w.options.ChunkSize = w.chunk
	if w.flush >= 0 && logTime-w.first >= w.flush {
		w.options.ChunkSize = 0 // this message fills the chunk
	}
	w.counts[id-1]++
	err := w.mcap.WriteMessage(&mcap.Message{
		ChannelID: uint16(id), Sequence: w.counts[id-1],
		LogTime: uint64(logTime), PublishTime: uint64(publishTime), Data: data,
	})
	if err != nil {
		return w.failed(err)
	}
	return nil
}

// Close writes what is left and the index, and brings the file to the disk. Calling it again does nothing and returns
// the same.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return w.err
	}
	w.closed = true
	err := w.err
	if err == nil {
		err = w.mcap.Close()
	}
	if err == nil {
		err = w.file.Sync()
	}
	if err = errors.Join(err, w.file.Close()); err != nil && w.err == nil {
		w.err = fmt.Errorf("close bag: %w", err)
	}
	return w.err
}

func (w *Writer) usable() error {
	if w.err != nil {
		return w.err
	}
	if w.closed {
		return ErrClosed
	}
	return nil
}

func (w *Writer) failed(err error) error {
	w.err = fmt.Errorf("write to bag: %w", err)
	return w.err
}
