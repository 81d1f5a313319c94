package msg

import (
	"errors"
	"fmt"
)

var (
	// ErrTruncated is returned when the bytes end before the message does, or when a length in them says more than
	// there is.
	ErrTruncated = errors.New("truncated")
	// ErrBadEncapsulation is returned when the 4-byte header announces anything but classic CDR.
	ErrBadEncapsulation = errors.New("encapsulation is not classic CDR")
	// ErrBadString is returned when a string does not end with a zero byte.
	ErrBadString = errors.New("string is not terminated by a zero byte")
	// ErrBadBool is returned when a bool is neither 0 nor 1.
	ErrBadBool = errors.New("bool is neither 0 nor 1")
	// ErrBadParameter is returned for a parameter of a type that there is not.
	ErrBadParameter = errors.New("unknown type of parameter")
	// ErrTrailingBytes is returned when more bytes follow the message than the up to 3 that middlewares pad with:
	// most likely the bytes are of another type.
	ErrTrailingBytes = errors.New("bytes left over behind the message")
	// ErrOtherMessages is returned by Deserialize for messages of another number or type than those wanted.
	ErrOtherMessages = errors.New("other messages than these were expected")
	// ErrBadImage is returned by Image.Check when the sizes of an image do not fit together.
	ErrBadImage = errors.New("image sizes do not fit together")
)

// DecodeError says where in which message decoding failed, and wraps the reason.
type DecodeError struct {
	Type   string // ROS type, such as sensor_msgs/msg/Image
	Field  string // path of the field, such as detections[2].id; empty for the message as a whole
	Offset int    // in bytes, from the start of src, where the field (after its alignment) was expected
	Err    error  // one of the package's sentinel errors
}

// Error implements error.
func (e *DecodeError) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("decode %s at byte %d: %v", e.Type, e.Offset, e.Err)
	}
	return fmt.Sprintf("decode %s: %s at byte %d: %v", e.Type, e.Field, e.Offset, e.Err)
}

// Unwrap returns the reason.
func (e *DecodeError) Unwrap() error { return e.Err }
