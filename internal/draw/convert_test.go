package draw

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"rtmdl/internal/ros/msg"
)

// colours returns a 4 x 3 picture whose pixels all differ.
func colours() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, 4, 3))
	for y := range 3 {
		for x := range 4 {
			img.SetRGBA(x, y, color.RGBA{uint8(10 * x), uint8(20 * y), uint8(100 + x + y), 0xff})
		}
	}
	return img
}

func TestUncompressedImages(t *testing.T) {
	want := colours()
	pixel := map[string]func(c color.RGBA) []byte{
		"bgr8":  func(c color.RGBA) []byte { return []byte{c.B, c.G, c.R} },
		"8UC3":  func(c color.RGBA) []byte { return []byte{c.B, c.G, c.R} },
		"rgb8":  func(c color.RGBA) []byte { return []byte{c.R, c.G, c.B} },
		"bgra8": func(c color.RGBA) []byte { return []byte{c.B, c.G, c.R, 7} },
		"8UC4":  func(c color.RGBA) []byte { return []byte{c.B, c.G, c.R, 7} },
		"rgba8": func(c color.RGBA) []byte { return []byte{c.R, c.G, c.B, 7} },
	}
	for encoding, bytesOf := range pixel {
		m := &msg.Image{Width: 4, Height: 3, Encoding: encoding}
		for y := range 3 {
			for x := range 4 {
				m.Data = append(m.Data, bytesOf(want.RGBAAt(x, y))...)
			}
			m.Data = append(m.Data, 1, 2) // padding
		}
		m.Step = uint32(len(m.Data) / 3)
		m.Data = m.Data[:len(m.Data)-2]
		got, err := FromImage(m)
		if err != nil || !bytes.Equal(got.Pix, want.Pix) {
			t.Errorf("%s: %v, %v", encoding, got, err)
		}
	}
	got, err := FromImage(&msg.Image{Width: 2, Height: 1, Step: 2, Encoding: "mono8", Data: []byte{5, 250}})
	if err != nil || got.RGBAAt(0, 0) != (color.RGBA{5, 5, 5, 0xff}) || got.RGBAAt(1, 0) != (color.RGBA{250, 250, 250, 0xff}) {
		t.Errorf("mono8: %v, %v", got, err)
	}
	back, err := FromImage(ToImage(want, msg.Header{FrameID: "c"}))
	if err != nil || !bytes.Equal(back.Pix, want.Pix) {
		t.Errorf("there and back: %v, %v", back, err)
	}
}

func TestCompressedImages(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 32, 16))
	fill(img, img.Rect, color.RGBA{200, 100, 50, 0xff})
	var asPNG, asJPEG bytes.Buffer
	if err := errors.Join(png.Encode(&asPNG, img), jpeg.Encode(&asJPEG, img, nil)); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"png": asPNG.Bytes(), "jpeg": asJPEG.Bytes()} {
		got, err := FromCompressed(&msg.CompressedImage{Format: "bgr8; whatever", Data: data})
		if err != nil || got.Rect != img.Rect {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c := got.RGBAAt(9, 9); max(c.R, 200)-min(c.R, 200) > 3 || max(c.B, 50)-min(c.B, 50) > 3 || c.A != 0xff {
			t.Errorf("%s: colour %v", name, c)
		}
	}
	clear := image.NewNRGBA(image.Rect(0, 0, 2, 2))
	asPNG.Reset()
	if err := png.Encode(&asPNG, clear); err != nil {
		t.Fatal(err)
	}
	got, err := FromCompressed(&msg.CompressedImage{Data: asPNG.Bytes()})
	if err != nil || got.RGBAAt(0, 0) != (color.RGBA{0, 0, 0, 0xff}) {
		t.Errorf("transparent: %v, %v", got, err)
	}
}

func TestImagesThatCannotBeConverted(t *testing.T) {
	var small, big bytes.Buffer
	if err := errors.Join(png.Encode(&small, colours()), jpeg.Encode(&big, colours(), nil)); err != nil {
		t.Fatal(err)
	}
	huge := small.Bytes()
	binary.BigEndian.PutUint32(huge[16:], 60000) // the width in the header; its checksum is now wrong
	for _, test := range []struct {
		name string
		data []byte
		want error
	}{
		{"nothing", nil, ErrFormat},
		{"text", []byte("hello"), ErrFormat},
		{"depth", append([]byte("\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), huge...), ErrFormat},
		{"header of a JPEG", []byte("\xff\xd8\xff"), ErrDecode},
		{"half a JPEG", big.Bytes()[:big.Len()/2], ErrDecode},
		{"JPEG without its end", big.Bytes()[:big.Len()-9], ErrDecode},
		{"PNG with a forged width", huge, ErrDecode},
		{"JPEG of 65,000 x 65,000", forged(big.Bytes()), ErrTooLarge},
	} {
		if img, err := FromCompressed(&msg.CompressedImage{Data: test.data}); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, error %v, want %v", test.name, img, err, test.want)
		}
	}
	if _, err := FromImage(&msg.Image{Width: 4, Height: 4, Step: 4, Encoding: "mono8"}); !errors.Is(err, msg.ErrBadImage) {
		t.Errorf("image without data: %v", err)
	}
	if _, err := FromImage(&msg.Image{Width: 4, Height: 4, Step: 8, Encoding: "yuv422"}); !errors.Is(err, msg.ErrBadImage) {
		t.Errorf("unknown encoding: %v", err)
	}
}

// forged returns a JPEG whose header claims 65,000 x 65,000 pixels.
func forged(data []byte) []byte {
	data = bytes.Clone(data)
	i := bytes.Index(data, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(data[i+5:], 65000)
	binary.BigEndian.PutUint16(data[i+7:], 65000)
	return data
}

func FuzzFromCompressed(f *testing.F) {
	var asPNG, asJPEG bytes.Buffer
	if err := errors.Join(png.Encode(&asPNG, colours()), jpeg.Encode(&asJPEG, colours(), nil)); err != nil {
		f.Fatal(err)
	}
	f.Add(asPNG.Bytes())
	f.Add(asJPEG.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		img, err := FromCompressed(&msg.CompressedImage{Data: data})
		if (img == nil) == (err == nil) {
			t.Errorf("picture %v and error %v", img, err)
		}
	})
}

func BenchmarkFromImage(b *testing.B) {
	m := &msg.Image{Width: 640, Height: 480, Step: 1920, Encoding: "bgr8", Data: make([]byte, 1920*480)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := FromImage(m); err != nil {
			b.Fatal(err)
		}
	}
}
