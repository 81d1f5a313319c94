package msg

// Message is what all message types of this package implement.
type Message interface {
	// TypeName returns the full ROS type, such as "sensor_msgs/msg/Image".
	TypeName() string
	// MarshalCDR appends the message, with its encapsulation header, to dst and returns the longer slice.
	MarshalCDR(dst []byte) []byte
	// UnmarshalCDR replaces the message by the one in src; see the package's comment on ownership and errors.
	UnmarshalCDR(src []byte) error
}

// The full names of the types, as topics and bags carry them.
const (
	TypeImage             = "sensor_msgs/msg/Image"
	TypeCompressedImage   = "sensor_msgs/msg/CompressedImage"
	TypeString            = "std_msgs/msg/String"
	TypeDetection2DArray  = "vision_msgs/msg/Detection2DArray"
	TypeMarkerArray       = "visualization_msgs/msg/MarkerArray"
	TypeJobTiming         = "rtmdl/msg/JobTiming"
	TypeTaskStatus        = "rtmdl/msg/TaskStatus"
	TypeSchedulerStatus   = "rtmdl/msg/SchedulerStatus"
	TypeJob               = "rtmdl/msg/Job"
	TypeJobResult         = "rtmdl/msg/JobResult"
	TypeSerializedMessage = "rtmdl/msg/SerializedMessage"
	TypeLaneLines         = "rtmdl/msg/LaneLines"
	TypeCameraInfo        = "sensor_msgs/msg/CameraInfo"
	TypePath              = "nav_msgs/msg/Path"
	TypeClock             = "rosgraph_msgs/msg/Clock"
	TypeParameterEvent    = "rcl_interfaces/msg/ParameterEvent"
	TypeDiagnosticArray   = "diagnostic_msgs/msg/DiagnosticArray"
	TypeTransitionEvent   = "lifecycle_msgs/msg/TransitionEvent"

	typeHeader = "std_msgs/msg/Header"
)

// TypeNames returns the types that New knows, in a fixed order.
func TypeNames() []string {
	return []string{
		TypeImage, TypeCompressedImage, TypeString, TypeDetection2DArray, TypeMarkerArray,
		TypeJob, TypeJobResult, TypeSerializedMessage,
		TypeJobTiming, TypeTaskStatus, TypeSchedulerStatus, TypeLaneLines, TypeCameraInfo, TypePath,
		TypeClock, TypeParameterEvent, TypeDiagnosticArray, TypeTransitionEvent,
	}
}

// New returns an empty message of the type, or nil for a type that this package does not know.
func New(typeName string) Message {
	switch typeName {
	case TypeImage:
		return new(Image)
	case TypeCompressedImage:
		return new(CompressedImage)
	case TypeString:
		return new(String)
	case TypeDetection2DArray:
		return new(Detection2DArray)
	case TypeMarkerArray:
		return new(MarkerArray)
	case TypeJob:
		return new(Job)
	case TypeJobResult:
		return new(JobResult)
	case TypeSerializedMessage:
		return new(SerializedMessage)
	case TypeJobTiming:
		return new(JobTiming)
	case TypeTaskStatus:
		return new(TaskStatus)
	case TypeSchedulerStatus:
		return new(SchedulerStatus)
	case TypeLaneLines:
		return new(LaneLines)
	case TypeCameraInfo:
		return new(CameraInfo)
	case TypePath:
		return new(Path)
	case TypeClock:
		return new(Clock)
	case TypeParameterEvent:
		return new(ParameterEvent)
	case TypeDiagnosticArray:
		return new(DiagnosticArray)
	case TypeTransitionEvent:
		return new(TransitionEvent)
	}
	return nil
}

var (
	_ Message = (*Image)(nil)
	_ Message = (*CompressedImage)(nil)
	_ Message = (*String)(nil)
	_ Message = (*Detection2DArray)(nil)
	_ Message = (*MarkerArray)(nil)
	_ Message = (*Job)(nil)
	_ Message = (*JobResult)(nil)
	_ Message = (*SerializedMessage)(nil)
	_ Message = (*JobTiming)(nil)
	_ Message = (*TaskStatus)(nil)
	_ Message = (*SchedulerStatus)(nil)
	_ Message = (*LaneLines)(nil)
	_ Message = (*CameraInfo)(nil)
	_ Message = (*Path)(nil)
	_ Message = (*Clock)(nil)
	_ Message = (*ParameterEvent)(nil)
	_ Message = (*DiagnosticArray)(nil)
	_ Message = (*TransitionEvent)(nil)
)
