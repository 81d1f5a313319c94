package msg

// SchedulerStatus is rtmdl/SchedulerStatus: what the scheduler does, once a second.
type SchedulerStatus struct {
	Header                 Header // stamp: time of publishing
	LatePolicy             string // run or skip
	Device                 string // accelerator device, such as cpu
	CPUWorkers             uint32
	AcceleratorSlots       uint32       // inferences at once, 1 or 2
	CPUUtilisation         float64      // share of the last period, 0 to 1
	AcceleratorUtilisation float64      // share of the last period, 0 to 1
	Tasks                  []TaskStatus // in the order of registration
	Plan                   string       // what is known of it; empty: not planned
	PlanNumber             uint32       // plans so far; 0: not planned
	Load                   float64      // measured over planned demand
	Rung                   uint32       // of the ladder of plans, 0: the plan itself
	PredictedMissRate      float64      // mean of the tasks, 0 to 1
	PredictedLoss          float64      // the same
	LossBound              float64      // no plan that keeps the miss rates has a smaller mean loss
}

// TaskStatus is rtmdl/TaskStatus: one task of the scheduler. Counts run from the scheduler's start.
type TaskStatus struct {
	Name       string
	Variant    string  // that new jobs use
	Priority   int32   // smaller is more urgent
	DeadlineMs float64 // relative, in ms
	RateHz     float64 // frames received a second
	Pending    uint32  // jobs waiting or running
	Received   uint64  // frames; the sum of Pending and the six outcomes
	Published  uint64
	Replaced   uint64
	Expired    uint64
	Refused    uint64
	Cancelled  uint64
	Failed     uint64
	Missed     uint64  // ended, but not published in time
	P50Ms      float64 // response time of the last period; 0: none published
	P99Ms      float64
	PreMs      float64 // mean stage times of the last period; 0: none
	InferMs    float64
	PostMs     float64
	Accuracy   float64 // of the variant, 0 to 1; 0: not planned
	Loss       float64 // share of the best variant's accuracy
	// PredictedMissRate is that of the plan, 0 to 1.
	PredictedMissRate float64
}

// TypeName implements Message.
func (m *SchedulerStatus) TypeName() string { return TypeSchedulerStatus }

// MarshalCDR implements Message.
func (m *SchedulerStatus) MarshalCDR(dst []byte) []byte {
	e := newEncoder(dst)
	m.Header.encode(&e)
	e.str(m.LatePolicy)
	e.str(m.Device)
	e.u32(m.CPUWorkers)
	e.u32(m.AcceleratorSlots)
	e.f64(m.CPUUtilisation)
	e.f64(m.AcceleratorUtilisation)
	e.length(len(m.Tasks))
	for i := range m.Tasks {
		m.Tasks[i].encode(&e)
	}
	e.str(m.Plan)
	e.u32(m.PlanNumber)
	e.f64(m.Load)
	e.u32(m.Rung)
	e.f64(m.PredictedMissRate)
	e.f64(m.PredictedLoss)
	e.f64(m.LossBound)
	return e.buf
}

// minTaskStatus is the smallest size of a TaskStatus on the wire, in bytes.
const minTaskStatus = 3*4 + 2*8 + 4 + 8*8 + 8*8

// UnmarshalCDR implements Message. An empty sequence becomes nil. No slice that m had before is written to.
func (m *SchedulerStatus) UnmarshalCDR(src []byte) error {
	d := newDecoder(src)
	m.Header.decode(&d)
	m.LatePolicy = d.str("late_policy", m.LatePolicy)
	m.Device = d.str("device", m.Device)
	m.CPUWorkers = d.u32("cpu_workers")
	m.AcceleratorSlots = d.u32("accelerator_slots")
	m.CPUUtilisation = d.f64("cpu_utilisation")
	m.AcceleratorUtilisation = d.f64("accelerator_utilisation")
	m.Tasks = nil
	if n := d.length("tasks", minTaskStatus); n > 0 {
		m.Tasks = make([]TaskStatus, n)
	}
	for i := range m.Tasks {
		m.Tasks[i].decode(&d)
		if d.err != nil {
			d.withinElement("tasks", i)
			break
		}
	}
	m.Plan = d.str("plan", m.Plan)
	m.PlanNumber = d.u32("plan_number")
	m.Load = d.f64("load")
	m.Rung = d.u32("rung")
	m.PredictedMissRate = d.f64("predicted_miss_rate")
	m.PredictedLoss = d.f64("predicted_loss")
	m.LossBound = d.f64("loss_bound")
	return d.finish(m.TypeName())
}

// TypeName implements Message.
func (m *TaskStatus) TypeName() string { return TypeTaskStatus }

// MarshalCDR implements Message.
func (m *TaskStatus) MarshalCDR(dst []byte) []byte {
	e := newEncoder(dst)
	m.encode(&e)
	return e.buf
}

// UnmarshalCDR implements Message.
func (m *TaskStatus) UnmarshalCDR(src []byte) error {
	d := newDecoder(src)
	m.decode(&d)
	return d.finish(m.TypeName())
}

func (m *TaskStatus) encode(e *encoder) {
	e.str(m.Name)
	e.str(m.Variant)
	e.i32(m.Priority)
	e.f64(m.DeadlineMs)
	e.f64(m.RateHz)
	e.u32(m.Pending)
	for _, v := range [...]uint64{
		m.Received, m.Published, m.Replaced, m.Expired, m.Refused, m.Cancelled, m.Failed, m.Missed,
	} {
		e.u64(v)
	}
	for _, v := range [...]float64{
		m.P50Ms, m.P99Ms, m.PreMs, m.InferMs, m.PostMs, m.Accuracy, m.Loss, m.PredictedMissRate,
	} {
		e.f64(v)
	}
}

func (m *TaskStatus) decode(d *decoder) {
	m.Name = d.str("name", m.Name)
	m.Variant = d.str("variant", m.Variant)
	m.Priority = d.i32("priority")
	m.DeadlineMs = d.f64("deadline_ms")
	m.RateHz = d.f64("rate_hz")
	m.Pending = d.u32("pending")
	m.Received = d.u64("received")
	m.Published = d.u64("published")
	m.Replaced = d.u64("replaced")
	m.Expired = d.u64("expired")
	m.Refused = d.u64("refused")
	m.Cancelled = d.u64("cancelled")
	m.Failed = d.u64("failed")
	m.Missed = d.u64("missed")
	m.P50Ms = d.f64("p50_ms")
	m.P99Ms = d.f64("p99_ms")
	m.PreMs = d.f64("pre_ms")
	m.InferMs = d.f64("infer_ms")
	m.PostMs = d.f64("post_ms")
	m.Accuracy = d.f64("accuracy")
	m.Loss = d.f64("loss")
	m.PredictedMissRate = d.f64("predicted_miss_rate")
}

// Count returns the count of an outcome; of one without a name, that of OutcomeFailed.
func (m *TaskStatus) Count(o Outcome) *uint64 {
	switch o {
	case OutcomePublished:
		return &m.Published
	case OutcomeReplaced:
		return &m.Replaced
	case OutcomeExpired:
		return &m.Expired
	case OutcomeRefused:
		return &m.Refused
	case OutcomeCancelled:
		return &m.Cancelled
	}
	return &m.Failed
}

// Ended returns how many frames have an outcome.
func (m *TaskStatus) Ended() uint64 {
	return m.Published + m.Replaced + m.Expired + m.Refused + m.Cancelled + m.Failed
}
