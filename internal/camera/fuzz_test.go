package camera

import (
	"errors"
	"os"
	"testing"

	"rtmdl/internal/ros/msg"
)

// checkFrame looks at a frame from bytes that anybody may have sent.
func checkFrame(t *testing.T, f *Frame) {
	t.Helper()
	pix, width, height, err := f.BGR()
	if err != nil {
		if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrEncoding) && !errors.Is(err, ErrTooLarge) {
			t.Fatalf("an error of no kind: %v", err)
		}
		if pix != nil || width != 0 || height != 0 {
			t.Fatalf("%d bytes of %d x %d pixels beside the error %v", len(pix), width, height, err)
		}
		return
	}
	if f.Err() != nil {
		t.Fatalf("decoded, in spite of %v", f.Err())
	}
	if width < 1 || height < 1 || width > MaxSide || height > MaxSide || width*height > MaxPixels || len(pix) != 3*width*height {
		t.Fatalf("%d bytes of %d x %d pixels", len(pix), width, height)
	}
}

func FuzzRaw(f *testing.F) {
	for encoding, l := range layouts {
		m := rawImage(encoding, 2*l.bytes)
		f.Add(m.MarshalCDR(nil))
		m.Step += 3
		f.Add(m.MarshalCDR(nil))
		m.Width = 1 << 31
		f.Add(m.MarshalCDR(nil))
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkFrame(t, ReadRaw(data, 1)) })
}

func FuzzCompressed(f *testing.F) {
	files, err := os.ReadDir("testdata/pictures")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		m := &msg.CompressedImage{Format: "jpeg", Data: picture(f, file.Name())}
		f.Add(m.MarshalCDR(nil))
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkFrame(t, ReadCompressed(data, 1)) })
}

// FuzzFile mutates files without their envelope, which gets deeper into the decoders.
func FuzzFile(f *testing.F) {
	files, err := os.ReadDir("testdata/pictures")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		f.Add(picture(f, file.Name()))
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkFrame(t, FromCompressed(&msg.CompressedImage{Data: data}, 1)) })
}
