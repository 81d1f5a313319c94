package perception

import (
	"fmt"
	"image"

	"gocv.io/x/gocv"

	"rtmdl/internal/camera"
)

// Planes writes a frame, stretched to width x height pixels, as planes of red, green and blue from 0 to 1. `to` has
// 3 x width x height elements. Errors are those of camera.Frame.BGR. It is safe for concurrent use on different `to`.
func Planes(frame *camera.Frame, width, height int, to []float32) error {
	pix, w, h, err := frame.BGR()
	if err != nil {
		return err
	}
	if w == width && h == height {
		planes(to, pix)
		return nil
	}
	src, err := gocv.NewMatFromBytes(h, w, gocv.MatTypeCV8UC3, pix)
	if err != nil {
		return fmt.Errorf("%w: %w", camera.ErrDamaged, err)
	}
	defer src.Close() //nolint:errcheck // frees memory
	stretched := gocv.NewMat()
	defer stretched.Close() //nolint:errcheck // frees memory
	Stretch(src, &stretched, width, height)
	bgr, err := stretched.DataPtrUint8() // valid until stretched is closed
	if err != nil {
		return err
	}
	planes(to, bgr)
	return nil
}

// Stretch resizes src to width x height pixels as Planes does with a frame.
func Stretch(src gocv.Mat, dst *gocv.Mat, width, height int) {
	interpolation := gocv.InterpolationArea // averages: a lamp of few pixels is not skipped when shrinking
	if src.Cols() < width || src.Rows() < height {
		interpolation = gocv.InterpolationLinear
	}
	gocv.Resize(src, dst, image.Pt(width, height), 0, 0, interpolation)
}

// planes writes packed BGR.
func planes(to []float32, bgr []byte) {
	n := len(bgr) / 3
	red, green, blue := to[:n], to[n:2*n], to[2*n:3*n]
	for i := range n {
		blue[i], green[i], red[i] = unit[bgr[3*i]], unit[bgr[3*i+1]], unit[bgr[3*i+2]]
	}
}

// unit has a sample's value from 0 to 1.
var unit = func() (t [256]float32) {
	for i := range t {
		t[i] = float32(i) / 255
	}
	return t
}()
