package node

import (
	"strings"
	"testing"

	"rtmdl/internal/camera"
	"rtmdl/internal/monotonic"
	"rtmdl/internal/ros/msg"
)

const second = int64(1e9)

// reporter is a node whose log is kept.
type reporter struct {
	logger
	mismatches []string
	namesakes  int
}

func (reporter) Now() msg.Time          { return msg.Time{Sec: 7} }
func (reporter) FullName() string       { return "/car/lane" }
func (r reporter) Mismatches() []string { return r.mismatches }
func (r reporter) Namesakes() int       { return r.namesakes }

// found is a Part that is always the same.
type found Finding

func (f found) Check(int64) Finding { return Finding(f) }

func TestHealthIsPublishedAndWhatHasARemedyIsLoggedOnceInAWhile(t *testing.T) {
	out, node := &fakeSender{}, reporter{newLogger(), []string{"/rviz gets nothing of /x: it requests reliable"}, 0}
	h := newHealth(node, out, found{Name: "camera", Level: msg.DiagnosticWarn, Message: "silent", Remedy: "shake it"}, found{Name: "fine", Message: "OK"})
	for at := range int64(65) {
		h.report(at*second, "cpu")
	}
	m := out.sent[0].(*msg.DiagnosticArray)
	if len(out.sent) != 65 || m.Header.Stamp.Sec != 7 || len(m.Status) != 2 || m.Status[0].Name != "car/lane: camera" ||
		m.Status[0].Level != msg.DiagnosticWarn || m.Status[0].HardwareID != "cpu" || m.Status[1].Level != msg.DiagnosticOK {
		t.Errorf("%d sent, %+v", len(out.sent), m)
	}
	if n := node.lines.FilterMessage("silent").Len(); n != 3 { // at 0, 30 and 60 s
		t.Errorf("logged %d times", n)
	}
	if n := node.lines.FilterMessageSnippet("/rviz gets nothing").Len(); n != 3 || node.lines.Len() != 6 {
		t.Errorf("logged %v", node.lines.All())
	}
}

func TestANodeOfTheSameNameIsToldOf(t *testing.T) {
	out, node := &fakeSender{}, reporter{newLogger(), nil, 1}
	newHealth(node, out).report(second, "cpu")
	m := out.sent[0].(*msg.DiagnosticArray)
	if len(m.Status) != 1 || m.Status[0].Level != msg.DiagnosticWarn || m.Status[0].Name != "car/lane: name" {
		t.Errorf("%+v", m.Status)
	}
	if node.lines.FilterMessageSnippet("another node is called /car/lane").Len() != 1 {
		t.Errorf("logged %v", node.lines.All())
	}
}

func TestATasksHealth(t *testing.T) {
	status, off := msg.TaskStatus{DeadlineMs: 50, Variant: "w50"}, ""
	h := NewTaskHealth("lane", func() (msg.TaskStatus, string) { return status, off })
	now := monotonic.Now()
	check := func(level msg.DiagnosticLevel, words string) {
		t.Helper()
		now += second
		if f := h.Check(now); f.Level != level || !strings.Contains(f.Message, words) {
			t.Errorf("%v %q, wanted %v %q", f.Level, f.Message, level, words)
		}
	}
	job := func(missed bool, pre, infer, total int64) {
		status.Received++
		h.Observe(&msg.JobTiming{
			Missed: missed, Outcome: msg.OutcomePublished, ReceivedNs: 1000, PreStartedNs: 1000, PreEndedNs: 1000 + pre, InferStartedNs: 5000,
			InferEndedNs: 5000 + infer, PublishedNs: 1000 + total,
		})
	}
	check(msg.DiagnosticStale, "waiting for the first frame")
	if v := h.Check(now).Values[0]; v.Key != "preprocess_ms" || v.Value != "n/a" {
		t.Errorf("before the first frame there is %v", v)
	}
	off = "the scheduler is inactive"
	check(msg.DiagnosticWarn, off)
	off = ""
	job(false, 2e6, 30e6, 40e6)
	job(false, 4e6, 10e6, 20e6)
	now += second
	f := h.Check(now)
	if f.Level != msg.DiagnosticOK || f.Values[0].Value != "3.00" || f.Values[1].Value != "7.00" || f.Values[2].Value != "20.00" || f.Values[4].Value != "30.00" {
		t.Errorf("%+v", f)
	}
	for i := range 6 {
		job(true, 2e6, 90e6, 100e6)
		if i < 4 {
			check(msg.DiagnosticWarn, "over budget: 1 of 1 deadlines missed, most of the time is inference")
		} else {
			check(msg.DiagnosticError, "most of the time is inference, for ")
		}
	}
	job(false, 2e6, 3e6, 6e6)
	check(msg.DiagnosticOK, "deadlines are kept")
	check(msg.DiagnosticOK, "deadlines are kept")
	check(msg.DiagnosticOK, "deadlines are kept")
	check(msg.DiagnosticWarn, "no frame for 3 s")
	status.Pending, status.Received = 1, status.Received+1
	check(msg.DiagnosticWarn, "no frame for 4 s")
	check(msg.DiagnosticWarn, "no frame for 5 s")
	check(msg.DiagnosticError, "stuck: a job is pending")
	status.Pending = 0
	job(false, 2e6, 3e6, 6e6)
	check(msg.DiagnosticOK, "deadlines are kept")
}

// fakeView is a camera as CameraHealth sees it.
type fakeView struct {
	fakeCamera
	reason string
}

func (*fakeView) Topic() string                      { return "/image" }
func (*fakeView) Publishers() int                    { return 1 }
func (v *fakeView) Trouble() (reason, remedy string) { return v.reason, "start it" }

func TestACamerasHealth(t *testing.T) {
	cam := &fakeView{reason: "there is no publisher on /image"}
	h := NewCameraHealth(cam, true)
	began := monotonic.Now()
	check := func(at int64, level msg.DiagnosticLevel, words, remedy string) {
		t.Helper()
		if f := h.Check(began + at); f.Level != level || !strings.Contains(f.Message, words) || !strings.Contains(f.Remedy, remedy) {
			t.Errorf("at %d ns: %v %q (%s), wanted %v %q (%s)", at, f.Level, f.Message, f.Remedy, level, words, remedy)
		}
	}
	check(second, msg.DiagnosticStale, "waiting for the first frame", "")
	check(4*second, msg.DiagnosticWarn, "there is no publisher on /image", "start it")
	cam.reason = ""
	check(5*second, msg.DiagnosticWarn, "no frame has come", "fastdds.xml")
	good := camera.FromImage(&msg.Image{Width: 1, Height: 1, Step: 3, Encoding: "bgr8", Data: []byte{1, 2, 3}}, began+6*second)
	cam.show(good)
	check(7*second, msg.DiagnosticOK, "frames come", "")
	cam.show(camera.FromImage(&msg.Image{Width: 2, Height: 1, Step: 3, Encoding: "bgr8", Data: []byte{1, 2, 3}}, began+8*second))
	check(8*second, msg.DiagnosticWarn, "1 damaged frames", "")
	check(12*second, msg.DiagnosticWarn, "fallen silent", "ros2 topic hz")
	quiet := NewCameraHealth(cam, false)
	if f := quiet.Check(monotonic.Now() + 9*second); f.Level != msg.DiagnosticWarn || f.Remedy != "" {
		t.Errorf("%+v", f)
	}
}
