package camera

import (
	"fmt"

	"gocv.io/x/gocv"
)

func (f *Frame) decode() pixels {
	if f.err != nil {
		return pixels{err: f.err}
	}
	decode := fromFile
	if f.raw != nil {
		decode = fromRaw
	}
	bgr, err := decode(f)
	if err != nil {
		return pixels{err: fmt.Errorf("%w: %w", ErrDamaged, err)}
	}
	return pixels{bgr: bgr, width: f.width, height: f.height}
}

// fromRaw returns the message's own bytes where they are packed BGR already.
func fromRaw(f *Frame) ([]byte, error) {
	m, step := f.raw, int(f.raw.Step)
	row, rows := f.width*f.layout.bytes, f.layout.rows(f.height)
	packed := m.Data
	if step != row { // rows with padding
		packed = make([]byte, 0, row*rows)
		for y := range rows {
			packed = append(packed, m.Data[y*step:y*step+row]...)
		}
	}
	packed = packed[:row*rows]
	if f.layout.conversion == asIs {
		return packed, nil
	}
	return convert(f, packed, rows)
}

func convert(f *Frame, packed []byte, rows int) ([]byte, error) {
	bgr := make([]byte, 3*f.width*f.height)
	from, err := gocv.NewMatFromBytes(rows, f.width, f.layout.kind, packed)
	if err != nil {
		return nil, err
	}
	defer from.Close() //nolint:errcheck // frees memory
	to, err := gocv.NewMatFromBytes(f.height, f.width, gocv.MatTypeCV8UC3, bgr)
	if err != nil {
		return nil, err
	}
	defer to.Close()                              //nolint:errcheck // frees memory
	gocv.CvtColor(from, &to, f.layout.conversion) // writes into bgr: size and type are right already
	return bgr, nil
}

// fromFile decodes as it is stored, whatever the file says about which way is up: boxes are in pixels of the
// camera's picture.
func fromFile(f *Frame) ([]byte, error) {
	mat, err := gocv.IMDecode(f.file, gocv.IMReadColor|gocv.IMReadIgnoreOrientation)
	if err != nil {
		return nil, err
	}
	defer mat.Close() //nolint:errcheck // frees memory
	if mat.Empty() {
		return nil, fmt.Errorf("the picture of %d bytes can't be decoded", len(f.file))
	}
	if mat.Cols() != f.width || mat.Rows() != f.height || mat.Type() != gocv.MatTypeCV8UC3 {
		return nil, fmt.Errorf("the file's header says %d x %d pixels, and the picture has %d x %d",
			f.width, f.height, mat.Cols(), mat.Rows())
	}
	return mat.ToBytes(), nil
}
