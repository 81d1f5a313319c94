package live

import (
	"slices"
	"testing"
	"time"

	"rtmdl/internal/camera"
	"rtmdl/internal/monotonic"
	"rtmdl/internal/ros/msg"
	"rtmdl/scheduler/core"
)

// Jobs that come from another process bring what the frame and the task of this one do not have.

func TestAJobMayBringItsReceiptAndItsDeadline(t *testing.T) {
	r := newRig(t, Options{Tasks: []Task{plainTask(&fakeModel{}, &fakeVision{})}})
	received := monotonic.Now() - 5e6
	r.Submit(Job{Frame: newFrame(1), Received: received, Deadline: time.Minute, Done: r.publish})
	r.Submit(Job{Frame: frameAt(2, received+1), Done: r.publish})
	for _, timing := range r.ended(2) {
		want := received + time.Minute.Nanoseconds()
		if timing.Header.Stamp.Nanosec == 2 {
			want = received + 1 + time.Hour.Nanoseconds()
		}
		if timing.DeadlineNs != want || timing.ReceivedNs < received || timing.ReceivedNs > received+1 {
			t.Errorf("%+v", timing)
		}
	}
}

func TestAFrameReceivedInTheFutureIsRefused(t *testing.T) {
	r := newRig(t, Options{Tasks: []Task{plainTask(&fakeModel{}, &fakeVision{})}})
	r.Submit(Job{Frame: newFrame(1), Received: monotonic.Now() + time.Hour.Nanoseconds(), Done: r.publish})
	if got := r.ended(1)[0]; got.Outcome != msg.OutcomeRefused || got.Reason != "bad_time: the frame was received after it was submitted" {
		t.Errorf("%+v", got)
	}
}

func TestAJobWithoutAFrameIsCountedAndTold(t *testing.T) {
	r := newRig(t, Options{Tasks: []Task{plainTask(&fakeModel{}, &fakeVision{})}})
	header := msg.Header{Stamp: msg.Time{Sec: 4}, FrameID: "lost"}
	for range 2 { // and once more when all is closed
		r.Fail(Job{Frame: &camera.Frame{Header: header, Received: 7}, Done: r.publish}, ReasonNoFrame)
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	for i, timing := range r.ended(2) {
		if timing.Outcome != msg.OutcomeFailed || timing.Reason != ReasonNoFrame || timing.Header != header || timing.ReceivedNs != 7 || !timing.Missed ||
			timing.Job != uint64(i+1) {
			t.Errorf("%+v", timing)
		}
		if result := r.results[i]; result.Outcome != msg.OutcomeFailed || result.Reason != ReasonNoFrame {
			t.Errorf("%+v", result)
		}
	}
	if s := r.Status().Tasks[0]; s.Received != 2 || s.Failed != 2 || s.Missed != 2 || s.Pending != 0 {
		t.Errorf("%+v", s)
	}
}

func TestPrioritiesAreGivenOrFollowTheDeadlines(t *testing.T) {
	tasks := func() []Task {
		var all []Task
		for _, name := range []string{"a", "b", "c"} {
			task := plainTask(&fakeModel{}, &fakeVision{})
			task.Name = name
			all = append(all, task)
		}
		all[1].Deadline /= 2
		return all
	}
	priorities := func(r *rig) (all []int32) {
		for _, s := range r.Status().Tasks {
			all = append(all, s.Priority)
		}
		return all
	}
	byDeadline := newRig(t, Options{Tasks: tasks()})
	if got := priorities(byDeadline); !slices.Equal(got, []int32{1, 0, 2}) {
		t.Errorf("by deadline: %v", got)
	}
	byDeadline.SetDeadline(2, time.Minute)
	if got := priorities(byDeadline); !slices.Equal(got, []int32{2, 1, 0}) {
		t.Errorf("with a new deadline: %v", got)
	}
	if s := byDeadline.Status().Tasks[2]; s.DeadlineMs != 60_000 {
		t.Errorf("%+v", s)
	}
	byDeadline.Submit(Job{Task: 2, Frame: newFrame(1), Done: byDeadline.publish})
	if got := byDeadline.ended(1)[0]; got.DeadlineNs != got.ReceivedNs+time.Minute.Nanoseconds() {
		t.Errorf("%+v", got)
	}

	given := newRig(t, Options{Tasks: tasks(), Plan: &core.Plan{Priorities: []int{7, 5, 6}, Variants: make([]int, 3)}})
	given.SetDeadline(0, time.Millisecond)
	if got := priorities(given); !slices.Equal(got, []int32{7, 5, 6}) {
		t.Errorf("given: %v", got)
	}
	if s, err := New(Options{Tasks: tasks(), Device: &fakeDevice{}, Plan: &core.Plan{Priorities: []int{1}, Variants: make([]int, 3)}}); s != nil || err == nil {
		t.Errorf("too few priorities: %v, error %v", s, err)
	}
}
