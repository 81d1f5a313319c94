package msg

// State is lifecycle_msgs/State: a state of a managed node.
type State struct {
	ID    uint8
	Label string
}

// Transition is lifecycle_msgs/Transition.
type Transition struct {
	ID    uint8
	Label string
}

// TransitionDescription is lifecycle_msgs/TransitionDescription.
type TransitionDescription struct {
	Transition  Transition
	Start, Goal State
}

// TransitionEvent is lifecycle_msgs/TransitionEvent: a managed node has changed its state.
type TransitionEvent struct {
	Timestamp   uint64 // ns of ROS time
	Transition  Transition
	Start, Goal State
}

// The services of managed nodes.
const (
	ServiceChangeState             = "lifecycle_msgs/srv/ChangeState"
	ServiceGetState                = "lifecycle_msgs/srv/GetState"
	ServiceGetAvailableStates      = "lifecycle_msgs/srv/GetAvailableStates"
	ServiceGetAvailableTransitions = "lifecycle_msgs/srv/GetAvailableTransitions"
)

// TypeName implements Message.
func (m *TransitionEvent) TypeName() string { return TypeTransitionEvent }

// MarshalCDR implements Message.
func (m *TransitionEvent) MarshalCDR(dst []byte) []byte {
	e := newEncoder(dst)
	e.u64(m.Timestamp)
	TransitionDescription{m.Transition, m.Start, m.Goal}.encode(&e)
	return e.buf
}

// UnmarshalCDR implements Message.
func (m *TransitionEvent) UnmarshalCDR(src []byte) error {
	d := newDecoder(src)
	m.Timestamp = d.u64("timestamp")
	m.Transition = Transition{d.u8("transition.id"), d.str("transition.label", "")}
	m.Start = State{d.u8("start_state.id"), d.str("start_state.label", "")}
	m.Goal = State{d.u8("goal_state.id"), d.str("goal_state.label", "")}
	return d.finish(m.TypeName())
}

// UnmarshalCDR reads a request of ChangeState.
func (m *Transition) UnmarshalCDR(src []byte) error {
	d := newDecoder(src)
	m.ID, m.Label = d.u8("transition.id"), d.str("transition.label", "")
	return d.finishRequest("lifecycle_msgs/srv/ChangeState_Request")
}

func (m Transition) encode(e *encoder) { State(m).encode(e) }

func (m TransitionDescription) encode(e *encoder) {
	m.Transition.encode(e)
	m.Start.encode(e)
	m.Goal.encode(e)
}

func (m State) encode(e *encoder) {
	e.u8(m.ID)
	e.str(m.Label)
}

// MarshalCDR implements Response: that of GetState.
func (m State) MarshalCDR(dst []byte) []byte {
	e := newEncoder(dst)
	m.encode(&e)
	return e.buf
}

// Success is the response of ChangeState.
type Success bool

// MarshalCDR implements Response.
func (m Success) MarshalCDR(dst []byte) []byte {
	e := newEncoder(dst)
	e.boolean(bool(m))
	return e.buf
}

// States is the response of GetAvailableStates.
type States []State

// MarshalCDR implements Response.
func (m States) MarshalCDR(dst []byte) []byte { return marshalEach(dst, m, State.encode) }

// TransitionDescriptions is the response of GetAvailableTransitions.
type TransitionDescriptions []TransitionDescription

// MarshalCDR implements Response.
func (m TransitionDescriptions) MarshalCDR(dst []byte) []byte {
	return marshalEach(dst, m, TransitionDescription.encode)
}
