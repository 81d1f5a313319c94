package handoff

import (
	"rtmdl/internal/camera"
	"rtmdl/internal/ros/msg"
)

const (
	keptFrames      = 8   // of each camera: a quarter of a second at 30 Hz, by which a job may be late
	maxFrameWaiters = 256 // jobs that wait for a frame of one camera
)

// feed is a camera in the server's process: its last frames, and the jobs whose frames have not come.
type feed struct {
	users   int // clients; without one, nothing is kept
	frames  [keptFrames]*camera.Frame
	next    int        // where the next frame goes
	waiters []*request // in the order of their due times
}

// find returns the frame that a job is for, nil where it is not there (any more). The newest is looked at first.
func (f *feed) find(j *msg.Job) *camera.Frame {
	for i := range keptFrames {
		frame := f.frames[(f.next+keptFrames-1-i)%keptFrames]
		if frame != nil && same(frame, j) {
			return frame
		}
	}
	return nil
}

// same reports whether a job is for a frame. Stamps may repeat (a camera that sets none, a bag that loops): then the
// source timestamp decides, where the middleware has one.
func same(f *camera.Frame, j *msg.Job) bool {
	return f.Header == j.Header && (f.Sent == j.SentNs || f.Sent == 0 || j.SentNs == 0)
}

// add keeps a frame, and returns the jobs that waited for it.
func (f *feed) add(frame *camera.Frame) []*request {
	if f.users == 0 {
		return nil
	}
	f.frames[f.next] = frame
	f.next = (f.next + 1) % keptFrames
	var found, rest []*request
	for _, r := range f.waiters {
		if same(frame, r.job) {
			found = append(found, r)
		} else {
			rest = append(rest, r)
		}
	}
	f.waiters = rest
	return found
}

// expire returns the jobs that waited until now in vain.
func (f *feed) expire(now int64) []*request {
	n := 0
	for n < len(f.waiters) && f.waiters[n].due <= now {
		n++
	}
	expired := f.waiters[:n:n]
	f.waiters = f.waiters[n:]
	return expired
}

// leave counts one client less.
func (f *feed) leave() {
	if f.users--; f.users == 0 {
		f.frames = [keptFrames]*camera.Frame{}
	}
}
