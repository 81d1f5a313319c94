package msg

import "time"

// Time is builtin_interfaces/Time: a point in ROS time. It is comparable, so it serves as a key for frames.
type Time struct {
	Sec     int32  // seconds, may be negative
	Nanosec uint32 // nanoseconds on top of Sec, below 1e9 in a well-formed time
}

// TimeFromNanos returns the time ns nanoseconds after 0. Times past the int32 seconds of ROS (the year 2038) are
// cut to the nearest one that can be told.
func TimeFromNanos(ns int64) Time {
	const (
		second = int64(time.Second)
		most   = int64(1<<31-1)*second + second - 1
		least  = -int64(1<<31) * second
	)
	ns = min(max(ns, least), most)
	sec, rest := ns/second, ns%second
	if rest < 0 {
		sec, rest = sec-1, rest+second
	}
	return Time{Sec: int32(sec), Nanosec: uint32(rest)}
}

// Nanos returns the time as nanoseconds after 0.
func (t Time) Nanos() int64 { return int64(t.Sec)*int64(time.Second) + int64(t.Nanosec) }

// IsZero reports whether the time is 0, which in ROS means 'not set'.
func (t Time) IsZero() bool { return t == Time{} }

func (e *encoder) time(t Time) {
	e.i32(t.Sec)
	e.u32(t.Nanosec)
}

// time reads a time, given the paths of its fields.
func (d *decoder) time(sec, nanosec string) Time { return Time{d.i32(sec), d.u32(nanosec)} }

// Header is std_msgs/Header.
type Header struct {
	Stamp   Time   // when the data was taken, on ROS time
	FrameID string // coordinate frame
}

func (h *Header) encode(e *encoder) {
	e.time(h.Stamp)
	e.str(h.FrameID)
}

func (h *Header) decode(d *decoder) {
	if d.err != nil {
		return
	}
	h.Stamp = d.time("stamp.sec", "stamp.nanosec")
	h.FrameID = d.str("frame_id", h.FrameID)
	d.within("header")
}

// ReadHeader decodes the header in front of a message of any type whose first field is one. What follows is not looked at.
// The error is that of UnmarshalCDR.
func ReadHeader(src []byte) (Header, error) {
	d := newDecoder(src)
	var h Header
	h.decode(&d)
	if d.err == nil {
		return h, nil
	}
	return Header{}, d.finish(typeHeader)
}
