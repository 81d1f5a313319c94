package camera

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rtmdl/internal/ros/msg"
)

// rawImage returns an image of 2 x 2 pixels whose samples are 1, 2, 3 and so on.
func rawImage(encoding string, samples int) *msg.Image {
	m := &msg.Image{
		Header: msg.Header{Stamp: msg.Time{Sec: 12, Nanosec: 345}, FrameID: "front"},
		Height: 2, Width: 2, Encoding: encoding, Step: uint32(2 * samples),
	}
	for i := range 4 * samples {
		m.Data = append(m.Data, byte(i+1))
	}
	return m
}

func TestRawFramesBecomePackedBGR(t *testing.T) {
	padded := rawImage("bgr8", 3)
	padded.Step = 8
	padded.Data = []byte{1, 2, 3, 4, 5, 6, 255, 255, 7, 8, 9, 10, 11, 12} // the last row lacks its padding
	paddedMono := rawImage("mono8", 1)
	paddedMono.Step, paddedMono.Data = 3, []byte{1, 2, 255, 3, 4, 255}
	longer := rawImage("rgb8", 3)
	longer.Data = append(longer.Data, 99, 99)
	bigEndian := rawImage("bgr8", 3)
	bigEndian.IsBigendian = 1
	onePixel := &msg.Image{Height: 1, Width: 1, Encoding: "rgb8", Step: 3, Data: []byte{1, 2, 3}}
	for _, test := range []struct {
		name  string
		image *msg.Image
		want  []byte
	}{
		{"bgr8", rawImage("bgr8", 3), []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}},
		{"rgb8", rawImage("rgb8", 3), []byte{3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10}},
		{"mono8", rawImage("mono8", 1), []byte{1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4}},
		{"bgr8 with padded rows", padded, []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}},
		{"mono8 with padded rows", paddedMono, []byte{1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4}},
		{"more data than rows", longer, []byte{3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10}},
		{"bgra8", rawImage("bgra8", 4), []byte{1, 2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15}},
		{"rgba8", rawImage("rgba8", 4), []byte{3, 2, 1, 7, 6, 5, 11, 10, 9, 15, 14, 13}},
		{"8UC3", rawImage("8UC3", 3), []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}},
		{"big-endian bgr8, which has no order", bigEndian, []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}},
		{"one pixel", onePixel, []byte{3, 2, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := ReadRaw(test.image.MarshalCDR(nil), 77)
			pix, width, height, err := f.BGR()
			if err != nil || f.Err() != nil {
				t.Fatal(err, f.Err())
			}
			if width != int(test.image.Width) || height != int(test.image.Height) {
				t.Errorf("%d x %d pixels", width, height)
			}
			if diff := cmp.Diff(test.want, pix); diff != "" {
				t.Error(diff)
			}
			if f.Header != test.image.Header || f.Received != 77 {
				t.Errorf("header %v, received %d", f.Header, f.Received)
			}
		})
	}
}

// TestColoursOfYUVAreTold has the four pictures of one colour each that BT.601 has these numbers for (video range).
func TestColoursOfYUVAreTold(t *testing.T) {
	for name, colour := range map[string]struct{ y, u, v, b, g, r byte }{
		"white": {235, 128, 128, 255, 255, 255}, "black": {16, 128, 128, 0, 0, 0},
		"red": {81, 90, 240, 0, 0, 254}, "blue": {41, 240, 110, 255, 0, 0},
	} {
		y, u, v := colour.y, colour.u, colour.v
		for encoding, data := range map[string][]byte{
			"yuv422": {u, y, v, y, u, y, v, y}, "uyvy": {u, y, v, y, u, y, v, y},
			"yuv422_yuy2": {y, u, y, v, y, u, y, v}, "yuyv": {y, u, y, v, y, u, y, v},
			"nv12": {y, y, y, y, u, v}, "nv21": {y, y, y, y, v, u},
		} {
			t.Run(encoding+" "+name, func(t *testing.T) {
				m := rawImage(encoding, 0)
				m.Step, m.Data = uint32(2*layouts[encoding].bytes), data
				pix, width, height, err := FromImage(m, 1).BGR()
				if err != nil || width != 2 || height != 2 || len(pix) != 12 {
					t.Fatalf("%d bytes of %d x %d, error %v", len(pix), width, height, err)
				}
				for i, want := range []byte{colour.b, colour.g, colour.r} {
					if got := pix[3+i]; max(got, want)-min(got, want) > 3 {
						t.Errorf("%v, want %v", pix, colour)
					}
				}
			})
		}
	}
}

func TestPackedBGRIsNotCopied(t *testing.T) {
	m := rawImage("bgr8", 3)
	pix, _, _, err := FromImage(m, 1).BGR()
	if err != nil || &pix[0] != &m.Data[0] {
		t.Errorf("copied, or error %v", err)
	}
}

