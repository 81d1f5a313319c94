package camera

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"rtmdl/internal/ros/msg"
)

// picture reads one of testdata/pictures.
func picture(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "pictures", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func compressed(data []byte) *Frame {
	m := &msg.CompressedImage{Header: rawImage("", 0).Header, Format: "jpeg", Data: data}
	return ReadCompressed(m.MarshalCDR(nil), 77)
}

func TestFilesOfAllKindsAreDecoded(t *testing.T) {
	colours := [4][3]int{{0, 0, 255}, {0, 255, 0}, {255, 0, 0}, {0, 255, 255}} // of the quarters, as BGR
	grays := [4][3]int{{76, 76, 76}, {150, 150, 150}, {29, 29, 29}, {226, 226, 226}}
	for _, test := range []struct {
		name string
		want [4][3]int
	}{
		{"baseline.jpg", colours}, {"progressive.jpg", colours}, {"optimised_420.jpg", colours}, {"restart_markers.jpg", colours},
		{"cmyk.jpg", colours}, {"gray.jpg", grays}, {"turned.jpg", colours},
		{"rgb.png", colours}, {"rgba.png", colours}, {"palette.png", colours}, {"animated.png", colours},
		{"gray.png", grays}, {"gray16.png", grays}, {"gray_alpha.png", grays},
		{"two_colours.png", [4][3]int{{}, {255, 255, 255}, {}, {255, 255, 255}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := compressed(picture(t, test.name))
			pix, width, height, err := f.BGR()
			if err != nil || f.Err() != nil {
				t.Fatal(err, f.Err())
			}
			if width != 16 || height != 12 || len(pix) != 3*16*12 {
				t.Fatalf("%d x %d pixels, %d bytes", width, height, len(pix))
			}
			for i, at := range []int{3*16 + 4, 3*16 + 12, 9*16 + 4, 9*16 + 12} {
				for c := range 3 {
					if got := int(pix[3*at+c]); max(got-test.want[i][c], test.want[i][c]-got) > 24 {
						t.Errorf("quarter %d is %v, and must be about %v", i, pix[3*at:3*at+3], test.want[i])
						break
					}
				}
			}
		})
	}
}

func TestOtherKindsOfFilesAreRefused(t *testing.T) {
	for name, data := range map[string][]byte{
		"a GIF": picture(t, "other.gif"), "a BMP": picture(t, "other.bmp"), "a TIFF": picture(t, "other.tiff"),
		"a WebP": picture(t, "other.webp"), "text": []byte("no picture"), "nothing": nil,
	} {
		t.Run(name, func(t *testing.T) {
			expectBad(t, compressed(data), ErrEncoding, "format 'jpeg' is neither JPEG nor PNG")
		})
	}
}

func TestFilesThatAreTooLargeAreRefusedUndecoded(t *testing.T) {
	for _, test := range []struct {
		name string
		data []byte
		want error
		text string
	}{
		{"a JPEG of 8000 x 6000", jpegOfSize(t, 8000, 6000), ErrTooLarge, "8000 x 6000"},
		{"a PNG of 8000 x 6000", pngOfSize(t, 8000, 6000), ErrTooLarge, "8000 x 6000"},
		{"a PNG of 2000000 x 1", pngOfSize(t, 2_000_000, 1), ErrTooLarge, "2000000 x 1"},
		{"a PNG of 0 x 0", pngOfSize(t, 0, 0), ErrDamaged, ""},
		{"a PNG of the largest size", pngOfSize(t, 1<<32-1, 1<<32-1), ErrDamaged, ""},
		{"a JPEG of 0 x 0", jpegOfSize(t, 0, 0), ErrDamaged, "0 x 0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			expectBad(t, compressed(test.data), test.want, test.text)
			runtime.ReadMemStats(&after)
			if taken := after.TotalAlloc - before.TotalAlloc; taken > 1<<20 {
				t.Errorf("it took %d bytes to refuse it", taken)
			}
		})
	}
}

// jpegOfSize returns a small picture whose header claims another size.
func jpegOfSize(t *testing.T, width, height int) []byte {
	data := slices.Clone(picture(t, "baseline.jpg"))
	i := bytes.Index(data, []byte{0xFF, 0xC0}) // marker, length, precision, height, width
	binary.BigEndian.PutUint16(data[i+5:], uint16(height))
	binary.BigEndian.PutUint16(data[i+7:], uint16(width))
	return data
}

func pngOfSize(t *testing.T, width, height uint32) []byte {
	data := slices.Clone(picture(t, "rgb.png"))
	header := data[12:29] // type, width, height and more, covered by the checksum behind it
	binary.BigEndian.PutUint32(header[4:], width)
	binary.BigEndian.PutUint32(header[8:], height)
	binary.BigEndian.PutUint32(data[29:], crc32.ChecksumIEEE(header))
	return data
}

