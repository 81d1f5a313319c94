package node

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rtmdl/internal/perception/lane"
	"rtmdl/internal/ros/msg"
)

// seenLane is a straight lane 0.6 m wide, seen by a level camera 0.2 m above the ground, 0.1 m right of its middle.
func seenLane() lane.Result {
	line := func(y float64) lane.Line {
		l := lane.Line{Confidence: 0.75}
		for _, x := range []float64{0.5, 1, 2} { // metres ahead
			l.Points = append(l.Points, lane.Point{X: 320 - 500*y/x, Y: 240 + 500*0.2/x})
		}
		return l
	}
	return lane.Result{
		Width: 640, Height: 480, Left: line(0.4), Right: line(-0.2), Offset: &lane.Offset{LaneWidth: 600, Pixels: 100},
	}
}

func calibration() *msg.CameraInfo {
	return &msg.CameraInfo{Width: 640, Height: 480, K: [9]float64{500, 0, 319.5, 0, 500, 239.5, 0, 0, 1}}
}

func newLane(l logger) (node *Lane, lines, path *fakeSender) {
	lines, path = &fakeSender{}, &fakeSender{}
	return &Lane{lines: lines, path: path, markers: &fakeWatched{}, log: l.log, frame: "base_link", mounted: lane.Camera{MountedAt: 0.2}}, lines, path
}

func TestLinesArePublishedWithTheFramesHeader(t *testing.T) {
	header := msg.Header{Stamp: msg.Time{Sec: 1, Nanosec: 2}, FrameID: "front"}
	p, lines, path := newLane(newLogger())
	for _, r := range []lane.Result{seenLane(), {Width: 640, Height: 480}} {
		if err := p.Publish(header, r); err != nil {
			t.Fatal(err)
		}
	}
	want := []msg.Message{
		&msg.LaneLines{
			Header: header, ImageWidth: 640, ImageHeight: 480,
			Left:        msg.LaneLine{Confidence: 0.75, Points: []msg.LanePoint{{X: -80, Y: 440}, {X: 120, Y: 340}, {X: 220, Y: 290}}},
			Right:       msg.LaneLine{Confidence: 0.75, Points: []msg.LanePoint{{X: 520, Y: 440}, {X: 420, Y: 340}, {X: 370, Y: 290}}},
			OffsetValid: true, WidthPx: 600, OffsetPx: 100, OffsetShare: 1.0 / 6,
		},
		&msg.LaneLines{Header: header, ImageWidth: 640, ImageHeight: 480},
	}
	if diff := cmp.Diff(want, lines.sent, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Error(diff)
	}
	if len(path.sent) != 0 {
		t.Errorf("a path without a calibration: %v", path.sent)
	}
	if err := p.Publish(header, "left"); err == nil || !strings.Contains(err.Error(), "string") {
		t.Errorf("a value of another type: error %v", err)
	}
	lines.fail = errors.New("no middleware")
	if err := p.Publish(header, seenLane()); !errors.Is(err, lines.fail) {
		t.Errorf("error %v", err)
	}
}

func TestTheMiddleOfTheLaneIsPublishedOnceTheCameraIsCalibrated(t *testing.T) {
	header := msg.Header{Stamp: msg.Time{Sec: 1, Nanosec: 2}, FrameID: "front"}
	p, _, path := newLane(newLogger())
	p.calibrate(calibration().MarshalCDR(nil))
	for _, r := range []lane.Result{seenLane(), {Width: 640, Height: 480}} {
		if err := p.Publish(header, r); err != nil {
			t.Fatal(err)
		}
	}
	inCar := msg.Header{Stamp: header.Stamp, FrameID: "base_link"}
	got := path.sent[0].(*msg.Path)
	if got.Header != inCar || len(got.Poses) < 2 {
		t.Fatalf("%+v", got)
	}
	for i, pose := range got.Poses {
		at, to := pose.Pose.Position, pose.Pose.Orientation
		x := 0.5 + 1.5*float64(i)/float64(len(got.Poses)-1)
		if pose.Header != inCar || math.Abs(at.X-x) > 1e-9 || math.Abs(at.Y-0.1) > 1e-9 || at.Z != 0 ||
			math.Abs(to.Z) > 1e-9 || math.Abs(to.W-1) > 1e-9 {
			t.Errorf("pose %d: %+v", i, pose)
		}
	}
	if diff := cmp.Diff(&msg.Path{Header: inCar}, path.sent[1]); diff != "" {
		t.Errorf("without lines: %s", diff)
	}
	path.fail = errors.New("no middleware")
	if err := p.Publish(header, seenLane()); !errors.Is(err, path.fail) {
		t.Errorf("error %v", err)
	}
}