func TestBadRawFrames(t *testing.T) {
	change := func(f func(m *msg.Image)) *msg.Image {
		m := rawImage("bgr8", 3)
		f(m)
		return m
	}
	for _, test := range []struct {
		name  string
		image *msg.Image
		want  error
		text  string
	}{
		{"an encoding that is not supported", rawImage("bayer_rggb8", 1), ErrEncoding, "'bayer_rggb8'"},
		{"one with what it needs", rawImage("bayer_rggb8", 1), ErrEncoding, "image_proc"},
		{"16 bits", rawImage("mono16", 2), ErrEncoding, "'mono16'; supported are bgr8, rgb8, bgra8"},
		{"nv12 without its colours", rawImage("nv12", 1), ErrDamaged, "6 needed for 3 rows of step 2"},
		{"yuv422 of an odd width", &msg.Image{Header: rawImage("", 0).Header, Height: 2, Width: 3, Encoding: "yuv422_yuy2", Step: 6, Data: make([]byte, 12)}, ErrDamaged, "3 x 2 pixels of yuv422_yuy2, whose sides are even"},
		{"nv21 of an odd height", &msg.Image{Header: rawImage("", 0).Header, Height: 3, Width: 2, Encoding: "nv21", Step: 2, Data: make([]byte, 12)}, ErrDamaged, "2 x 3 pixels of nv21"},
		{"no encoding", rawImage("", 3), ErrEncoding, "''"},
		{"an encoding of a megabyte", rawImage(strings.Repeat("x", 1<<20), 3), ErrEncoding, "'xxxx"},
		{"0 x 0", change(func(m *msg.Image) { m.Width, m.Height, m.Data = 0, 0, nil }), ErrDamaged, "0 x 0"},
		{"0 rows", change(func(m *msg.Image) { m.Height = 0 }), ErrDamaged, "2 x 0"},
		{"a step shorter than a row", change(func(m *msg.Image) { m.Step = 5 }), ErrDamaged, "step 5"},
		{"step 0", change(func(m *msg.Image) { m.Step = 0 }), ErrDamaged, "step 0"},
		{"a step longer than the data", change(func(m *msg.Image) { m.Step = 7 }), ErrDamaged, "12 bytes of data"},
		{"the largest step", change(func(m *msg.Image) { m.Step = 1<<32 - 1 }), ErrDamaged, "step 4294967295"},
		{"data a byte short", change(func(m *msg.Image) { m.Data = m.Data[:11] }), ErrDamaged, "11 bytes of data"},
		{"no data", change(func(m *msg.Image) { m.Data = nil }), ErrDamaged, "0 bytes of data"},
		{"8000 x 6000", change(func(m *msg.Image) { m.Width, m.Height, m.Step = 8000, 6000, 24000 }), ErrTooLarge, "8000 x 6000"},
		{"a long row", change(func(m *msg.Image) { m.Width, m.Height = 1<<20, 1 }), ErrTooLarge, "1048576 x 1"},
		{"the largest numbers", change(func(m *msg.Image) { m.Width, m.Height, m.Step = 1<<32-1, 1<<32-1, 1<<32-1 }),
			ErrTooLarge, "4294967295"},
	} {
		t.Run(test.name, func(t *testing.T) {
			expectBad(t, ReadRaw(test.image.MarshalCDR(nil), 77), test.want, test.text)
		})
	}
}

// expectBad checks that a frame is refused before it is decoded, keeps its header, and has no pixels.
func expectBad(t *testing.T, f *Frame, want error, text string) {
	t.Helper()
	if err := f.Err(); !errors.Is(err, want) || !strings.Contains(err.Error(), text) || len(err.Error()) > 200 {
		t.Errorf("error %v", err)
	}
	pix, width, height, err := f.BGR()
	if pix != nil || width != 0 || height != 0 || !errors.Is(err, want) {
		t.Errorf("%d bytes of %d x %d pixels, error %v", len(pix), width, height, err)
	}
	if want := rawImage("", 0).Header; f.Header != want || f.Received != 77 {
		t.Errorf("header %v, received %d", f.Header, f.Received)
	}
}

func TestTheHeaderOfATruncatedMessageIsKept(t *testing.T) {
	raw := rawImage("bgr8", 3)
	compressed := &msg.CompressedImage{Header: raw.Header, Format: "jpeg", Data: picture(t, "baseline.jpg")}
	header := len((&msg.CompressedImage{Header: raw.Header}).MarshalCDR(nil)) - len("\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	for name, read := range map[string]func(int) *Frame{
		"raw":        func(n int) *Frame { return ReadRaw(raw.MarshalCDR(nil)[:n], 77) },
		"compressed": func(n int) *Frame { return ReadCompressed(compressed.MarshalCDR(nil)[:n], 77) },
	} {
		for _, n := range []int{header, header + 4, header + 9} {
			t.Run(name, func(t *testing.T) { expectBad(t, read(n), ErrDamaged, "") })
		}
		for n := range header {
			if f := read(n); !errors.Is(f.Err(), ErrDamaged) || f.Received != 77 {
				t.Errorf("%s cut to %d bytes: error %v", name, n, f.Err())
			}
		}
	}
}

func TestAFrameIsDecodedOnce(t *testing.T) {
	for name, f := range map[string]*Frame{
		"raw":        FromImage(rawImage("rgb8", 3), 1),
		"compressed": FromCompressed(&msg.CompressedImage{Data: picture(t, "baseline.jpg")}, 1),
	} {
		t.Run(name, func(t *testing.T) {
			const users = 8
			var all sync.WaitGroup
			var pixels [users][]byte
			for i := range users {
				all.Go(func() {
					pix, _, _, err := f.BGR()
					if err != nil {
						t.Error(err)
					}
					pixels[i] = pix
				})
			}
			all.Wait()
			for _, p := range pixels {
				if !bytes.Equal(p, pixels[0]) || &p[0] != &pixels[0][0] {
					t.Fatal("decoded more than once")
				}
			}
		})
	}
}
