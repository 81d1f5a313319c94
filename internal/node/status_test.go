package node

import (
	"errors"
	"testing"

	"rtmdl/internal/ros/msg"
)

func TestTheLastStatusOfANodeIsPublished(t *testing.T) {
	out, logger := &fakeSender{}, newLogger()
	s := newStatus(logger.log, nil, out, func() msg.TaskStatus { return msg.TaskStatus{Name: "echo", Received: 3} })
	for range 2 {
		s.Close()
	}
	if len(out.sent) == 0 || out.sent[len(out.sent)-1].(*msg.TaskStatus).Received != 3 || logger.lines.Len() != 0 {
		t.Errorf("sent %v, logged %v", out.sent, logger.lines.All())
	}
	failing := &fakeSender{fail: errors.New("no middleware")}
	newStatus(logger.log, nil, failing, func() msg.TaskStatus { return msg.TaskStatus{} }).Close()
	if logger.lines.FilterMessage("the status was not published").Len() == 0 {
		t.Errorf("logged %v", logger.lines.All())
	}
}
