package camera

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg" // headers of compressed frames are looked at before they are decoded
	"image/png"
	"sync"

	"rtmdl/internal/ros/msg"
)

var (
	// ErrDamaged is returned for a message that can't be read or contradicts itself: sizes, step, length of data.
	ErrDamaged = errors.New("damaged image")
	// ErrEncoding is returned for an encoding or a file format that is not supported; it is named.
	ErrEncoding = errors.New("unsupported encoding")
	// ErrTooLarge is returned for a frame of more than MaxPixels, or with a side of more than MaxSide.
	ErrTooLarge = errors.New("image too large")
)

// The largest frame that is looked at. It bounds the memory and the time that a frame can take, and keeps shapes
// from OpenCV that its functions were not made for: what they throw ends the process.
const (
	MaxPixels = 16 << 20 // pixels in all: twice those of a 4K camera
	MaxSide   = 1 << 14  // pixels of width or height
)

// Frame is one picture of a camera topic. It is immutable, and shared by everyone who works on it.
type Frame struct {
	Header   msg.Header
	Received int64 // monotonic clock in nanoseconds, when the message was taken
	// Sent is when the middleware sent the message, wall clock in nanoseconds since 1970. With the stamp it tells the frames
	// of a topic apart, and every process that receives a frame sees the same; 0: the middleware does not say.
	Sent int64

	// One of the two, or neither where the message can't be read.
	raw    *msg.Image
	layout layout // of raw
	file   []byte // JPEG or PNG

	width, height int // as the message or the file's header says; 0 where err is set
	err           error

	decoding sync.Once
	pixels   pixels
}

type pixels struct {
	bgr           []byte
	width, height int
	err           error
}

// Err says why the frame can't be used, as far as that can be told without decoding; nil: it looks sound.
func (f *Frame) Err() error { return f.err }

// BGR returns the frame as packed 8-bit BGR, 3 bytes a pixel, row by row. The first caller decodes, the others
// share the result, which must not be written to. Errors wrap ErrDamaged, ErrEncoding or ErrTooLarge.
func (f *Frame) BGR() (pix []byte, width, height int, err error) {
	f.decoding.Do(func() {
		f.pixels.err = fmt.Errorf("%w: decoding it panicked", ErrDamaged) // what later callers see if it does
		f.pixels = f.decode()
	})
	return f.pixels.bgr, f.pixels.width, f.pixels.height, f.pixels.err
}

// ReadRaw reads a sensor_msgs/Image in CDR, received at an instant of the monotonic clock. The frame keeps data, which
// must not change any more. Its header is there as far as it can be read.
func ReadRaw(data []byte, received int64) *Frame {
	m := &msg.Image{}
	if err := m.UnmarshalCDR(data); err != nil {
		return &Frame{Header: m.Header, Received: received, err: fmt.Errorf("%w: %w", ErrDamaged, err)}
	}
	return FromImage(m, received)
}

// FromImage makes a frame of a message, received at an instant of the monotonic clock. The frame keeps m, which
// must not change any more. Whether it can be used, Frame.Err says.
func FromImage(m *msg.Image, received int64) *Frame {
	f := &Frame{Header: m.Header, Received: received, raw: m}
	if f.layout, f.err = layoutOf(m.Encoding); f.err != nil {
		return f
	}
	if f.setSize(int(m.Width), int(m.Height)); f.err == nil {
		f.err = f.layout.check(m)
	}
	return f
}

// ReadCompressed reads a sensor_msgs/CompressedImage in CDR as far as its file's header. The frame keeps data, which must
// not change any more. Its header
// is there as far as it can be read.
func ReadCompressed(data []byte, received int64) *Frame {
	m := &msg.CompressedImage{}
	if err := m.UnmarshalCDR(data); err != nil {
		return &Frame{Header: m.Header, Received: received, err: fmt.Errorf("%w: %w", ErrDamaged, err)}
	}
	return FromCompressed(m, received)
}

// FromCompressed makes a frame of a message, received at an instant of the monotonic clock. The frame keeps m's
// data, which must not change any more. Whether it can be used, Frame.Err says, as far as that can be told
// without decoding. The data decide what it is, not m.Format.
func FromCompressed(m *msg.CompressedImage, received int64) *Frame {
	f := &Frame{Header: m.Header, Received: received, file: m.Data}
	config, format, err := image.DecodeConfig(bytes.NewReader(m.Data))
	if err == nil && format == "jpeg" {
		err = checkJPEG(m.Data)
	}
	var (
		unknownJPEG jpeg.UnsupportedError
		unknownPNG  png.UnsupportedError
	)
	switch {
	case errors.Is(err, image.ErrFormat), err == nil && format != "jpeg" && format != "png":
		f.err = fmt.Errorf("%w: the data of format '%.32s' is neither JPEG nor PNG", ErrEncoding, m.Format)
	case errors.As(err, &unknownJPEG), errors.As(err, &unknownPNG):
		f.err = fmt.Errorf("%w: %w", ErrEncoding, err)
	case err != nil:
		f.err = fmt.Errorf("%w: %w", ErrDamaged, err)
	default:
		f.setSize(config.Width, config.Height)
	}
	return f
}

// setSize keeps the frame's size, or the reason why there is no such frame.
func (f *Frame) setSize(width, height int) {
	if f.err = checkSize(width, height); f.err == nil {
		f.width, f.height = width, height
	}
}

func checkSize(width, height int) error {
	switch {
	case width < 1 || height < 1:
		return fmt.Errorf("%w: %d x %d pixels", ErrDamaged, width, height)
	case width > MaxSide, height > MaxSide:
		return fmt.Errorf("%w: %d x %d pixels, more than %d on a side", ErrTooLarge, width, height, MaxSide)
	case width*height > MaxPixels:
		return fmt.Errorf("%w: %d x %d pixels, more than %d in all", ErrTooLarge, width, height, MaxPixels)
	}
	return nil
}
