package camera

import (
	"fmt"
	"strings"

	"gocv.io/x/gocv"

	"rtmdl/internal/ros/msg"
)

// layout is how the pixels of an encoding lie in a message.
type layout struct {
	kind       gocv.MatType             // of the rows as OpenCV sees them
	bytes      int                      // of a pixel in a row
	conversion gocv.ColorConversionCode // to BGR; asIs: none
	even       bool                     // pixels share their colour in twos, so that the width is even
	planes     bool                     // half as many rows of colour follow those of brightness (4:2:0): the height is even too
}

const (
	asIs       gocv.ColorConversionCode = -1
	yuy2ToBGR  gocv.ColorConversionCode = 116 // COLOR_YUV2BGR_YUY2, for which gocv has no name
	readable                            = "bgr8, rgb8, bgra8, rgba8, mono8, yuv422 (uyvy), yuv422_yuy2 (yuyv), nv12 and nv21"
	notAllowed                          = "%w: '%.32s'; supported are " + readable
)

// layouts are the encodings that are read, by their names in sensor_msgs/image_encodings and, in OpenCV's order, by those
// that say nothing of colours.
var layouts = map[string]layout{
	"bgr8": {gocv.MatTypeCV8UC3, 3, asIs, false, false}, "8UC3": {gocv.MatTypeCV8UC3, 3, asIs, false, false},
	"rgb8":  {gocv.MatTypeCV8UC3, 3, gocv.ColorBGRToRGB, false, false}, // the same swap
	"bgra8": {gocv.MatTypeCV8UC4, 4, gocv.ColorBGRAToBGR, false, false}, "8UC4": {gocv.MatTypeCV8UC4, 4, gocv.ColorBGRAToBGR, false, false},
	"rgba8": {gocv.MatTypeCV8UC4, 4, gocv.ColorRGBAToBGR, false, false},
	"mono8": {gocv.MatTypeCV8UC1, 1, gocv.ColorGrayToBGR, false, false}, "8UC1": {gocv.MatTypeCV8UC1, 1, gocv.ColorGrayToBGR, false, false},
	"yuv422": {gocv.MatTypeCV8UC2, 2, gocv.ColorYUVToBGRUYVY, true, false}, "uyvy": {gocv.MatTypeCV8UC2, 2, gocv.ColorYUVToBGRUYVY, true, false},
	"yuv422_yuy2": {gocv.MatTypeCV8UC2, 2, yuy2ToBGR, true, false}, "yuyv": {gocv.MatTypeCV8UC2, 2, yuy2ToBGR, true, false},
	"nv12": {gocv.MatTypeCV8UC1, 1, gocv.ColorYUVToBGRNV12, true, true}, "nv21": {gocv.MatTypeCV8UC1, 1, gocv.ColorYUVToBGRNV21, true, true},
}

// layoutOf returns the layout of a message's encoding. The error wraps ErrEncoding and says what to do.
func layoutOf(encoding string) (layout, error) {
	l, ok := layouts[encoding]
	switch {
	case ok:
		return l, nil
	case strings.HasPrefix(encoding, "bayer_"):
		return l, fmt.Errorf(notAllowed+": let image_proc make bgr8 of it", ErrEncoding, encoding)
	default:
		return l, fmt.Errorf(notAllowed, ErrEncoding, encoding)
	}
}

// rows is how many rows a picture of that height takes.
func (l *layout) rows(height int) int {
	if l.planes {
		return height / 2 * 3
	}
	return height
}

// check compares a message with what it says of itself; its size has been checked.
func (l *layout) check(m *msg.Image) error {
	if l.even && m.Width%2 != 0 || l.planes && m.Height%2 != 0 {
		return fmt.Errorf("%w: %d x %d pixels of %s, whose sides are even", ErrDamaged, m.Width, m.Height, m.Encoding)
	}
	if err := m.CheckRows(l.bytes, l.rows(int(m.Height))); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return nil
}
