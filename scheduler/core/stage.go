package core

import "fmt"

// Stage is one of the three parts of a job, which follow one another, or, in
// mode BlackBox, all of them at a stretch. The zero value is Pre.
type Stage uint8

// The stages, in the order in which a job passes through them.
const (
	Pre   Stage = iota // pre-processing, on a CPU worker
	Infer              // inference, on an accelerator slot
	Post               // post-processing, on a CPU worker

	// Whole is pre, infer and post at a stretch, the only stage of a job in
	// mode BlackBox: on a CPU worker, and on the whole accelerator besides.
	Whole

	stages = 4
)

// Resource returns the resource whose queue the stage passes through:
// Accelerator for Infer, CPU for the others.
func (s Stage) Resource() Resource {
	if s == Infer {
		return Accelerator
	}
	return CPU
}

// String returns "pre", "infer", "post" or "whole", and "stage(n)" for other values.
func (s Stage) String() string {
	switch s {
	case Pre:
		return "pre"
	case Infer:
		return "infer"
	case Post:
		return "post"
	case Whole:
		return "whole"
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
