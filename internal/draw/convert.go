package draw

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	stddraw "image/draw"
	"image/jpeg"
	"image/png"

	"rtmdl/internal/ros/msg"
)

var (
	// ErrFormat is returned for a compressed image that is neither JPEG nor PNG.
	ErrFormat = errors.New("neither JPEG nor PNG")
	// ErrDecode is returned for a JPEG or PNG that can't be decoded.
	ErrDecode = errors.New("compressed image is damaged")
	// ErrTooLarge is returned for an image with more than MaxPixels pixels.
	ErrTooLarge = errors.New("image is too large")
)

// MaxPixels is the largest number of pixels of an image that is converted: 8192 by 8192.
const MaxPixels = 64 << 20

// FromImage copies an uncompressed image into a picture. It takes the encodings that msg.BytesPerPixel knows; 8UC3 and
// 8UC4 are read as bgr8 and bgra8, as OpenCV writes them; transparency is left out. The error wraps
// msg.ErrBadImage or ErrTooLarge.
func FromImage(m *msg.Image) (*image.RGBA, error) {
	if err := m.Check(); err != nil {
		return nil, err
	}
	if uint64(m.Width)*uint64(m.Height) > MaxPixels {
		return nil, fmt.Errorf("%w: %d x %d pixels", ErrTooLarge, m.Width, m.Height)
	}
	width, height := int(m.Width), int(m.Height)
	bpp := msg.BytesPerPixel(m.Encoding)
	r, g, b := 2, 1, 0 // places of the channels in a pixel
	switch m.Encoding {
	case "rgb8", "rgba8":
		r, b = 0, 2
	case "mono8", "8UC1":
		r, g = 0, 0
	}
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		src := m.Data[y*int(m.Step):][:width*bpp]
		dst := img.Pix[y*img.Stride:][:width*4]
		for i, j := 0, 0; i < len(src); i, j = i+bpp, j+4 {
			dst[j], dst[j+1], dst[j+2], dst[j+3] = src[i+r], src[i+g], src[i+b], 0xff
		}
	}
	return img, nil
}

// FromBGR copies packed BGR, 3 bytes a pixel and row by row, into a picture. Errors are those of FromImage.
func FromBGR(pix []byte, width, height int) (*image.RGBA, error) {
	return FromImage(&msg.Image{Encoding: "bgr8", Width: uint32(width), Height: uint32(height), Step: uint32(3 * width), Data: pix})
}

// FromCompressed decodes a compressed image into a picture. The bytes decide whether it is a JPEG or a PNG, as the
// format field is written in many ways. The error wraps ErrFormat, ErrDecode or ErrTooLarge.
func FromCompressed(m *msg.CompressedImage) (*image.RGBA, error) {
	var decode func(*bytes.Reader) (image.Image, error)
	var config image.Config
	var err error
	switch {
	case bytes.HasPrefix(m.Data, []byte("\xff\xd8")):
		config, err = jpeg.DecodeConfig(bytes.NewReader(m.Data))
		decode = func(r *bytes.Reader) (image.Image, error) { return jpeg.Decode(r) }
	case bytes.HasPrefix(m.Data, []byte("\x89PNG")):
		config, err = png.DecodeConfig(bytes.NewReader(m.Data))
		decode = func(r *bytes.Reader) (image.Image, error) { return png.Decode(r) }
	default:
		return nil, fmt.Errorf("%w: format %.40q, %d bytes", ErrFormat, m.Format, len(m.Data))
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDecode, err)
	}
	if int64(config.Width)*int64(config.Height) > MaxPixels { // before anything of that size is allocated
		return nil, fmt.Errorf("%w: %d x %d pixels", ErrTooLarge, config.Width, config.Height)
	}
	decoded, err := decode(bytes.NewReader(m.Data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDecode, err)
	}
	img := image.NewRGBA(image.Rect(0, 0, config.Width, config.Height))
	for i := 3; i < len(img.Pix); i += 4 { // black below transparent pixels
		img.Pix[i] = 0xff
	}
	stddraw.Draw(img, img.Rect, decoded, decoded.Bounds().Min, stddraw.Over)
	return img, nil
}

// ToImage returns the picture as an uncompressed bgr8 image with the header. Its data is a copy.
func ToImage(img *image.RGBA, header msg.Header) *msg.Image {
	width, height := img.Rect.Dx(), img.Rect.Dy()
	m := &msg.Image{
		Header: header, Height: uint32(height), Width: uint32(width), Encoding: "bgr8", Step: uint32(3 * width),
		Data: make([]byte, 3*width*height),
	}
	for y := range height {
		src := img.Pix[y*img.Stride:][:width*4]
		dst := m.Data[y*width*3:][:width*3]
		for i, j := 0, 0; i < len(src); i, j = i+4, j+3 {
			dst[j], dst[j+1], dst[j+2] = src[i+2], src[i+1], src[i]
		}
	}
	return m
}
