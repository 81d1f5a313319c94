package bag

import "encoding/binary"

// The parts of the MCAP format that this package reads, see https://mcap.dev/spec.
const (
	opHeader     = 0x01
	opFooter     = 0x02
	opSchema     = 0x03
	opChannel    = 0x04
	opMessage    = 0x05
	opChunk      = 0x06
	opChunkIndex = 0x08
	opStatistics = 0x0B
	opDataEnd    = 0x0F

	recordHeader  = 1 + 8         // opcode and length of the content
	messageHeader = 2 + 4 + 8 + 8 // channel, sequence, log time, publish time
	footerContent = 8 + 8 + 4
	tailSize      = recordHeader + footerContent + 8 // footer record and magic
	chunkHeader   = 8 + 8 + 8 + 4 + 4                // up to the name of the compression
)

const magic = "\x89MCAP0\r\n"

// Limits on what a file may ask for. ROS's default chunks have 0.8 MB.
const (
	maxChunk   = 256 << 20 // uncompressed chunks and single messages, in bytes
	maxSummary = 64 << 20  // any other record, in bytes
)

// cursor takes little-endian fields off the front of a record. After the first that is not there, ok is false and all
// that follow are zero.
type cursor struct {
	b   []byte
	bad bool
}

func (c *cursor) take(n uint64) []byte {
	if c.bad || n > uint64(len(c.b)) {
		c.bad = true
		return nil
	}
	taken := c.b[:n:n]
	c.b = c.b[n:]
	return taken
}

func (c *cursor) u16() uint16 {
	if b := c.take(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

func (c *cursor) u32() uint32 {
	if b := c.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (c *cursor) u64() uint64 {
	if b := c.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// time reads a time; those beyond int64 nanoseconds (the year 2262) are bad.
func (c *cursor) time() int64 {
	t := int64(c.u64())
	if t < 0 {
		c.bad, t = true, 0
	}
	return t
}

func (c *cursor) str() string { return string(c.take(uint64(c.u32()))) }

func (c *cursor) sub() cursor {
	b := c.take(uint64(c.u32()))
	return cursor{b: b, bad: c.bad}
}

// dict reads a map of strings.
func (c *cursor) dict() map[string]string {
	inner := c.sub()
	m := map[string]string{}
	for len(inner.b) > 0 && !inner.bad {
		key := inner.str()
		m[key] = inner.str()
	}
	c.bad = c.bad || inner.bad
	return m
}

type schemaRecord struct {
	id                   uint16
	name, encoding, text string
}

func parseSchema(b []byte) (schemaRecord, bool) {
	c := cursor{b: b}
	s := schemaRecord{id: c.u16(), name: c.str(), encoding: c.str(), text: c.str()}
	return s, !c.bad
}

type channelRecord struct {
	id, schema      uint16
	topic, encoding string
	metadata        map[string]string
}

func parseChannel(b []byte) (channelRecord, bool) {
	c := cursor{b: b}
	r := channelRecord{id: c.u16(), schema: c.u16(), topic: c.str(), encoding: c.str(), metadata: c.dict()}
	return r, !c.bad
}

type messageRecord struct {
	channel              uint16
	logTime, publishTime int64
	data                 []byte
}

func parseMessage(b []byte) (messageRecord, bool) {
	c := cursor{b: b}
	m := messageRecord{channel: c.u16()}
	c.u32() // sequence
	m.logTime = c.time()
	m.publishTime = int64(c.u64()) // not relied on: 0 and nonsense occur
	m.data = c.b
	return m, !c.bad
}

// chunkRecord is the head of a chunk; the records follow it in the file.
type chunkRecord struct {
	start, end  int64
	size        uint64 // uncompressed
	crc         uint32 // 0: none
	compression string
	stored      uint64 // compressed
}

func parseChunkIndex(b []byte) (segment, bool) {
	c := cursor{b: b}
	s := segment{start: c.time(), end: c.time(), offset: c.time()}
	length := c.u64()
	s.length = int64(length)
	s.channels = map[uint16]bool{}
	for offsets := c.sub(); len(offsets.b) > 0 && !offsets.bad; {
		s.channels[offsets.u16()] = true
		offsets.u64()
	}
	if c.u64() == 0 { // length of the message indexes: without any, the channels are unknown
		s.channels = nil
	}
	return s, !c.bad && s.length >= 0 && s.end >= s.start
}

type statisticsRecord struct {
	messages   uint64
	start, end int64
	counts     map[uint16]uint64
}

func parseStatistics(b []byte) (statisticsRecord, bool) {
	c := cursor{b: b}
	s := statisticsRecord{messages: c.u64(), counts: map[uint16]uint64{}}
	c.take(2 + 4 + 4 + 4 + 4) // numbers of schemas, channels, attachments, metadata and chunks
	s.start, s.end = c.time(), c.time()
	for counts := c.sub(); len(counts.b) > 0 && !counts.bad; {
		id := counts.u16()
		s.counts[id] = counts.u64()
	}
	return s, !c.bad
}
