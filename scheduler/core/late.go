package core

import "fmt"

// LatePolicy says what becomes of a job that can't meet its deadline any
// more. The zero value is LateSkip.
type LatePolicy uint8

// The late policies.
const (
	// LateSkip drops a job (decision Expire) when a free unit looks at its
	// ready stage and its deadline lies before that instant. A stage may
	// still start exactly at the deadline, and a running stage runs to its
	// end.
	LateSkip LatePolicy = iota
	// LateRun runs every job to completion.
	LateRun
	// LateAbort takes a job that has not completed out of its queue or off
	// its unit at its deadline (decision Abort).
	LateAbort
)

// String returns "skip", "run" or "abort", the words of a task-set file, and
// "late(n)" for other values.
func (p LatePolicy) String() string {
	switch p {
	case LateSkip:
		return "skip"
	case LateRun:
		return "run"
	case LateAbort:
		return "abort"
	}
	return fmt.Sprintf("late(%d)", uint8(p))
}

// ParseLatePolicy returns the policy that String writes as s: "skip", "run"
// or "abort", in lower case. Any other word, the empty one too, is an error.
func ParseLatePolicy(s string) (LatePolicy, error) {
	return parsed(s, LateAbort, "late policy %q: want run, skip or abort")
}
