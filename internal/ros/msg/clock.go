package msg

// Clock is rosgraph_msgs/Clock: what time it is for nodes with use_sim_time.
type Clock struct{ Clock Time }

// TypeName implements Message.
func (m *Clock) TypeName() string { return TypeClock }

// MarshalCDR implements Message.
func (m *Clock) MarshalCDR(dst []byte) []byte {
	e := newEncoder(dst)
	e.i32(m.Clock.Sec)
	e.u32(m.Clock.Nanosec)
	return e.buf
}

// UnmarshalCDR implements Message.
func (m *Clock) UnmarshalCDR(src []byte) error {
	d := newDecoder(src)
	m.Clock = Time{d.i32("clock.sec"), d.u32("clock.nanosec")}
	return d.finish(m.TypeName())
}
