package msg

import (
	"fmt"
	"slices"
)

// Image is sensor_msgs/Image: an uncompressed picture, row by row from the top.
type Image struct {
	Header      Header
	Height      uint32 // in pixels
	Width       uint32 // in pixels
	Encoding    string // such as bgr8, rgb8 or mono8
	IsBigendian uint8  // 1: samples of more than one byte are big endian
	Step        uint32 // length of a row in bytes, >= Width times the bytes of a pixel
	Data        []byte // Step*Height bytes; after UnmarshalCDR a window of its source: read only
}

// TypeName implements Message.
func (m *Image) TypeName() string { return TypeImage }

// MarshalCDR implements Message. It allocates at most once.
func (m *Image) MarshalCDR(dst []byte) []byte {
	size := encapsulationSize + aligned4(headerSize(&m.Header)) + 8
	size = aligned4(size+stringSize(m.Encoding)+1) + 8 + len(m.Data)
	e := newEncoder(slices.Grow(dst, size))
	m.Header.encode(&e)
	e.u32(m.Height)
	e.u32(m.Width)
	e.str(m.Encoding)
	e.u8(m.IsBigendian)
	e.u32(m.Step)
	e.bytes(m.Data)
	return e.buf
}

// UnmarshalCDR implements Message. Data becomes a window of src. It does not look whether the sizes fit
// together: see Check. Nothing is allocated where frame and encoding are those that m already has.
func (m *Image) UnmarshalCDR(src []byte) error {
	d := newDecoder(src)
	m.Header.decode(&d)
	m.Height = d.u32("height")
	m.Width = d.u32("width")
	m.Encoding = d.str("encoding", m.Encoding)
	m.IsBigendian = d.u8("is_bigendian")
	m.Step = d.u32("step")
	m.Data = d.bytes("data")
	return d.finish(m.TypeName())
}

// BytesPerPixel returns the bytes of a pixel in the encoding, or 0 for an encoding that rtmdl does not read.
func BytesPerPixel(encoding string) int {
	switch encoding {
	case "mono8", "8UC1":
		return 1
	case "bgr8", "rgb8", "8UC3":
		return 3
	case "bgra8", "rgba8", "8UC4":
		return 4
	}
	return 0
}

// Check reports whether the image can be read safely: it has an encoding that BytesPerPixel knows, at least one
// pixel, rows that are long enough, and data for all rows (the last may lack its padding). It returns nil or
// an error that wraps ErrBadImage.
func (m *Image) Check() error {
	bpp := BytesPerPixel(m.Encoding)
	if bpp == 0 {
		return fmt.Errorf("%w: unknown encoding %.32q", ErrBadImage, m.Encoding)
	}
	if m.Width == 0 || m.Height == 0 {
		return fmt.Errorf("%w: %d x %d pixels", ErrBadImage, m.Width, m.Height)
	}
	return m.CheckRows(bpp, int(m.Height))
}

// CheckRows reports whether step and data hold so many rows (> 0; an encoding may have others than Height), each of Width
// times bpp bytes; the last one may lack its padding. It returns nil or an error that wraps ErrBadImage.
func (m *Image) CheckRows(bpp, rows int) error {
	row := uint64(m.Width) * uint64(bpp)
	if uint64(m.Step) < row {
		return fmt.Errorf("%w: step %d, but %d pixels of %s take %d bytes", ErrBadImage, m.Step, m.Width, m.Encoding, row)
	}
	if need := uint64(m.Step)*uint64(rows-1) + row; uint64(len(m.Data)) < need {
		return fmt.Errorf("%w: %d bytes of data, %d needed for %d rows of step %d", ErrBadImage, len(m.Data), need, rows, m.Step)
	}
	return nil
}

// CompressedImage is sensor_msgs/CompressedImage: a picture as a JPEG or PNG file.
type CompressedImage struct {
	Header Header
	Format string // such as jpeg, png or "bgr8; jpeg compressed bgr8"
	Data   []byte // the file; after UnmarshalCDR a window of its source: read only
}

// TypeName implements Message.
func (m *CompressedImage) TypeName() string { return TypeCompressedImage }

// MarshalCDR implements Message. It allocates at most once.
func (m *CompressedImage) MarshalCDR(dst []byte) []byte {
	size := encapsulationSize + aligned4(headerSize(&m.Header))
	size = aligned4(size+stringSize(m.Format)) + 4 + len(m.Data)
	e := newEncoder(slices.Grow(dst, size))
	m.Header.encode(&e)
	e.str(m.Format)
	e.bytes(m.Data)
	return e.buf
}

// UnmarshalCDR implements Message. Data becomes a window of src.
func (m *CompressedImage) UnmarshalCDR(src []byte) error {
	d := newDecoder(src)
	m.Header.decode(&d)
	m.Format = d.str("format", m.Format)
	m.Data = d.bytes("data")
	return d.finish(m.TypeName())
}
