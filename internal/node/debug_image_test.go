package node

import (
	"errors"
	"image"
	"sync/atomic"
	"testing"

	"rtmdl/internal/camera"
	"rtmdl/internal/draw"
	"rtmdl/internal/ros/msg"
)

// fakeWatched is a sender with so many listeners.
type fakeWatched struct {
	fakeSender
	listeners atomic.Int32
}

func (w *fakeWatched) Subscribers() int { return int(w.listeners.Load()) }

// paint is a result.
type paint func(*image.RGBA)

func (p paint) Paint(img *image.RGBA) { p(img) }

func newFrame(n int) *camera.Frame {
	f := numbered(n)
	return camera.FromImage(&msg.Image{Header: f.Header, Height: 1, Width: 2, Encoding: "bgr8", Step: 6, Data: []byte{1, 2, 3, 4, 5, 6}}, 1)
}

func TestDebugImagesAreDrawnForThoseWhoListen(t *testing.T) {
	for _, test := range []struct {
		name            string
		raw, compressed int32
	}{{"nobody", 0, 0}, {"raw", 1, 0}, {"compressed", 0, 2}, {"both", 1, 1}} {
		t.Run(test.name, func(t *testing.T) {
			raw, compressed, painted := &fakeWatched{}, &fakeWatched{}, 0
			raw.listeners.Store(test.raw)
			compressed.listeners.Store(test.compressed)
			d := newDebugImage(newLogger().log, raw, compressed)
			d.Show(newFrame(7), paint(func(img *image.RGBA) {
				painted++
				img.Pix[0] = 200
			}))
			for range 2 {
				d.Close()
			}
			if len(raw.sent) != int(min(test.raw, 1)) || len(compressed.sent) != int(min(test.compressed, 1)) || painted > 1 ||
				painted == 0 != (test.raw+test.compressed == 0) {
				t.Fatalf("%d raw, %d compressed, painted %d times", len(raw.sent), len(compressed.sent), painted)
			}
			if test.raw > 0 {
				got := raw.sent[0].(*msg.Image)
				if got.Header != newFrame(7).Header || got.Encoding != "bgr8" || string(got.Data) != "\x01\x02\xc8\x04\x05\x06" {
					t.Errorf("%+v", got)
				}
			}
			if test.compressed > 0 {
				got := compressed.sent[0].(*msg.CompressedImage)
				if img, err := draw.FromCompressed(got); err != nil || img.Rect.Dx() != 2 || got.Header.Stamp.Nanosec != 7 {
					t.Errorf("%+v, %v", got, err)
				}
			}
		})
	}
}

func TestADebugImageHoldsUpNobody(t *testing.T) {
	raw, hold := &fakeWatched{}, make(chan struct{})
	raw.listeners.Store(1)
	logger := newLogger()
	d := newDebugImage(logger.log, raw, &fakeWatched{})
	for n := range 100 {
		d.Show(newFrame(n), paint(func(*image.RGBA) { <-hold }))
	}
	close(hold)
	d.Close()
	if n := len(raw.sent); n < 1 || n > 2 { // the one that was drawn, and the one that waited
		t.Errorf("%d images", n)
	}
}

func TestADebugImageThatFailsIsLoggedOnceASecond(t *testing.T) {
	raw, logger := &fakeWatched{}, newLogger()
	raw.listeners.Store(1)
	raw.fail = errors.New("no middleware")
	d := newDebugImage(logger.log, raw, &fakeWatched{})
	for n := range 20 {
		d.Show(newFrame(n), paint(func(*image.RGBA) {}))
	}
	d.Close()
	if n := logger.lines.FilterMessage("a debug image was not published").Len(); n < 1 || n > 2 {
		t.Errorf("%d lines", n)
	}
}
