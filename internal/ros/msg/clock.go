package msg

// Clock is rosgraph_msgs/Clock: what time it is for nodes with use_sim_time.
type Clock struct{ Clock Time }

// TypeName implements Message.
func (m *Clock) TypeName() string { return TypeClock }

// MarshalCDR implements Message.
func (m *Clock) MarshalCDR(dst []byte) []byte {
	e := newEncoder(dst)
	e.time(m.Clock)
	return e.buf
}

// UnmarshalCDR implements Message.
func (m *Clock) UnmarshalCDR(src []byte) error {
	d := newDecoder(src)
	m.Clock = d.time("clock.sec", "clock.nanosec")
	return d.finish(m.TypeName())
}
