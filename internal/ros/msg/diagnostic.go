package msg

// DiagnosticArray is diagnostic_msgs/DiagnosticArray: how the parts of a system are.
type DiagnosticArray struct {
	Header Header // stamp: when it was found
	Status []DiagnosticStatus
}

// DiagnosticStatus is diagnostic_msgs/DiagnosticStatus.
type DiagnosticStatus struct {
	Level      DiagnosticLevel
	Name       string // of the part
	Message    string
	HardwareID string
	Values     []KeyValue
}

// KeyValue is diagnostic_msgs/KeyValue.
type KeyValue struct{ Key, Value string }

// DiagnosticLevel says how bad it is.
type DiagnosticLevel uint8

// The levels of diagnostic_msgs/DiagnosticStatus.
const (
	DiagnosticOK DiagnosticLevel = iota
	DiagnosticWarn
	DiagnosticError
	DiagnosticStale
)

// String returns OK, WARN, ERROR or STALE.
func (l DiagnosticLevel) String() string {
	return [...]string{"OK", "WARN", "ERROR", "STALE"}[min(l, DiagnosticStale)]
}

// TypeName implements Message.
func (m *DiagnosticArray) TypeName() string { return TypeDiagnosticArray }

// MarshalCDR implements Message.
func (m *DiagnosticArray) MarshalCDR(dst []byte) []byte {
	e := newEncoder(dst)
	m.Header.encode(&e)
	encodeEach(&e, m.Status, func(s DiagnosticStatus) {
		e.u8(uint8(s.Level))
		e.str(s.Name)
		e.str(s.Message)
		e.str(s.HardwareID)
		encodeEach(&e, s.Values, func(v KeyValue) {
			e.str(v.Key)
			e.str(v.Value)
		})
	})
	return e.buf
}

// UnmarshalCDR implements Message.
func (m *DiagnosticArray) UnmarshalCDR(src []byte) error {
	d := newDecoder(src)
	m.Header.decode(&d)
	m.Status = decodeEach(&d, "status", 1+4*4, func() (s DiagnosticStatus) {
		s.Level = DiagnosticLevel(d.u8("status.level"))
		s.Name = d.str("status.name", "")
		s.Message = d.str("status.message", "")
		s.HardwareID = d.str("status.hardware_id", "")
		s.Values = decodeEach(&d, "status.values", 2*4, func() KeyValue {
			return KeyValue{d.str("status.values.key", ""), d.str("status.values.value", "")}
		})
		return s
	})
	return d.finish(m.TypeName())
}
