package msg

import (
	"errors"
	"fmt"
	"testing"
	"unsafe"
)

func picture(width, height int) *Image {
	return &Image{
		Header: header(1700000000, 1, "camera"), Height: uint32(height), Width: uint32(width), Encoding: "bgr8",
		Step: uint32(3 * width), Data: make([]byte, 3*width*height),
	}
}

func TestImageDataIsAWindowOfTheSource(t *testing.T) {
	src := picture(64, 48).MarshalCDR(nil)
	var m Image
	if err := m.UnmarshalCDR(src); err != nil {
		t.Fatal(err)
	}
	if unsafe.SliceData(m.Data) != &src[len(src)-len(m.Data)] || cap(m.Data) != len(m.Data) {
		t.Error("the data was copied, or its capacity reaches beyond it")
	}
}

func TestImagesAllocateExactlyTheirSize(t *testing.T) {
	for name, m := range golden() {
		if m.TypeName() != TypeImage && m.TypeName() != TypeCompressedImage {
			continue
		}
		buf := make([]byte, 0, len(m.MarshalCDR(nil)))
		if got := m.MarshalCDR(buf); unsafe.SliceData(got) != unsafe.SliceData(buf) {
			t.Errorf("%s: MarshalCDR moved to another buffer although this one had the capacity", name)
		}
	}
}

func TestHotPathsDoNotAllocate(t *testing.T) {
	for name, m := range golden() {
		buf := m.MarshalCDR(nil)
		if n := testing.AllocsPerRun(50, func() { buf = m.MarshalCDR(buf[:0]) }); n != 0 {
			t.Errorf("%s: MarshalCDR into a buffer allocates %v times", name, n)
		}
		switch m.TypeName() {
		case TypeDetection2DArray, TypeSchedulerStatus, TypeMarkerArray, TypeLaneLines, TypeCameraInfo, TypePath, TypeJobResult,
			TypeParameterEvent, TypeDiagnosticArray, TypeTransitionEvent:
			continue // these build new slices
		}
		got := New(m.TypeName())
		if n := testing.AllocsPerRun(50, func() {
			if err := got.UnmarshalCDR(buf); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: UnmarshalCDR of the same texts allocates %v times", name, n)
		}
	}
}

func TestCheckImage(t *testing.T) {
	tests := []struct {
		name string
		edit func(*Image)
		want bool
	}{
		{"well formed", func(*Image) {}, true},
		{"longer rows", func(m *Image) { m.Width-- }, true},
		{"last row without padding", func(m *Image) { m.Width--; m.Data = m.Data[:len(m.Data)-3] }, true},
		{"more data than needed", func(m *Image) { m.Data = append(m.Data, 0) }, true},
		{"mono8", func(m *Image) { m.Encoding = "mono8" }, true},
		{"bgra8 needs longer rows", func(m *Image) { m.Encoding = "bgra8" }, false},
		{"unknown encoding", func(m *Image) { m.Encoding = "bayer_rggb8" }, false},
		{"no pixels", func(m *Image) { m.Width = 0 }, false},
		{"no rows", func(m *Image) { m.Height = 0 }, false},
		{"short rows", func(m *Image) { m.Step-- }, false},
		{"a byte missing", func(m *Image) { m.Data = m.Data[:len(m.Data)-1] }, false},
		{"sizes whose product overflows", func(m *Image) { m.Height, m.Step = 1<<32-1, 1<<32-1 }, false},
		{"width whose row overflows", func(m *Image) { m.Width = 1<<32 - 1 }, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := picture(8, 4)
			test.edit(m)
			if err := m.Check(); (err == nil) != test.want || (err != nil && !errors.Is(err, ErrBadImage)) {
				t.Errorf("error %v, want accepted: %v", err, test.want)
			}
		})
	}
}

func BenchmarkImage(b *testing.B) {
	for _, size := range [][2]int{{640, 480}, {1280, 720}} {
		m := picture(size[0], size[1])
		src := m.MarshalCDR(nil)
		name := fmt.Sprintf("%dx%d", size[0], size[1])
		b.Run("Marshal/"+name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(src)))
			buf := make([]byte, 0, len(src))
			for b.Loop() {
				buf = m.MarshalCDR(buf[:0])
			}
		})
		b.Run("Unmarshal/"+name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(src)))
			var got Image
			for b.Loop() {
				if err := got.UnmarshalCDR(src); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDetections(b *testing.B) {
	m := lengths()
	src := m.MarshalCDR(nil)
	b.Run("Marshal", func(b *testing.B) {
		b.ReportAllocs()
		var buf []byte
		for b.Loop() {
			buf = m.MarshalCDR(buf[:0])
		}
	})
	b.Run("Unmarshal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var got Detection2DArray
			if err := got.UnmarshalCDR(src); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func TestReadHeader(t *testing.T) {
	src := picture(4, 3).MarshalCDR(nil)
	if h, err := ReadHeader(src); err != nil || h != header(1700000000, 1, "camera") {
		t.Errorf("%+v, %v", h, err)
	}
	if _, err := ReadHeader(src[:20]); !errors.Is(err, ErrTruncated) {
		t.Errorf("cut: %v", err)
	}
}
