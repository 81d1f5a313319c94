package camera

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // headers of compressed frames are looked at before they are decoded
	_ "image/png"
	"sync"

	"gocv.io/x/gocv"

	"rtmdl/internal/ros/msg"
)

var (
	// ErrDamaged is returned for a message that can't be read or contradicts itself: sizes, step, length of data.
	ErrDamaged = errors.New("damaged image")
	// ErrEncoding is returned for an encoding or a file format that is not supported; it is named.
	ErrEncoding = errors.New("unsupported encoding")
	// ErrTooLarge is returned for a frame of more than MaxPixels.
	ErrTooLarge = errors.New("image too large")
)

// MaxPixels is the largest frame that is looked at: 16 megapixels, four times a 4K camera's half.
const MaxPixels = 16 << 20

// Frame is one picture of a camera topic. It is immutable, and shared by everyone who works on it.
type Frame struct {
	Header   msg.Header
	Received int64 // monotonic clock in nanoseconds, when the message was taken

	raw        *msg.Image
	compressed *msg.CompressedImage
	err        error

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
		switch {
		case f.err != nil:
			f.pixels.err = f.err
		case f.raw != nil:
			f.pixels = fromRaw(f.raw)
		default:
			f.pixels = fromCompressed(f.compressed)
		}
	})
	return f.pixels.bgr, f.pixels.width, f.pixels.height, f.pixels.err
}

// newRaw reads a sensor_msgs/Image. The frame keeps data.
func newRaw(data []byte, received int64) *Frame {
	f := &Frame{Received: received, raw: &msg.Image{}}
	err := f.raw.UnmarshalCDR(data)
	f.Header = f.raw.Header
	if err != nil {
		f.err = fmt.Errorf("%w: %w", ErrDamaged, err)
		return f
	}
	switch f.raw.Encoding {
	case "bgr8", "rgb8", "mono8":
	default:
		f.err = fmt.Errorf("%w: '%.32s'; supported are bgr8, rgb8 and mono8", ErrEncoding, f.raw.Encoding)
		return f
	}
	if err := f.raw.Check(); err != nil {
		f.err = fmt.Errorf("%w: %w", ErrDamaged, err)
		return f
	}
	f.err = checkSize(int(f.raw.Width), int(f.raw.Height))
	return f
}

// newCompressed reads a sensor_msgs/CompressedImage as far as its file's header. The frame keeps data.
func newCompressed(data []byte, received int64) *Frame {
	f := &Frame{Received: received, compressed: &msg.CompressedImage{}}
	err := f.compressed.UnmarshalCDR(data)
	f.Header = f.compressed.Header
	if err != nil {
		f.err = fmt.Errorf("%w: %w", ErrDamaged, err)
		return f
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(f.compressed.Data))
	switch {
	case errors.Is(err, image.ErrFormat):
		f.err = fmt.Errorf("%w: the data of format '%.32s' is neither JPEG nor PNG", ErrEncoding, f.compressed.Format)
	case err != nil:
		f.err = fmt.Errorf("%w: %w", ErrDamaged, err)
	default:
		f.err = checkSize(config.Width, config.Height)
	}
	return f
}

func checkSize(width, height int) error {
	switch {
	case width < 1 || height < 1:
		return fmt.Errorf("%w: %d x %d pixels", ErrDamaged, width, height)
	case width > MaxPixels/height: // written so that nothing overflows
		return fmt.Errorf("%w: %d x %d pixels, more than %d in all", ErrTooLarge, width, height, MaxPixels)
	}
	return nil
}

func fromRaw(m *msg.Image) pixels {
	width, height, step := int(m.Width), int(m.Height), int(m.Step)
	row := width * msg.BytesPerPixel(m.Encoding)
	packed := m.Data
	if step != row { // rows with padding
		packed = make([]byte, 0, row*height)
		for y := range height {
			packed = append(packed, m.Data[y*step:y*step+row]...)
		}
	}
	packed = packed[:row*height]
	if m.Encoding == "bgr8" {
		return pixels{bgr: packed, width: width, height: height}
	}
	kind, conversion := gocv.MatTypeCV8UC3, gocv.ColorBGRToRGB
	if m.Encoding == "mono8" {
		kind, conversion = gocv.MatTypeCV8UC1, gocv.ColorGrayToBGR
	}
	from, err := gocv.NewMatFromBytes(height, width, kind, packed)
	if err != nil {
		return pixels{err: fmt.Errorf("%w: %w", ErrDamaged, err)}
	}
	defer from.Close() //nolint:errcheck // frees memory
	to := gocv.NewMat()
	defer to.Close() //nolint:errcheck // frees memory
	gocv.CvtColor(from, &to, conversion)
	return pixels{bgr: to.ToBytes(), width: width, height: height}
}

func fromCompressed(m *msg.CompressedImage) pixels {
	mat, err := gocv.IMDecode(m.Data, gocv.IMReadColor)
	if err != nil {
		return pixels{err: fmt.Errorf("%w: %w", ErrDamaged, err)}
	}
	defer mat.Close() //nolint:errcheck // frees memory
	if mat.Empty() {
		return pixels{err: fmt.Errorf("%w: the picture of %d bytes can't be decoded", ErrDamaged, len(m.Data))}
	}
	return pixels{bgr: mat.ToBytes(), width: mat.Cols(), height: mat.Rows()}
}
