package msg

// Response is what a service answers.
type Response interface {
	// MarshalCDR appends the response, with its encapsulation header, to dst and returns the longer slice.
	MarshalCDR(dst []byte) []byte
}

// The services that nodes have. Their types are those of rcl_interfaces, lifecycle_msgs, std_srvs and rtmdl.
const (
	ServiceGetParameters           = "rcl_interfaces/srv/GetParameters"
	ServiceGetParameterTypes       = "rcl_interfaces/srv/GetParameterTypes"
	ServiceSetParameters           = "rcl_interfaces/srv/SetParameters"
	ServiceSetParametersAtomically = "rcl_interfaces/srv/SetParametersAtomically"
	ServiceListParameters          = "rcl_interfaces/srv/ListParameters"
	ServiceDescribeParameters      = "rcl_interfaces/srv/DescribeParameters"
)

// Names is the request of GetParameters, GetParameterTypes and DescribeParameters.
type Names []string

// UnmarshalCDR reads a request.
func (m *Names) UnmarshalCDR(src []byte) error {
	d := newDecoder(src)
	*m = decodeEach(&d, "names", 4, func() string { return d.str("names", "") })
	return d.finishRequest("rcl_interfaces/srv/GetParameters_Request")
}

// Parameters is the request of SetParameters and SetParametersAtomically.
type Parameters []Parameter

// UnmarshalCDR reads a request.
func (m *Parameters) UnmarshalCDR(src []byte) error {
	d := newDecoder(src)
	*m = decodeParameters(&d, "parameters")
	return d.finishRequest("rcl_interfaces/srv/SetParameters_Request")
}

// ListParametersRequest is the request of ListParameters.
type ListParametersRequest struct {
	Prefixes []string // none: all parameters
	Depth    uint64   // of groups below a prefix; 0: any
}

// UnmarshalCDR reads a request.
func (m *ListParametersRequest) UnmarshalCDR(src []byte) error {
	d := newDecoder(src)
	m.Prefixes = decodeEach(&d, "prefixes", 4, func() string { return d.str("prefixes", "") })
	m.Depth = d.u64("depth")
	return d.finishRequest("rcl_interfaces/srv/ListParameters_Request")
}

// ListParametersResponse is the response of ListParameters.
type ListParametersResponse struct{ Names, Prefixes []string }

// MarshalCDR implements Response.
func (m ListParametersResponse) MarshalCDR(dst []byte) []byte {
	e := newEncoder(dst)
	encodeEach(&e, m.Names, e.str)
	encodeEach(&e, m.Prefixes, e.str)
	return e.buf
}

// ParameterValues is the response of GetParameters.
type ParameterValues []ParameterValue

// MarshalCDR implements Response.
func (m ParameterValues) MarshalCDR(dst []byte) []byte {
	return marshalEach(dst, m, ParameterValue.encode)
}

// ParameterTypes is the response of GetParameterTypes.
type ParameterTypes []ParameterType

// MarshalCDR implements Response.
func (m ParameterTypes) MarshalCDR(dst []byte) []byte {
	return marshalEach(dst, m, ParameterType.encode)
}

// ParameterDescriptors is the response of DescribeParameters.
type ParameterDescriptors []ParameterDescriptor

// MarshalCDR implements Response.
func (m ParameterDescriptors) MarshalCDR(dst []byte) []byte {
	return marshalEach(dst, m, ParameterDescriptor.encode)
}

// SetResult is what became of a parameter that was to be set, and the response of SetParametersAtomically.
type SetResult struct {
	Successful bool
	Reason     string // why not
}

func (m SetResult) encode(e *encoder) {
	e.boolean(m.Successful)
	e.str(m.Reason)
}

// MarshalCDR implements Response.
func (m SetResult) MarshalCDR(dst []byte) []byte {
	e := newEncoder(dst)
	m.encode(&e)
	return e.buf
}

// SetResults is the response of SetParameters.
type SetResults []SetResult

// MarshalCDR implements Response.
func (m SetResults) MarshalCDR(dst []byte) []byte { return marshalEach(dst, m, SetResult.encode) }

// The services that rtmdl's nodes have besides.
const (
	ServiceSetBool    = "std_srvs/srv/SetBool"
	ServiceTrigger    = "std_srvs/srv/Trigger"
	ServiceLoadModel  = "rtmdl/srv/LoadModel"
	ServiceListModels = "rtmdl/srv/ListModels"
)

// Bool is the request of SetBool.
type Bool bool

// UnmarshalCDR reads a request.
func (m *Bool) UnmarshalCDR(src []byte) error {
	d := newDecoder(src)
	*m = Bool(d.boolean("data"))
	return d.finishRequest("std_srvs/srv/SetBool_Request")
}

// Done is the response of SetBool, Trigger and LoadModel.
type Done struct {
	Success bool
	Message string
}

func (m Done) encode(e *encoder) {
	e.boolean(m.Success)
	e.str(m.Message)
}

// MarshalCDR implements Response.
func (m Done) MarshalCDR(dst []byte) []byte {
	e := newEncoder(dst)
	m.encode(&e)
	return e.buf
}

// LoadModelRequest is the request of LoadModel.
type LoadModelRequest struct {
	Task, Variant string
	ModelsDir     string // empty: the scheduler's own
}

// UnmarshalCDR reads a request.
func (m *LoadModelRequest) UnmarshalCDR(src []byte) error {
	d := newDecoder(src)
	m.Task, m.Variant, m.ModelsDir = d.str("task", ""), d.str("variant", ""), d.str("models_dir", "")
	return d.finishRequest("rtmdl/srv/LoadModel_Request")
}

// Model is rtmdl/Model: a variant of a task's network.
type Model struct {
	Task, Variant, Path string
	Accuracy            float64 // on val, 0 to 1
	Bytes               uint64
	Loaded, InUse       bool
}

// Models is the response of ListModels.
type Models struct {
	Done
	Models []Model
}

// MarshalCDR implements Response.
func (m Models) MarshalCDR(dst []byte) []byte {
	e := newEncoder(dst)
	m.encode(&e)
	encodeEach(&e, m.Models, func(v Model) {
		e.str(v.Task)
		e.str(v.Variant)
		e.str(v.Path)
		e.f64(v.Accuracy)
		e.u64(v.Bytes)
		e.boolean(v.Loaded)
		e.boolean(v.InUse)
	})
	return e.buf
}
