package node

import (
	"bytes"
	"errors"
	"image/jpeg"
	"sync"

	"go.uber.org/zap"

	"rtmdl/internal/camera"
	"rtmdl/internal/draw"
	"rtmdl/internal/monotonic"
	"rtmdl/internal/perception"
	"rtmdl/internal/ros"
	"rtmdl/internal/ros/msg"
)

// DebugImage publishes frames with what was found in them, for people: <node>/debug_image and
// <node>/debug_image/compressed. It draws in a goroutine of its own, only while somebody subscribes, and leaves out
// frames that come while it draws.
type DebugImage struct {
	log             *zap.Logger
	raw, compressed watched
	next            chan shown
	running         sync.WaitGroup
	closing         sync.Once
	limit           rateLimit
}

// watched is a sender that knows how many listen, as a ros.Publisher does.
type watched interface {
	sender
	Subscribers() int
}

// shown is a frame with its task's result.
type shown struct {
	frame  *camera.Frame
	result perception.Painter
}

// jpegQuality of compressed debug images, 1 to 100.
const jpegQuality = 80

// NewDebugImage makes the publishers of the task called name. Close it before ROS ends.
func NewDebugImage(node *ros.Node, name string) (*DebugImage, error) {
	qos := ros.QoS{Depth: 1, Reliable: true} // rviz asks for reliable
	raw, err1 := node.Publish(name+"/debug_image", msg.TypeImage, qos)
	compressed, err2 := node.Publish(name+"/debug_image/compressed", msg.TypeCompressedImage, qos)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	return newDebugImage(node.Log(), raw, compressed), nil
}

func newDebugImage(log *zap.Logger, raw, compressed watched) *DebugImage {
	d := &DebugImage{log: log, raw: raw, compressed: compressed, next: make(chan shown, 1)}
	d.running.Go(d.run)
	return d
}

// Show takes a frame with its result, which is left out if it is no perception.Painter. It does not block.
func (d *DebugImage) Show(frame *camera.Frame, value any) {
	result, ok := value.(perception.Painter)
	if !ok || d.raw.Subscribers() == 0 && d.compressed.Subscribers() == 0 {
		return
	}
	select {
	case d.next <- shown{frame, result}:
	default:
	}
}

func (d *DebugImage) run() {
	for s := range d.next {
		if err := d.publish(s); err != nil {
			if skipped, ok := d.limit.allow("debug image", monotonic.Now()); ok {
				d.log.Warn("a debug image was not published", zap.Error(err), zap.Uint64("not_logged", skipped))
			}
		}
	}
}

func (d *DebugImage) publish(s shown) error {
	pix, width, height, err := s.frame.BGR()
	if err != nil {
		return err
	}
	img, err := draw.FromBGR(pix, width, height)
	if err != nil {
		return err
	}
	s.result.Paint(img)
	var errs []error
	if d.raw.Subscribers() > 0 {
		errs = append(errs, d.raw.Send(draw.ToImage(img, s.frame.Header)))
	}
	if d.compressed.Subscribers() > 0 {
		var file bytes.Buffer
		if err := jpeg.Encode(&file, img, &jpeg.Options{Quality: jpegQuality}); err != nil {
			return err
		}
		errs = append(errs, d.compressed.Send(&msg.CompressedImage{Header: s.frame.Header, Format: "bgr8; jpeg compressed bgr8", Data: file.Bytes()}))
	}
	return errors.Join(errs...)
}

// Close draws what waits, and returns. Show must not be called any more. It may be called twice.
func (d *DebugImage) Close() {
	d.closing.Do(func() { close(d.next) })
	d.running.Wait()
}
