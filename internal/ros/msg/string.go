package msg

// String is std_msgs/String.
type String struct {
	Data string
}

// TypeName implements Message.
func (m *String) TypeName() string { return TypeString }

// MarshalCDR implements Message.
func (m *String) MarshalCDR(dst []byte) []byte {
	e := newEncoder(dst)
	e.str(m.Data)
	return e.buf
}

// UnmarshalCDR implements Message.
func (m *String) UnmarshalCDR(src []byte) error {
	d := newDecoder(src)
	m.Data = d.str("data", m.Data)
	return d.finish(m.TypeName())
}
