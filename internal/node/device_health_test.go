package node

import (
	"errors"
	"strings"
	"testing"

	"rtmdl/internal/ros/msg"
)

func TestDeviceHealth(t *testing.T) {
	for _, c := range []struct {
		all, open int
		lost      error
		level     msg.DiagnosticLevel
		says      string
	}{
		{0, 0, nil, msg.DiagnosticStale, "no networks are loaded"},
		{2, 2, nil, msg.DiagnosticOK, "all slots work"},
		{2, 1, errors.New("it hangs"), msg.DiagnosticError, "1 of 2 slots are closed: it hangs"},
	} {
		f := NewDeviceHealth(func() (int, int, error) { return c.all, c.open, c.lost }).Check(0)
		if f.Level != c.level || !strings.Contains(f.Message, c.says) || (f.Remedy != "") != (c.lost != nil) {
			t.Errorf("%d of %d slots, %v: found %+v", c.open, c.all, c.lost, f)
		}
	}
}
