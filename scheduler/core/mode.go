package core

import "fmt"

// Mode says what a job holds while it runs. The zero value is Split.
type Mode uint8

// The modes.
const (
	// Split lets the stages of a job pass through the queues of the CPU and
	// of the accelerator one by one.
	Split Mode = iota
	// BlackBox lets a job hold one CPU worker and the whole accelerator from
	// its first stage to its last, whatever the slots.
	BlackBox
)

// String returns "split" or "blackbox", and "mode(n)" for other values.
func (m Mode) String() string {
	switch m {
	case Split:
		return "split"
	case BlackBox:
		return "blackbox"
	}
	return fmt.Sprintf("mode(%d)", uint8(m))
}

// ParseMode returns the mode that String writes as s. Any other word is an
// error.
func ParseMode(s string) (Mode, error) {
	return parsed(s, BlackBox, "mode %q: want split or blackbox")
}