func TestMarkersAreSentToWhoeverListens(t *testing.T) {
	p, _, _ := newLane(newLogger())
	markers := &fakeWatched{}
	p.markers = markers
	p.calibrate(calibration().MarshalCDR(nil))
	publish := func(r lane.Result) {
		t.Helper()
		if err := p.Publish(msg.Header{Stamp: msg.Time{Sec: 1}, FrameID: "front"}, r); err != nil {
			t.Fatal(err)
		}
	}
	publish(seenLane())
	if len(markers.sent) != 0 {
		t.Fatalf("nobody listens: %v", markers.sent)
	}
	markers.listeners.Store(1)
	publish(seenLane())
	publish(lane.Result{Width: 640, Height: 480})
	got := markers.sent[0].(*msg.MarkerArray).Markers
	var names []string
	for _, m := range got {
		names = append(names, m.NS)
		if m.Header != (msg.Header{Stamp: msg.Time{Sec: 1}, FrameID: "base_link"}) {
			t.Errorf("header %+v", m.Header)
		}
	}
	if diff := cmp.Diff([]string{"", "left", "right", "centre"}, names); diff != "" || got[0].Action != msg.MarkerDeleteAll {
		t.Fatal(diff, got[0])
	}
	if diff := cmp.Diff([]msg.Point{{X: 0.5, Y: 0.4}, {X: 1, Y: 0.4}, {X: 2, Y: 0.4}}, got[1].Points, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Error(diff)
	}
	if got := markers.sent[1].(*msg.MarkerArray).Markers; len(got) != 1 || got[0].Action != msg.MarkerDeleteAll {
		t.Errorf("without lines: %+v", got)
	}
}

func TestPosesLookAlongThePath(t *testing.T) {
	m := lanePath(msg.Header{}, []lane.Metres{{X: 0, Y: 0}, {X: 1, Y: 1}, {X: 1, Y: 2}})
	for i, want := range []float64{45, 90, 90} { // degrees to the left; the last one as the one before it
		q := m.Poses[i].Pose.Orientation
		if got := 2 * math.Atan2(q.Z, q.W) * 180 / math.Pi; math.Abs(got-want) > 1e-9 {
			t.Errorf("pose %d looks to %v degrees, and must to %v", i, got, want)
		}
	}
}

func TestACalibrationThatCannotBeUsedIsPassedOver(t *testing.T) {
	for name, spoil := range map[string]func(i *msg.CameraInfo){
		"not calibrated": func(i *msg.CameraInfo) { i.K = [9]float64{} },
		"no size":        func(i *msg.CameraInfo) { i.Width = 0 },
		"cut out":        func(i *msg.CameraInfo) { i.K[0], i.ROI.XOffset = 400, 10 },
	} {
		log := newLogger()
		p, _, path := newLane(log)
		p.calibrate(calibration().MarshalCDR(nil))
		bad := calibration()
		spoil(bad)
		for range 3 { // they come with each picture
			p.calibrate(bad.MarshalCDR(nil))
		}
		if n := log.lines.FilterMessage("no lane/path by this camera_info").Len(); n != 1 {
			t.Errorf("%s: %d lines", name, n)
		}
		if err := p.Publish(msg.Header{}, seenLane()); err != nil || len(path.sent) != 1 || len(path.sent[0].(*msg.Path).Poses) == 0 {
			t.Errorf("%s: the last good calibration does not hold: %v, %v", name, err, path.sent)
		}
	}
	log := newLogger()
	p, _, path := newLane(log)
	p.calibrate([]byte{0, 1, 0, 0, 1})
	if err := p.Publish(msg.Header{}, seenLane()); err != nil || len(path.sent) != 0 || log.lines.Len() != 1 {
		t.Errorf("damaged: %v, %v, %v", err, path.sent, log.lines.All())
	}
}

func TestTheCalibrationIsBesideTheImages(t *testing.T) {
	for image, want := range map[string]string{
		"camera/image_raw": "camera/camera_info", "/front/color/image_raw": "/front/color/camera_info", "image": "camera_info",
		"/image": "/camera_info", "~/image_raw": "~/camera_info",
	} {
		if got := cameraInfo(image); got != want {
			t.Errorf("%s: %s", image, got)
		}
	}
}

func TestALaneComesBackFromItsMessage(t *testing.T) {
	for _, want := range []lane.Result{seenLane(), {Width: 1, Height: 2}, {Width: 640, Height: 480, Right: seenLane().Right}} {
		if diff := cmp.Diff(want, laneResult(laneLines(msg.Header{}, want))); diff != "" {
			t.Error(diff)
		}
	}
}
