package manifest

import (
	"errors"
	"fmt"
)

var (
	// ErrSyntax is wrapped when the manifest is no YAML, or its fields are not what they must be.
	ErrSyntax = errors.New("bad manifest")
	// ErrPath is wrapped for a path that is absolute, leaves the manifest's folder, or is no ordinary file.
	ErrPath = errors.New("bad path")
	// ErrMissing is wrapped when a file is not there or cannot be read.
	ErrMissing = errors.New("file cannot be read")
	// ErrTooLarge is wrapped for files above MaxFile (the manifest: MaxManifest) bytes.
	ErrTooLarge = errors.New("file is too large")
	// ErrSize is wrapped when a file has another number of bytes than the manifest says.
	ErrSize = errors.New("size disagrees")
	// ErrHash is wrapped when a file's SHA-256 is not the manifest's.
	ErrHash = errors.New("SHA-256 disagrees")
	// ErrONNX is wrapped for a file that is no ONNX network, or one with what is not supported here.
	ErrONNX = errors.New("bad ONNX file")
	// ErrTruncated is wrapped, with ErrONNX, for an ONNX file that ends too early.
	ErrTruncated = fmt.Errorf("%w: it ends too early", ErrONNX)
	// ErrExternal is wrapped for external data that is not inside the task's shared file.
	ErrExternal = errors.New("bad external data")
	// ErrLabels is wrapped when labels.txt or a network has other labels than the manifest.
	ErrLabels = errors.New("labels disagree")
	// ErrShape is wrapped when a network's inputs or outputs are not the manifest's.
	ErrShape = errors.New("tensors disagree")
	// ErrUnknown is wrapped for the name of a level that is not there.
	ErrUnknown = errors.New("no such network")
)

// Error says what is wrong and where. It wraps one of the Err values.
type Error struct {
	File  string // the manifest
	Line  int    // from 1; 0: the whole file
	Field string // such as tasks[0].levels[1].file; empty: the whole file
	Err   error
}

// Error implements error.
func (e *Error) Error() string {
	text := e.File
	if e.Line > 0 {
		text += fmt.Sprintf(":%d", e.Line)
	}
	if e.Field != "" {
		text += ": " + e.Field
	}
	return text + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
