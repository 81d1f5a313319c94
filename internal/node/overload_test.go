package node

import (
	"testing"

	"rtmdl/internal/ros/msg"
)

func TestATaskThatCannotKeepUpIsWarnedOfOnce(t *testing.T) {
	log := newLogger()
	o := overload{log: log.log}
	var total msg.TaskStatus
	second := func(received, missed uint64) {
		total.Name = "sign"
		total.Received += received
		total.Missed += missed
		o.look(msg.SchedulerStatus{Tasks: []msg.TaskStatus{total}})
	}
	for _, step := range []struct {
		name                      string
		seconds, received, missed uint64
		wantLines                 int
	}{
		{"half missed is bearable", 7, 10, 5, 0},
		{"more than half, at once", 1, 10, 6, 1},
		{"and no second word", 20, 10, 10, 1},
		{"recovered", 7, 10, 0, 1},
		{"again", 7, 10, 10, 2},
		{"recovered again", 7, 10, 0, 2},
		{"too few frames to tell", 7, 0, 0, 2},
	} {
		for range step.seconds {
			second(step.received, step.missed)
		}
		if got := log.lines.Len(); got != step.wantLines {
			t.Errorf("%s: %d lines, want %d", step.name, got, step.wantLines)
		}
	}
}
