package msg

import (
	"encoding/binary"
	"math"
)

// encapsulationSize is the length of the header in front of every message, in bytes.
const encapsulationSize = 4

// encoder appends little-endian CDR to buf. Alignment counts from base, the index in buf after the header.
type encoder struct {
	buf  []byte
	base int
}

func newEncoder(dst []byte) encoder {
	dst = append(dst, 0, 1, 0, 0)
	return encoder{buf: dst, base: len(dst)}
}

// align pads with zeros up to a multiple of n, a power of two.
func (e *encoder) align(n int) {
	for (len(e.buf)-e.base)&(n-1) != 0 {
		e.buf = append(e.buf, 0)
	}
}

func (e *encoder) u8(v uint8) { e.buf = append(e.buf, v) }

func (e *encoder) boolean(v bool) {
	if v {
		e.u8(1)
	} else {
		e.u8(0)
	}
}

func (e *encoder) u32(v uint32) {
	e.align(4)
	e.buf = binary.LittleEndian.AppendUint32(e.buf, v)
}

func (e *encoder) i32(v int32) { e.u32(uint32(v)) }

func (e *encoder) u64(v uint64) {
	e.align(8)
	e.buf = binary.LittleEndian.AppendUint64(e.buf, v)
}

func (e *encoder) i64(v int64) { e.u64(uint64(v)) }

func (e *encoder) f32(v float32) { e.u32(math.Float32bits(v)) }

func (e *encoder) f64(v float64) { e.u64(math.Float64bits(v)) }

// str writes the length with the closing zero byte, the bytes and the zero byte.
func (e *encoder) str(s string) {
	e.u32(uint32(len(s) + 1))
	e.buf = append(e.buf, s...)
	e.buf = append(e.buf, 0)
}

// bytes writes a sequence of uint8.
func (e *encoder) bytes(b []byte) {
	e.u32(uint32(len(b)))
	e.buf = append(e.buf, b...)
}

// length writes the number of elements of a sequence.
func (e *encoder) length(n int) { e.u32(uint32(n)) }

// aligned4 rounds n up to a multiple of 4.
func aligned4(n int) int { return (n + 3) &^ 3 }

// stringSize is the length of a string on the wire, from an aligned start, in bytes.
func stringSize(s string) int { return 4 + len(s) + 1 }

// headerSize is the length of a header on the wire, in bytes.
func headerSize(h *Header) int { return 8 + stringSize(h.FrameID) }
