// Package msg has the ROS messages that rtmdl reads and writes on its hot paths, as plain Go structs, and a
// CDR codec for them.
//
// It is pure Go: neither ROS nor cgo is needed, so the tool's offline subcommands read bags with it, and the
// nodes use it with serialized publishers and subscriptions.
//
// The wire format is classic CDR (XCDR version 1) as ROS 2 middlewares write it: a 4-byte encapsulation header
// (00 01 00 00 for little endian), then the fields, each aligned to its own size counted from after that header.
// Encoders write little endian; decoders read both byte orders.
//
// Every message type has three methods on its pointer:
//
//	MarshalCDR(dst []byte) []byte     // appends the encoded message to dst, like append
//	UnmarshalCDR(src []byte) error    // overwrites all fields
//	TypeName() string                 // "sensor_msgs/msg/Image"
//
// # Ownership
//
// MarshalCDR does not keep dst or the message, and allocates nothing where dst has the capacity. UnmarshalCDR
// copies strings and numbers, but the Data of Image and CompressedImage is a window of src, without a copy: src must
// not be changed as long as the message is in use, and Data must not be written to. Messages may be read by
// several goroutines at once; MarshalCDR only reads.
//
// # Errors
//
// UnmarshalCDR never panics and never allocates more than a small multiple of len(src). It returns a *DecodeError,
// which names the type, the field and the offset, and wraps one of ErrTruncated, ErrBadEncapsulation, ErrBadString,
// ErrBadBool and ErrTrailingBytes. After an error the message's content is unspecified.
package msg
