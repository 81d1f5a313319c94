package core

import "fmt"

// Stage is one of the three parts of a job, which follow one another.
// The zero value is Pre.
type Stage uint8

// The stages, in the order in which a job passes through them.
const (
	Pre   Stage = iota // pre-processing, on a CPU worker
	Infer              // inference, on an accelerator slot
	Post               // post-processing, on a CPU worker
)

// Resource returns the resource whose queue the stage passes through:
// Accelerator for Infer, CPU for Pre and Post.
func (s Stage) Resource() Resource {
	if s == Infer {
		return Accelerator
	}
	return CPU
}

// String returns "pre", "infer" or "post", and "stage(n)" for other values.
func (s Stage) String() string {
	switch s {
	case Pre:
		return "pre"
	case Infer:
		return "infer"
	case Post:
		return "post"
	}
	return fmt.Sprintf("stage(%d)", uint8(s))
}

// Resource is a set of like units that run stages, with one queue before
// them. The zero value is CPU.
type Resource uint8

// The resources.
const (
	CPU         Resource = iota // its units are the CPU workers
	Accelerator                 // its units are the accelerator slots

	resources = 2
)

// String returns "cpu" or "accelerator", and "resource(n)" for other values.
func (r Resource) String() string {
	switch r {
	case CPU:
		return "cpu"
	case Accelerator:
		return "accelerator"
	}
	return fmt.Sprintf("resource(%d)", uint8(r))
}
