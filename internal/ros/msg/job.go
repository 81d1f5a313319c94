package msg

// JobKind says what a Job tells.
type JobKind uint8

// The kinds, with the numbers of Job.msg.
const (
	JobHello     JobKind = 0 // the node is there
	JobSubmit    JobKind = 1 // a frame to work on
	JobPublished JobKind = 2 // the result was published
	JobDropped   JobKind = 3 // the result was not published
)

// Job is rtmdl/Job: what a perception node in a process of its own tells the scheduler. Job.msg says which kind has
// which fields. Instants are of the host's monotonic clock in nanoseconds.
type Job struct {
	Kind      JobKind
	Client    uint64 // instance of the node
	Scheduler uint64 // instance of the scheduler that is meant
	Sequence  uint64 // of the job in its client, from 1

	Task           string
	ImageTopic     string // full name
	ImageTransport string // raw or compressed
	DeadlineNs     int64  // duration from ReceivedNs

	Header     Header // of the frame, bit for bit
	SentNs     int64  // wall clock since 1970: the frame's source timestamp
	ReceivedNs int64  // the frame arrived at the node

	PublishedNs int64
	Reason      string
}

// TypeName implements Message.
func (m *Job) TypeName() string { return TypeJob }

// MarshalCDR implements Message.
func (m *Job) MarshalCDR(dst []byte) []byte {
	e := newEncoder(dst)
	e.u8(uint8(m.Kind))
	e.u64(m.Client)
	e.u64(m.Scheduler)
	e.u64(m.Sequence)
	e.str(m.Task)
	e.str(m.ImageTopic)
	e.str(m.ImageTransport)
	e.i64(m.DeadlineNs)
	m.Header.encode(&e)
	e.i64(m.SentNs)
	e.i64(m.ReceivedNs)
	e.i64(m.PublishedNs)
	e.str(m.Reason)
	return e.buf
}

// UnmarshalCDR implements Message. A kind without a name is kept as the number that it is.
func (m *Job) UnmarshalCDR(src []byte) error {
	d := newDecoder(src)
	m.Kind = JobKind(d.u8("kind"))
	m.Client = d.u64("client")
	m.Scheduler = d.u64("scheduler")
	m.Sequence = d.u64("sequence")
	m.Task = d.str("task", m.Task)
	m.ImageTopic = d.str("image_topic", m.ImageTopic)
	m.ImageTransport = d.str("image_transport", m.ImageTransport)
	m.DeadlineNs = d.i64("deadline_ns")
	m.Header.decode(&d)
	m.SentNs = d.i64("sent_ns")
	m.ReceivedNs = d.i64("received_ns")
	m.PublishedNs = d.i64("published_ns")
	m.Reason = d.str("reason", m.Reason)
	return d.finish(m.TypeName())
}
