package msg

import (
	"encoding/binary"
	"math"
	"strconv"
)

// maxPadding is how many bytes may follow a message: middlewares round a payload up to 4 bytes.
const maxPadding = 3

// decoder reads CDR from src. The first error sticks; every read after it returns zero.
type decoder struct {
	src   []byte // after the encapsulation header
	pos   int    // in src
	big   bool   // big endian
	err   error
	field string // where err happened
	at    int    // pos where err happened
}

func newDecoder(src []byte) decoder {
	var d decoder
	if len(src) < encapsulationSize {
		d.fail("encapsulation", ErrTruncated)
		d.at = -encapsulationSize
		return d
	}
	// Bytes 2 and 3 are options; some writers put the number of padding bytes there.
	if src[0] != 0 || src[1] > 1 {
		d.fail("encapsulation", ErrBadEncapsulation)
		d.at = -encapsulationSize
		return d
	}
	d.big = src[1] == 0
	d.src = src[encapsulationSize:]
	return d
}

// finish checks what is left over, and returns the error of the whole, if any.
func (d *decoder) finish(typeName string) error {
	if d.err == nil && len(d.src)-d.pos > maxPadding {
		d.fail("", ErrTrailingBytes)
	}
	if d.err == nil {
		return nil
	}
	return &DecodeError{Type: typeName, Field: d.field, Offset: d.at + encapsulationSize, Err: d.err}
}

// finishRequest does so for a request of a service, which the middleware makes of its own structure: its guess of the size leaves
// more bytes behind the message.
func (d *decoder) finishRequest(typeName string) error {
	d.src = d.src[:d.pos]
	return d.finish(typeName)
}

func (d *decoder) fail(field string, err error) {
	if d.err == nil {
		d.err, d.field, d.at = err, field, d.pos
	}
}

// within puts the name of the enclosing field in front of the path of an error.
func (d *decoder) within(field string) {
	if d.err != nil {
		d.field = field + "." + d.field
	}
}

// withinElement does the same for the element of a sequence.
func (d *decoder) withinElement(field string, i int) {
	if d.err != nil {
		d.within(field + "[" + strconv.Itoa(i) + "]")
	}
}

// take returns the next n bytes after aligning to align, or nil when there are fewer.
func (d *decoder) take(field string, align, n int) []byte {
	if d.err != nil {
		return nil
	}
	pos := (d.pos + align - 1) &^ (align - 1)
	if pos > len(d.src) || n > len(d.src)-pos {
		d.fail(field, ErrTruncated)
		d.at = pos
		return nil
	}
	d.pos = pos + n
	return d.src[pos:d.pos:d.pos]
}

func (d *decoder) u8(field string) uint8 {
	b := d.take(field, 1, 1)
	if b == nil {
		return 0
	}
	return b[0]
}

func (d *decoder) boolean(field string) bool {
	switch d.u8(field) {
	case 0:
		return false
	case 1:
		return true
	}
	d.pos--
	d.fail(field, ErrBadBool)
	return false
}

func (d *decoder) u32(field string) uint32 {
	b := d.take(field, 4, 4)
	if b == nil {
		return 0
	}
	if d.big {
		return binary.BigEndian.Uint32(b)
	}
	return binary.LittleEndian.Uint32(b)
}

func (d *decoder) i32(field string) int32 { return int32(d.u32(field)) }

func (d *decoder) u64(field string) uint64 {
	b := d.take(field, 8, 8)
	if b == nil {
		return 0
	}
	if d.big {
		return binary.BigEndian.Uint64(b)
	}
	return binary.LittleEndian.Uint64(b)
}

func (d *decoder) i64(field string) int64 { return int64(d.u64(field)) }

func (d *decoder) f32(field string) float32 { return math.Float32frombits(d.u32(field)) }

func (d *decoder) f64(field string) float64 { return math.Float64frombits(d.u64(field)) }

// length reads the number of elements of a sequence whose elements take at least elementSize bytes each, so that
// a forged number can't make the caller allocate more than the bytes at hand could fill.
func (d *decoder) length(field string, elementSize int) int {
	n := d.u32(field)
	if d.err == nil && uint64(n)*uint64(elementSize) > uint64(len(d.src)-d.pos) {
		d.pos -= 4
		d.fail(field, ErrTruncated)
		return 0
	}
	return int(n)
}

// str reads a string. It returns old, without allocating, where that is the text. A length of 0 (no
// closing zero byte at all), which some writers use, reads as the empty string.
func (d *decoder) str(field, old string) string {
	n := d.length(field, 1)
	if n == 0 {
		return ""
	}
	b := d.take(field, 1, n)
	if b == nil {
		return ""
	}
	if b[n-1] != 0 {
		d.pos -= n
		d.fail(field, ErrBadString)
		return ""
	}
	b = b[:n-1]
	if string(b) == old {
		return old
	}
	return string(b)
}

// bytes reads a sequence of uint8 and returns a window of src.
func (d *decoder) bytes(field string) []byte {
	return d.take(field, 1, d.length(field, 1))
}
