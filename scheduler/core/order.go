package core

import "fmt"

// Order says which of two ready jobs is the more urgent. Whatever the order,
// ties go to the earlier release, then to the earlier task. The zero value is
// FixedPriority.
type Order uint8

// The orders.
const (
	// FixedPriority puts the smaller priority number first.
	FixedPriority Order = iota
	// EDF puts the earlier absolute deadline first.
	EDF
	// LLF puts the least laxity first: deadline - now - nominal time that
	// remains, now being that of the dispatch. Of ready jobs it is the same
	// for all instants, since neither runs; of a running inference, which
	// packing compares with ready ones, what remains is its nominal work left
	// and its post.
	LLF
	// EDFAdmission is EDF, and refuses at its release a job that can't make
	// its deadline; see Core.admits for what that means.
	EDFAdmission
)

// String returns "fixed-priority", "edf", "llf" or "edf-admission", and
// "order(n)" for other values.
func (o Order) String() string {
	switch o {
	case FixedPriority:
		return "fixed-priority"
	case EDF:
		return "edf"
	case LLF:
		return "llf"
	case EDFAdmission:
		return "edf-admission"
	}
	return fmt.Sprintf("order(%d)", uint8(o))
}

// rank is a job's first place in the order, where a smaller one is the more
// urgent, with the nominal time that remains of it.
func (c *Core) rank(j *job, remaining int64) int64 {
	switch c.order {
	case FixedPriority:
		return j.priority
	case LLF:
		return int64(j.deadline) - remaining
	default:
		return int64(j.deadline)
	}
}

// remaining returns the nominal time of a ready job's stages to come.
func (c *Core) remaining(j *job) int64 { return c.variants[j.variant].rest[j.stage] }
