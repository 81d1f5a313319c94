package msg

import "strconv"

// Outcome says how a job ended.
type Outcome uint8

// The outcomes, with the numbers of JobTiming.msg.
const (
	OutcomePublished Outcome = 0 // the outputs were published, in time or late
	OutcomeReplaced  Outcome = 1 // a newer frame of the task arrived before the first stage started
	OutcomeExpired   Outcome = 2 // dropped by the late policy
	OutcomeRefused   Outcome = 3 // never entered the scheduler
	OutcomeCancelled Outcome = 4 // withdrawn by its node, or the suite shut down
	OutcomeFailed    Outcome = 5 // a stage reported an error
)

var outcomeNames = [...]string{"published", "replaced", "expired", "refused", "cancelled", "failed"}

// Outcomes returns all outcomes in the order of their numbers.
func Outcomes() []Outcome {
	return []Outcome{
		OutcomePublished, OutcomeReplaced, OutcomeExpired, OutcomeRefused, OutcomeCancelled, OutcomeFailed,
	}
}

// String returns the name, such as published, or outcome(9) for a number without one.
func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return "outcome(" + strconv.Itoa(int(o)) + ")"
}

// JobTiming is rtmdl/JobTiming: one job, when it reached each point of its way, and how it ended. Instants are of
// the host's monotonic clock in nanoseconds, 0 where a point was not reached.
type JobTiming struct {
	Header     Header // of the source frame, bit for bit
	Task       string // such as traffic_light
	Variant    string // of the network, such as w100
	Device     string // that ran the inference; empty: none started
	PackedWith string // task whose inference shared the accelerator at the start; empty: none
	Job        uint64 // number in its scheduler, from 1
	Outcome    Outcome
	Reason     string // why it was refused or failed; empty otherwise
	Missed     bool   // not published, or published after DeadlineNs

	ReceivedNs     int64 // the frame arrived at the process of the perception node
	SubmittedNs    int64 // the job was handed to the scheduler
	DeadlineNs     int64 // absolute: ReceivedNs + deadline of the task
	PreStartedNs   int64 // pre-processing started on a CPU worker
	PreEndedNs     int64
	InferStartedNs int64 // inference started on the accelerator
	InferEndedNs   int64
	PostStartedNs  int64 // post-processing started on a CPU worker
	PostEndedNs    int64
	PublishedNs    int64 // the outputs were handed to the middleware
	BlockedNs      int64 // duration: ready while the resource was busy, summed over the stages

	// Units, from 1; 0 where the stage did not start, and in messages from before there were these fields.
	PreWorker  uint32 // CPU worker that ran the pre-processing
	Slot       uint32 // slot of the accelerator that ran the inference
	PostWorker uint32 // CPU worker that ran the post-processing
}

// TypeName implements Message.
func (m *JobTiming) TypeName() string { return TypeJobTiming }

// MarshalCDR implements Message.
func (m *JobTiming) MarshalCDR(dst []byte) []byte {
	e := newEncoder(dst)
	m.Header.encode(&e)
	e.str(m.Task)
	e.str(m.Variant)
	e.str(m.Device)
	e.str(m.PackedWith)
	e.u64(m.Job)
	e.u8(uint8(m.Outcome))
	e.str(m.Reason)
	e.boolean(m.Missed)
	for _, v := range [...]int64{
		m.ReceivedNs, m.SubmittedNs, m.DeadlineNs, m.PreStartedNs, m.PreEndedNs, m.InferStartedNs, m.InferEndedNs,
		m.PostStartedNs, m.PostEndedNs, m.PublishedNs, m.BlockedNs,
	} {
		e.i64(v)
	}
	e.u32(m.PreWorker)
	e.u32(m.Slot)
	e.u32(m.PostWorker)
	return e.buf
}

// UnmarshalCDR implements Message. An outcome without a name is kept as the number that it is. A message may end before
// the units, as in bags from before there were these fields.
func (m *JobTiming) UnmarshalCDR(src []byte) error {
	d := newDecoder(src)
	m.Header.decode(&d)
	m.Task = d.str("task", m.Task)
	m.Variant = d.str("variant", m.Variant)
	m.Device = d.str("device", m.Device)
	m.PackedWith = d.str("packed_with", m.PackedWith)
	m.Job = d.u64("job")
	m.Outcome = Outcome(d.u8("outcome"))
	m.Reason = d.str("reason", m.Reason)
	m.Missed = d.boolean("missed")
	m.ReceivedNs = d.i64("received_ns")
	m.SubmittedNs = d.i64("submitted_ns")
	m.DeadlineNs = d.i64("deadline_ns")
	m.PreStartedNs = d.i64("pre_started_ns")
	m.PreEndedNs = d.i64("pre_ended_ns")
	m.InferStartedNs = d.i64("infer_started_ns")
	m.InferEndedNs = d.i64("infer_ended_ns")
	m.PostStartedNs = d.i64("post_started_ns")
	m.PostEndedNs = d.i64("post_ended_ns")
	m.PublishedNs = d.i64("published_ns")
	m.BlockedNs = d.i64("blocked_ns")
	m.PreWorker, m.Slot, m.PostWorker = 0, 0, 0
	if len(d.src)-d.pos > maxPadding {
		m.PreWorker, m.Slot, m.PostWorker = d.u32("pre_worker"), d.u32("slot"), d.u32("post_worker")
	}
	return d.finish(m.TypeName())
}
