package node

import (
	"fmt"
	"sync/atomic"
	"time"

	"rtmdl/internal/camera"
	"rtmdl/internal/monotonic"
	"rtmdl/internal/ros/msg"
)

// silence is how long a camera may send nothing before that is a fault.
const silence = 3 * time.Second

// CameraHealth is the Part of a perception node that is its camera: whether anybody is there, frames come, and they are sound.
type CameraHealth struct {
	cam              Camera
	log              bool
	began            int64        // monotonic clock
	last             atomic.Int64 // monotonic clock: when the last frame came; 0: none has
	received, broken atomic.Uint64
	reported         uint64 // of received, by Check
	reportedBroken   uint64
}

// Camera is what CameraHealth asks, as a camera.Camera is.
type Camera interface {
	Source
	Topic() string
	Publishers() int
	// Trouble says why nothing comes, and what to do about it; "": there is a publisher.
	Trouble() (reason, remedy string)
}

var _ Part = (*CameraHealth)(nil)

// NewCameraHealth listens to a camera from now on. With log, what is wrong is logged too: one node of those that share a camera
// is enough.
func NewCameraHealth(cam Camera, log bool) *CameraHealth {
	h := &CameraHealth{cam: cam, log: log, began: monotonic.Now()}
	cam.Listen(func(f *camera.Frame) {
		h.last.Store(f.Received)
		h.received.Add(1)
		if f.Err() != nil {
			h.broken.Add(1)
		}
	})
	return h
}

// Check implements Part.
func (h *CameraHealth) Check(now int64) Finding {
	received, broken, last := h.received.Load(), h.broken.Load(), h.last.Load()
	f := Finding{Name: "camera", Values: []msg.KeyValue{
		value("topic", h.cam.Topic()), value("publishers", h.cam.Publishers()), value("rate_hz", received-h.reported),
		value("frames", received), value("damaged", broken),
	}}
	newlyBroken := broken - h.reportedBroken
	h.reported, h.reportedBroken = received, broken
	quiet := time.Duration(now - max(last, h.began)).Round(100 * time.Millisecond)
	reason, remedy := h.cam.Trouble()
	switch {
	case reason != "" && quiet >= silence:
		f.Level, f.Message, f.Remedy = msg.DiagnosticWarn, reason, remedy
	case last == 0 && quiet < silence:
		f.Level, f.Message = msg.DiagnosticStale, "waiting for the first frame"
	case quiet >= silence && last == 0:
		f.Level, f.Message = msg.DiagnosticWarn, "a publisher is there, but no frame has come"
		f.Remedy = "frames over 512 KB get lost unless the camera driver is started with FASTRTPS_DEFAULT_PROFILES_FILE=<rtmdl>/config/fastdds.xml"
	case quiet >= silence:
		f.Level, f.Message = msg.DiagnosticWarn, "the camera has fallen silent"
		f.Remedy = "see whether its driver still publishes: ros2 topic hz"
		f.Values = append(f.Values, value("silent_s", quiet.Seconds()))
	case newlyBroken > 0:
		f.Level, f.Message = msg.DiagnosticWarn, fmt.Sprintf("%d damaged frames in the last second", newlyBroken)
	default:
		f.Message = "frames come"
	}
	if !h.log {
		f.Remedy = ""
	}
	return f
}
