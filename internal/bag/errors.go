package bag

import (
	"errors"
	"fmt"
)

var (
	// ErrNotMCAP is wrapped by a *NotMCAPError, when a file is no MCAP file.
	ErrNotMCAP = errors.New("not an MCAP file")
	// ErrEmpty is returned when a file has no bytes, or a bag no messages.
	ErrEmpty = errors.New("bag has no messages")
	// ErrTruncated is wrapped by a *TruncatedError, when a bag was not finished or has lost its end.
	ErrTruncated = errors.New("bag is not finished")
	// ErrCorrupt is returned when a part of a bag contradicts itself or its checksum.
	ErrCorrupt = errors.New("bag is damaged")
	// ErrUnsupported is returned for bags that this package does not read, such as those with compressed messages.
	ErrUnsupported = errors.New("kind of bag not supported")
	// ErrClosed is returned when a Writer or Reader is used after Close.
	ErrClosed = errors.New("bag is closed")
	// ErrTopic is returned when a topic is added with an impossible name, or again with another type.
	ErrTopic = errors.New("bad topic")
)

// NotMCAPError says what a file that is no MCAP file looks like. It wraps ErrNotMCAP.
type NotMCAPError struct {
	Path  string
	Looks string // what it looks like, such as "a SQLite bag"
	Hint  string // what to do about it; may be empty
}

// Error implements error.
func (e *NotMCAPError) Error() string {
	text := fmt.Sprintf("%s: %v, it looks like %s", e.Path, ErrNotMCAP, e.Looks)
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// Unwrap returns ErrNotMCAP.
func (e *NotMCAPError) Unwrap() error { return ErrNotMCAP }

// TruncatedError says how much of an unfinished bag can be read. It wraps ErrTruncated.
type TruncatedError struct {
	Path     string
	Size     int64  // of the file, in bytes
	Readable int64  // bytes from the start that are intact
	Messages uint64 // that Recover can read
	Reason   string // what is missing
}

// Error implements error.
func (e *TruncatedError) Error() string {
	return fmt.Sprintf("%s: %v (%s): %d messages in %d of %d bytes can be read",
		e.Path, ErrTruncated, e.Reason, e.Messages, e.Readable, e.Size)
}

// Unwrap returns ErrTruncated.
func (e *TruncatedError) Unwrap() error { return ErrTruncated }

// corrupt returns an error that wraps ErrCorrupt and says where.
func corrupt(path string, offset int64, format string, args ...any) error {
	return fmt.Errorf("%s: %w at byte %d: %s", path, ErrCorrupt, offset, fmt.Sprintf(format, args...))
}
