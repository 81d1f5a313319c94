package node

import (
	"fmt"

	"rtmdl/internal/ros/msg"
)

// DeviceHealth is the Part of the scheduler's node that is the device: how many of its slots work.
type DeviceHealth struct {
	slots func() (all, open int, lost error)
}

var _ Part = (*DeviceHealth)(nil)

// NewDeviceHealth makes the part. slots returns how many slots there are, 0 while there is no device, how many of them work,
// and why the last one was closed.
func NewDeviceHealth(slots func() (all, open int, lost error)) *DeviceHealth {
	return &DeviceHealth{slots}
}

// Check implements Part.
func (h *DeviceHealth) Check(int64) Finding {
	all, open, lost := h.slots()
	f := Finding{Name: "device", Values: []msg.KeyValue{value("slots", all), value("slots_open", open)}}
	switch {
	case all == 0:
		f.Level, f.Message = msg.DiagnosticStale, "no networks are loaded"
	case lost != nil:
		f.Level, f.Message = msg.DiagnosticError, fmt.Sprintf("%d of %d slots are closed: %v", all-open, all, lost)
		f.Remedy = "the slots that are left go on; start the suite anew to have all of them"
	default:
		f.Message = "all slots work"
	}
	return f
}
