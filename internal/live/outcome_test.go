package live

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/monotonic"
	"rtmdl/internal/ros/msg"
	"rtmdl/scheduler/core"
)

func TestAPublishedJobPassesAllStages(t *testing.T) {
	model := &fakeModel{}
	r := newRig(t, Options{Tasks: []Task{plainTask(model, &fakeVision{})}})
	frame := newFrame(7)
	r.submit(frame)
	got := *r.ended(1)[0]
	result := r.results[0]
	if result.Outcome != msg.OutcomePublished || result.Value != float32(7) || result.Frame != frame || result.Reason != "" {
		t.Errorf("result %+v", result)
	}
	order := []int64{
		1, got.ReceivedNs, got.SubmittedNs, got.PreStartedNs, got.PreEndedNs, got.InferStartedNs, got.InferEndedNs,
		got.PostStartedNs, got.PostEndedNs, got.PublishedNs, got.DeadlineNs,
	}
	for i := range order[1:] {
		if order[i] > order[i+1] {
			t.Errorf("instants %v are out of order", order)
		}
	}
	want := msg.JobTiming{
		Header: frame.Header, Task: "light", Variant: "w100", Device: "fake", Job: 1, Outcome: msg.OutcomePublished,
		ReceivedNs: frame.Received, SubmittedNs: got.SubmittedNs, DeadlineNs: frame.Received + time.Hour.Nanoseconds(),
		PreStartedNs: got.PreStartedNs, PreEndedNs: got.PreEndedNs, InferStartedNs: got.InferStartedNs,
		InferEndedNs: got.InferEndedNs, PostStartedNs: got.PostStartedNs, PostEndedNs: got.PostEndedNs,
		PublishedNs: got.PublishedNs, // and BlockedNs 0: nothing else ran
		PreWorker:   1, Slot: 1, PostWorker: 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestANewerFrameReplacesTheOneThatWaits(t *testing.T) {
	g := newGate()
	r := newRig(t, Options{Tasks: []Task{plainTask(&fakeModel{}, &fakeVision{pre: g.hold})}})
	r.submit(newFrame(1))
	<-g.came
	r.submit(newFrame(2), newFrame(3), newFrame(4))
	g.open()
	timings := r.ended(4)
	want := map[int]msg.Outcome{1: msg.OutcomePublished, 2: msg.OutcomeReplaced, 3: msg.OutcomeReplaced, 4: msg.OutcomePublished}
	if diff := cmp.Diff(want, outcomesOf(timings)); diff != "" {
		t.Error(diff)
	}
	if timings[0].Header.Stamp.Nanosec != 2 || timings[0].PreStartedNs != 0 || !timings[0].Missed || timings[0].Reason != "" {
		t.Errorf("replaced: %+v", timings[0])
	}
	for _, got := range timings[2:] {
		if got.Header.Stamp.Nanosec == 4 && got.BlockedNs <= 0 { // while frame 1 was on the only worker
			t.Errorf("it waited, and was blocked for %d ns", got.BlockedNs)
		}
	}
}

func TestALateJob(t *testing.T) {
	old := monotonic.Now() - time.Hour.Nanoseconds()
	task := plainTask(&fakeModel{}, &fakeVision{})
	task.Deadline = time.Second
	t.Run("expires under skip", func(t *testing.T) {
		r := newRig(t, Options{Tasks: []Task{task}, Late: core.LateSkip})
		r.submit(frameAt(1, old))
		if got := r.ended(1)[0]; got.Outcome != msg.OutcomeExpired || !got.Missed || got.PreStartedNs != 0 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("is published under run, and missed", func(t *testing.T) {
		r := newRig(t, Options{Tasks: []Task{task}, Late: core.LateRun})
		r.submit(frameAt(1, old))
		if got := r.ended(1)[0]; got.Outcome != msg.OutcomePublished || !got.Missed {
			t.Errorf("%+v", got)
		}
		if s := r.Status().Tasks[0]; s.Missed != 1 || s.Published != 1 {
			t.Errorf("%+v", s)
		}
	})
	t.Run("that became late after its first stage expires before the next", func(t *testing.T) {
		model := &fakeModel{}
		task := plainTask(model, &fakeVision{pre: func(f *camera.Frame) error {
			for monotonic.Now() <= f.Received+time.Millisecond.Nanoseconds() {
				time.Sleep(time.Millisecond)
			}
			return nil
		}})
		task.Deadline = time.Millisecond
		r := newRig(t, Options{Tasks: []Task{task}})
		for n := 1; ; n++ { // a frame may expire before its first stage if this machine is slow
			r.submit(newFrame(n))
			if got := r.ended(n)[n-1]; got.PreStartedNs != 0 || n == 1000 {
				if got.Outcome != msg.OutcomeExpired || got.PreEndedNs == 0 || got.InferStartedNs != 0 || got.Device != "" {
					t.Errorf("%+v", got)
				}
				return
			}
		}
	})
}

func TestRefusals(t *testing.T) {
	refused := func(t *testing.T, r *rig, f *camera.Frame, reason string) {
		t.Helper()
		done := 0
		before := len(r.ended(0))
		r.Submit(Job{Frame: f, Done: func(got *Result) {
			done++
			if got.Outcome != msg.OutcomeRefused || !strings.HasPrefix(got.Reason, reason) || got.Value != nil {
				t.Errorf("result %+v", got)
			}
		}})
		if done != 1 {
			t.Errorf("told %d times before Submit returned", done)
		}
		got := r.ended(before + 1)[before]
		if got.Outcome != msg.OutcomeRefused || !strings.HasPrefix(got.Reason, reason) || !got.Missed || got.Job == 0 {
			t.Errorf("%+v", got)
		}
	}
	t.Run("a bad frame", func(t *testing.T) {
		r := newRig(t, Options{Tasks: []Task{plainTask(&fakeModel{}, &fakeVision{})}})
		refused(t, r, camera.FromImage(&msg.Image{Encoding: "bayer_rggb8"}, monotonic.Now()), "bad_image: unsupported encoding: 'bayer_rggb8'")
		refused(t, r, camera.FromCompressed(&msg.CompressedImage{}, monotonic.Now()), "bad_image: ")
	})
	t.Run("a frame from the future", func(t *testing.T) {
		r := newRig(t, Options{Tasks: []Task{plainTask(&fakeModel{}, &fakeVision{})}})
		refused(t, r, frameAt(1, monotonic.Now()+time.Hour.Nanoseconds()), "bad_time")
	})
	t.Run("more jobs than allowed", func(t *testing.T) {
		g := newGate()
		r := newRig(t, Options{Tasks: []Task{plainTask(&fakeModel{}, &fakeVision{pre: g.hold})}, MaxPending: 2})
		r.submit(newFrame(1))
		<-g.came
		r.submit(newFrame(2))
		refused(t, r, newFrame(3), "queue_full")
		g.open()
		want := map[int]msg.Outcome{1: msg.OutcomePublished, 2: msg.OutcomePublished, 3: msg.OutcomeRefused}
		if diff := cmp.Diff(want, outcomesOf(r.ended(3))); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a closed scheduler", func(t *testing.T) {
		r := newRig(t, Options{Tasks: []Task{plainTask(&fakeModel{}, &fakeVision{})}})
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		refused(t, r, newFrame(1), "shutting_down")
		if s := r.Status().Tasks[0]; s.Received != 1 || s.Refused != 1 || s.Pending != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestStagesThatFail(t *testing.T) {
	broken := errors.New("broken")
	for _, test := range []struct {
		name   string
		model  *fakeModel
		vision *fakeVision
		want   string // the reason
		next   bool   // whether inference was reached
	}{
		{"pre", &fakeModel{}, &fakeVision{pre: func(*camera.Frame) error { return broken }}, "vision: broken", false},
		{"pre, of a picture that can't be decoded", &fakeModel{}, &fakeVision{pre: func(*camera.Frame) error {
			return fmt.Errorf("%w: half of it is missing", camera.ErrDamaged)
		}}, "bad_image: damaged image: half of it is missing", false},
		{"pre, which panics", &fakeModel{}, &fakeVision{pre: func(*camera.Frame) error { panic("at the disco") }},
			"vision: panic: at the disco", false},
		{"tensors", &fakeModel{newTensors: func() error { return broken }}, &fakeVision{}, "device: tensors: broken", false},
		{"infer", &fakeModel{run: func(*device.Tensors) error { return broken }}, &fakeVision{}, "device: broken", true},
		{"infer, which panics", &fakeModel{run: func(*device.Tensors) error { panic("at the disco") }}, &fakeVision{},
			"device: panic: at the disco", true},
		{"post", &fakeModel{}, &fakeVision{post: func(*camera.Frame) error { return broken }}, "vision: broken", true},
		{"post, which panics", &fakeModel{}, &fakeVision{post: func(*camera.Frame) error {
			var nobody *camera.Frame
			return nobody.Err()
		}}, "vision: panic: runtime error: ", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t, Options{Tasks: []Task{plainTask(test.model, test.vision)}})
			for n := 1; n <= 3; n++ { // it lives on
				r.submit(newFrame(n))
				got := r.ended(n)[n-1]
				if got.Outcome != msg.OutcomeFailed || !strings.HasPrefix(got.Reason, test.want) || !got.Missed {
					t.Errorf("%+v", got)
				}
				if got.PublishedNs != 0 || test.next != (got.InferStartedNs != 0) || test.next != (got.Device != "") {
					t.Errorf("%+v", got)
				}
			}
			if s := r.Status().Tasks[0]; s.Failed != 3 || s.Missed != 3 || s.Pending != 0 {
				t.Errorf("%+v", s)
			}
			if err := r.Close(); err != nil || test.model.made != test.model.closed || test.model.made > 1 {
				t.Errorf("%d tensors made, %d closed, error %v", test.model.made, test.model.closed, err)
			}
			for i, got := range r.ended(3) {
				if result := r.results[i]; result.Outcome != got.Outcome || result.Reason != got.Reason {
					t.Errorf("result %+v, timing %+v", result, got)
				}
			}
		})
	}
}

func TestWhoeverReceivesAResultEndsTheJob(t *testing.T) {
	r := newRig(t, Options{Tasks: []Task{plainTask(&fakeModel{}, &fakeVision{})}})
	results := make(chan *Result, 1)
	ask := func(n int) *Result {
		r.Submit(Job{Frame: newFrame(n), Done: func(got *Result) { results <- got }})
		return <-results
	}
	first := ask(1)
	if s := r.Status().Tasks[0]; s.Pending != 1 || s.Published != 0 {
		t.Errorf("before it is published: %+v", s)
	}
	first.Published(first.Frame.Received + 5)
	first.Published(first.Frame.Received + 6)
	first.Failed("too late to say so")
	second := ask(2)
	second.Failed("publish: no middleware")
	second.Published(1)
	late := ask(3)
	late.Published(late.Frame.Received + 2*time.Hour.Nanoseconds())
	got := r.ended(3)
	if len(got) != 3 || got[0].PublishedNs != first.Frame.Received+5 || got[0].Missed || got[0].Outcome != msg.OutcomePublished {
		t.Errorf("%+v", got[0])
	}
	if got[1].Outcome != msg.OutcomeFailed || got[1].Reason != "publish: no middleware" || got[1].PublishedNs != 0 || !got[1].Missed {
		t.Errorf("%+v", got[1])
	}
	if got[2].Outcome != msg.OutcomePublished || !got[2].Missed {
		t.Errorf("%+v", got[2])
	}
	if s := r.Status().Tasks[0]; s.Received != 3 || s.Published != 2 || s.Failed != 1 || s.Missed != 2 || s.Pending != 0 {
		t.Errorf("%+v", s)
	}
}

func TestResultsOfAClosedSchedulerCanBePublished(t *testing.T) {
	r := newRig(t, Options{Tasks: []Task{plainTask(&fakeModel{}, &fakeVision{})}})
	results := make(chan *Result, 1)
	r.Submit(Job{Frame: newFrame(1), Done: func(got *Result) { results <- got }})
	result := <-results
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	result.Published(monotonic.Now())
	if s := r.Status().Tasks[0]; s.Published != 1 || s.Pending != 0 || r.ended(1)[0].Outcome != msg.OutcomePublished {
		t.Errorf("%+v", s)
	}
}

func TestCloseCancelsWhatWaitsAndWhatRuns(t *testing.T) {
	for _, stage := range []core.Stage{core.Pre, core.Infer, core.Post} {
		for _, fails := range []bool{false, true} {
			t.Run(fmt.Sprintf("%v, failing %v", stage, fails), func(t *testing.T) {
				g := newGate()
				held := func(*camera.Frame) error {
					_ = g.hold(nil)
					if fails {
						return errors.New("broken")
					}
					return nil
				}
				model, vision := &fakeModel{}, &fakeVision{}
				switch stage {
				case core.Pre:
					vision.pre = held
				case core.Infer:
					model.run = func(*device.Tensors) error { return held(nil) }
				case core.Post:
					vision.post = held
				}
				r := newRig(t, Options{Tasks: []Task{plainTask(model, vision)}})
				r.submit(newFrame(1))
				<-g.came
				r.submit(newFrame(2))
				var all sync.WaitGroup
				for range 3 {
					all.Go(func() {
						if err := r.Close(); err != nil {
							t.Error(err)
						}
						if got := len(r.ended(0)); got != 2 {
							t.Errorf("closed after %d jobs had ended", got)
						}
					})
				}
				r.ended(1) // the one that waits ends at once
				g.open()
				all.Wait()
				for _, got := range r.ended(2) {
					if got.Outcome != msg.OutcomeCancelled || got.Reason != "" || !got.Missed {
						t.Errorf("%+v", got)
					}
				}
				if model.made != model.closed || model.made > 2 {
					t.Errorf("%d tensors made, %d closed", model.made, model.closed)
				}
			})
		}
	}
}

func TestCancelLeavesTheSchedulerOpen(t *testing.T) {
	g := newGate()
	r := newRig(t, Options{Tasks: []Task{plainTask(&fakeModel{}, &fakeVision{pre: g.hold})}})
	r.submit(newFrame(1))
	<-g.came
	r.submit(newFrame(2))
	r.Cancel()
	r.Cancel()
	g.open()
	r.ended(2)
	r.submit(newFrame(3))
	want := map[int]msg.Outcome{1: msg.OutcomeCancelled, 2: msg.OutcomeCancelled, 3: msg.OutcomePublished}
	if diff := cmp.Diff(want, outcomesOf(r.ended(3))); diff != "" {
		t.Error(diff)
	}
}
