package annotate

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gocv.io/x/gocv"

	"rtmdl/internal/bag"
	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/ros/msg"
)

// redCorner is a task that finds a red square in the upper left corner of every frame.
type redCorner struct{ device.Model }

func (redCorner) NewTensors() (*device.Tensors, error)             { return device.NewTensors(nil, nil, nil), nil }
func (redCorner) Run(*device.Tensors) error                        { return nil }
func (redCorner) Pre(*camera.Frame, [][]float32) error             { return nil }
func (redCorner) Post(f *camera.Frame, _ [][]float32) (any, error) { return redCorner{}, nil }
func (redCorner) Paint(img *image.RGBA) {
	for i := range 20 * 20 {
		img.SetRGBA(i%20, i/20, color.RGBA{255, 0, 0, 255})
	}
}

// drive makes a bag of grey frames, at these times in ms; a frame of no pixels is damaged.
func drive(t *testing.T, topics []string, milliseconds []int64, sizes []image.Point) *bag.Reader {
	t.Helper()
	path := filepath.Join(t.TempDir(), "drive.mcap")
	w, err := bag.Create(path, bag.Options{})
	if err != nil {
		t.Fatal(err)
	}
	add := func(topic, typeName string) bag.TopicID {
		schema, err1 := bag.SchemaText(typeName)
		id, err2 := w.AddTopic(topic, typeName, schema, "")
		if err := errors.Join(err1, err2); err != nil {
			t.Fatal(err)
		}
		return id
	}
	if err := w.Write(add("/state", msg.TypeString), 1e18, 1e18, (&msg.String{Data: "green"}).MarshalCDR(nil)); err != nil {
		t.Fatal(err)
	}
	for _, topic := range topics {
		id := add(topic, msg.TypeImage)
		for i, ms := range milliseconds {
			size := sizes[i%len(sizes)]
			m := msg.Image{Width: uint32(size.X), Height: uint32(size.Y), Encoding: "bgr8", Step: uint32(3 * size.X),
				Data: bytes.Repeat([]byte{128}, 3*size.X*size.Y)}
			if err := w.Write(id, 1e18+ms*1e6, 1e18+ms*1e6, m.MarshalCDR(nil)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := bag.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

var vga = []image.Point{{64, 48}}

func TestTheVideoPlaysAsFastAsTheRecording(t *testing.T) {
	// 10 Hz with a frame lost, then a pause of 8 s, which is cut to 5: 0.9 + 5 + 0.1 s.
	var ms []int64
	for i := range int64(10) {
		if i != 4 {
			ms = append(ms, i*100)
		}
	}
	r := drive(t, []string{"/camera/image_raw"}, append(ms, 8900), []image.Point{{64, 48}, {64, 48}, {128, 96}})
	path := filepath.Join(t.TempDir(), "out.avi")
	task := redCorner{}
	s, err := Video(t.Context(), r, path, []Task{{"corner", task, task}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s.Frames != 10 || s.Damaged != 0 || s.Length != 6*time.Second {
		t.Errorf("%+v", s)
	}
	video, err := gocv.VideoCaptureFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer video.Close() //nolint:errcheck // it was only read
	picture := gocv.NewMat()
	defer picture.Close() //nolint:errcheck // frees memory
	pictures := 0
	for video.Read(&picture) {
		pictures++
		if picture.Cols() != 64 || picture.Rows() != 48 {
			t.Fatalf("picture %d is %d x %d", pictures, picture.Cols(), picture.Rows())
		}
		corner, centre := picture.GetVecbAt(4, 4), picture.GetVecbAt(40, 50)
		if corner[2] < 200 || corner[0] > 60 || centre[0] < 118 || centre[0] > 138 {
			t.Fatalf("picture %d: corner %v, centre %v", pictures, corner, centre)
		}
	}
	if pictures != 60 {
		t.Errorf("%d pictures, want 60: 6 s at 10 Hz", pictures)
	}
}

func TestDamagedFramesAreLeftOutWithAWord(t *testing.T) {
	r := drive(t, []string{"/camera/image_raw"}, []int64{0, 100, 200, 300}, []image.Point{{0, 0}, {64, 48}})
	warnings := 0
	s, err := Video(t.Context(), r, filepath.Join(t.TempDir(), "out.avi"), nil, Options{Warn: func(string) { warnings++ }})
	if err != nil || s.Frames != 2 || s.Damaged != 2 || warnings != 2 {
		t.Errorf("%+v, %d warnings, %v", s, warnings, err)
	}
}

func TestWhatIsWrongIsSaidAndNothingIsLeft(t *testing.T) {
	stopped, stop := context.WithCancel(t.Context())
	stop()
	two := []string{"/left/image_raw", "/right/image_raw"}
	for _, test := range []struct {
		name   string
		ctx    context.Context
		topics []string
		sizes  []image.Point
		file   string
		topic  string
		want   error
		text   string
	}{
		{"a file that is no video", t.Context(), two[:1], vga, "out.gif", "", ErrVideo, "must end in .avi or .mp4"},
		{"no camera", t.Context(), nil, vga, "out.avi", "", ErrTopic, "has none"},
		{"two cameras", t.Context(), two, vga, "out.avi", "", ErrTopic, "/left/image_raw, /right/image_raw; name one"},
		{"another camera", t.Context(), two, vga, "out.avi", "/rear", ErrTopic, "has no /rear"},
		{"nothing but damage", t.Context(), two[:1], []image.Point{{}}, "out.avi", "", ErrVideo, "no frame"},
		{"interrupted", stopped, two[:1], vga, "out.avi", "", context.Canceled, ""},
		{"no such folder", t.Context(), two[:1], vga, "no/such/out.avi", "", ErrVideo, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			_, err := Video(test.ctx, drive(t, test.topics, []int64{0, 100}, test.sizes), filepath.Join(folder, test.file), nil, Options{Topic: test.topic})
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.text) {
				t.Errorf("error %v", err)
			}
			if left, _ := os.ReadDir(folder); len(left) > 0 {
				t.Errorf("%v is left", left)
			}
		})
	}
}