func TestFilesWhoseHeaderLiesAreDamaged(t *testing.T) {
	for name, data := range map[string][]byte{
		"a PNG with fewer rows than its header says": pngOfSize(t, 16, 13),
		"a PNG with shorter rows than it says":       pngOfSize(t, 17, 12),
		"a PNG with a wrong checksum":                flip(picture(t, "rgb.png"), 30),
		"a PNG with wrong pixel data":                flip(picture(t, "rgb.png"), 45),
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, _, err := compressed(data).BGR(); !errors.Is(err, ErrDamaged) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func flip(data []byte, at int) []byte {
	data = slices.Clone(data)
	data[at] ^= 0xFF
	return data
}

func TestTruncatedFilesAreDamaged(t *testing.T) {
	for _, name := range []string{
		"baseline.jpg", "progressive.jpg", "restart_markers.jpg", "cmyk.jpg", "turned.jpg", "rgb.png", "palette.png", "gray16.png",
	} {
		t.Run(name, func(t *testing.T) {
			whole := picture(t, name)
			for n := range whole {
				f := compressed(whole[:n])
				pix, _, _, err := f.BGR()
				if pix != nil || !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrEncoding) {
					t.Errorf("%d of %d bytes: %d bytes of pixels, error %v", n, len(whole), len(pix), err)
				}
				if n > len(whole)/2 && strings.HasSuffix(name, ".jpg") && f.Err() == nil {
					t.Errorf("%d of %d bytes: seen only when it is decoded", n, len(whole))
				}
			}
		})
	}
}

func TestCorruptFilesNeverEndTheProcess(t *testing.T) {
	for _, name := range []string{"baseline.jpg", "progressive.jpg", "cmyk.jpg", "rgb.png", "palette.png", "animated.png"} {
		whole := picture(t, name)
		for at := range whole {
			for _, bits := range []byte{0xFF, 0x01, 0x80} {
				data := slices.Clone(whole)
				data[at] ^= bits
				checkFrame(t, compressed(data))
			}
		}
	}
}

func TestWhatFollowsTheEndOfAJPEGDoesNotMatter(t *testing.T) {
	whole := picture(t, "baseline.jpg")
	for name, tail := range map[string][]byte{
		"zeros": make([]byte, 64), "the start of another": whole[:300], "fill bytes": {0xFF, 0xFF, 0xFF},
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, _, err := compressed(slices.Concat(whole, tail)).BGR(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTheEndOfAThumbnailIsNotTheEndOfTheFile(t *testing.T) {
	whole := picture(t, "baseline.jpg")
	thumbnail := []byte{0xFF, 0xE1, byte((len(whole) + 2) >> 8), byte(len(whole) + 2)}
	file := slices.Concat(whole[:2], thumbnail, whole, whole[2:])
	if _, width, _, err := compressed(file).BGR(); err != nil || width != 16 {
		t.Errorf("width %d, error %v", width, err)
	}
	if f := compressed(file[:len(file)-10]); !errors.Is(f.Err(), ErrDamaged) {
		t.Errorf("truncated after its thumbnail: error %v", f.Err())
	}
}

func TestAJPEGMayNotHaveScansWithoutEnd(t *testing.T) {
	whole := picture(t, "progressive.jpg")
	scan := bytes.LastIndex(whole, []byte{0xFF, 0xDA})
	last := whole[scan : len(whole)-2]
	many := slices.Concat(whole[:scan], bytes.Repeat(last, maxScans), whole[len(whole)-2:])
	if f := compressed(many); !errors.Is(f.Err(), ErrDamaged) || !errors.Is(f.Err(), errScans) {
		t.Errorf("error %v", f.Err())
	}
}

// photo returns a JPEG of a colourful pattern.
func photo(t testing.TB, width, height int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range img.Pix {
		img.Pix[i] = byte(i*i>>7 ^ i/width)
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, img, &jpeg.Options{Quality: 80}); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func BenchmarkDecodeJPEG(b *testing.B) {
	for name, size := range map[string][2]int{"320x240": {320, 240}, "1280x720": {1280, 720}} {
		b.Run(name, func(b *testing.B) {
			m := &msg.CompressedImage{Data: photo(b, size[0], size[1])}
			data := m.MarshalCDR(nil)
			b.SetBytes(int64(3 * size[0] * size[1]))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, _, err := ReadCompressed(data, 1).BGR(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkReceiveJPEG(b *testing.B) { // what the callback does
	m := &msg.CompressedImage{Data: photo(b, 1280, 720)}
	data := m.MarshalCDR(nil)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if err := ReadCompressed(data, 1).Err(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeRaw(b *testing.B) {
	for _, encoding := range []string{"bgr8", "rgb8", "mono8"} {
		b.Run(encoding, func(b *testing.B) {
			const width, height = 640, 480
			samples := msg.BytesPerPixel(encoding)
			m := &msg.Image{Width: width, Height: height, Encoding: encoding, Step: uint32(width * samples)}
			m.Data = make([]byte, width*height*samples)
			data := m.MarshalCDR(nil)
			b.SetBytes(int64(len(m.Data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, _, err := ReadRaw(data, 1).BGR(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
