package msg

// JobResult is rtmdl/JobResult: the scheduler's answer to a Job.
type JobResult struct {
	Client    uint64 // instance of the node that is meant
	Scheduler uint64 // instance of the scheduler
	Sequence  uint64 // of the job; 0: the answer to a hello
	Outcome   Outcome
	Reason    string // why it was refused or failed
	Messages  []SerializedMessage
}

// SerializedMessage is rtmdl/SerializedMessage: a message of any type.
type SerializedMessage struct {
	Type string // such as vision_msgs/msg/Detection2DArray
	Data []byte // CDR
}

// Serialize returns messages as they travel in a JobResult.
func Serialize(messages []Message) []SerializedMessage {
	out := make([]SerializedMessage, len(messages))
	for i, m := range messages {
		out[i] = SerializedMessage{Type: m.TypeName(), Data: m.MarshalCDR(nil)}
	}
	return out
}

// Deserialize decodes into the given messages, which must be of the serialized ones' number and types.
func Deserialize(from []SerializedMessage, into ...Message) error {
	if len(from) != len(into) {
		return &DecodeError{Type: TypeJobResult, Field: "messages", Err: ErrOtherMessages}
	}
	for i, m := range into {
		if from[i].Type != m.TypeName() {
			return &DecodeError{Type: m.TypeName(), Err: ErrOtherMessages}
		}
		if err := m.UnmarshalCDR(from[i].Data); err != nil {
			return err
		}
	}
	return nil
}

// TypeName implements Message.
func (m *JobResult) TypeName() string { return TypeJobResult }

// MarshalCDR implements Message.
func (m *JobResult) MarshalCDR(dst []byte) []byte {
	e := newEncoder(dst)
	e.u64(m.Client)
	e.u64(m.Scheduler)
	e.u64(m.Sequence)
	e.u8(uint8(m.Outcome))
	e.str(m.Reason)
	e.length(len(m.Messages))
	for i := range m.Messages {
		m.Messages[i].encode(&e)
	}
	return e.buf
}

// minSerializedMessage is the smallest size of a SerializedMessage on the wire, in bytes.
const minSerializedMessage = 2 * 4

// UnmarshalCDR implements Message. An empty sequence of messages becomes nil; their Data are windows of src.
func (m *JobResult) UnmarshalCDR(src []byte) error {
	d := newDecoder(src)
	m.Client = d.u64("client")
	m.Scheduler = d.u64("scheduler")
	m.Sequence = d.u64("sequence")
	m.Outcome = Outcome(d.u8("outcome"))
	m.Reason = d.str("reason", m.Reason)
	m.Messages = nil
	if n := d.length("messages", minSerializedMessage); n > 0 {
		m.Messages = make([]SerializedMessage, n)
	}
	for i := range m.Messages {
		m.Messages[i].decode(&d)
		if d.err != nil {
			d.withinElement("messages", i)
			break
		}
	}
	return d.finish(m.TypeName())
}

// TypeName implements Message.
func (m *SerializedMessage) TypeName() string { return TypeSerializedMessage }

// MarshalCDR implements Message.
func (m *SerializedMessage) MarshalCDR(dst []byte) []byte {
	e := newEncoder(dst)
	m.encode(&e)
	return e.buf
}

// UnmarshalCDR implements Message. Data is a window of src.
func (m *SerializedMessage) UnmarshalCDR(src []byte) error {
	d := newDecoder(src)
	m.decode(&d)
	return d.finish(m.TypeName())
}

func (m *SerializedMessage) encode(e *encoder) {
	e.str(m.Type)
	e.bytes(m.Data)
}

func (m *SerializedMessage) decode(d *decoder) {
	m.Type = d.str("type", m.Type)
	m.Data = d.bytes("data")
}
