package node

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rtmdl/internal/perception"
	"rtmdl/internal/perception/detector"
	"rtmdl/internal/ros/msg"
)

func TestDetectionsArePublishedWithTheFramesHeader(t *testing.T) {
	header := msg.Header{Stamp: msg.Time{Sec: 1, Nanosec: 2}, FrameID: "front"}
	detections := &fakeSender{}
	p := &Detections{detections}
	seen := detector.Result{Detections: []perception.Detection{
		{Label: "stop", Score: 0.75, X: 10, Y: 20, Width: 4, Height: 8}, {Label: "give_way", Score: 0.5, Width: 1, Height: 1},
	}}
	for _, result := range []detector.Result{seen, {}} {
		if err := p.Publish(header, result); err != nil {
			t.Fatal(err)
		}
	}
	want := []msg.Message{
		&msg.Detection2DArray{Header: header, Detections: []msg.Detection2D{
			msg.NewDetection2D(header, "stop", 0.75, 10, 20, 4, 8), msg.NewDetection2D(header, "give_way", 0.5, 0, 0, 1, 1),
		}},
		&msg.Detection2DArray{Header: header},
	}
	if diff := cmp.Diff(want, detections.sent); diff != "" {
		t.Error(diff)
	}
	if err := p.Publish(header, "stop"); err == nil || !strings.Contains(err.Error(), "string") {
		t.Errorf("a value of another type: error %v", err)
	}
	detections.fail = errors.New("no middleware")
	if err := p.Publish(header, seen); !errors.Is(err, detections.fail) {
		t.Errorf("error %v", err)
	}
}
