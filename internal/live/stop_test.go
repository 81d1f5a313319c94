package live

import (
	"context"
	"errors"
	"testing"
	"time"

	"rtmdl/internal/device"
	"rtmdl/internal/ros/msg"
	"rtmdl/scheduler/core"
)

// stoppable is a network that says when it begins and then runs until it is stopped, but for its runs after the first.
type stoppable struct {
	fakeModel
	began chan struct{}
	runs  int // one at a time
}

func (m *stoppable) RunContext(ctx context.Context, _ *device.Tensors) error {
	if m.runs++; m.runs > 1 {
		return nil
	}
	m.began <- struct{}{}
	<-ctx.Done()
	return ctx.Err()
}

// quick is a network that can be stopped and has no need to be.
type quick struct{ fakeModel }

func (m *quick) RunContext(_ context.Context, t *device.Tensors) error { return m.Run(t) }

// urgentBesideLong has a frame of a long inference under way, and then one of a task that can't wait for it.
func urgentBesideLong(t *testing.T, stop core.StopPolicy) (r *rig, timings map[string]*msg.JobTiming) {
	long := &stoppable{began: make(chan struct{}, 1)}
	r = newRig(t, Options{
		Stop: stop,
		Tasks: []Task{
			{Name: "long", Deadline: 1000 * time.Hour, Variants: []Variant{{Name: "w100", Model: long, Vision: &fakeVision{}, Times: core.Times{Infer: 200 * time.Hour}}}},
			{Name: "urgent", Deadline: time.Hour, Variants: []Variant{{Name: "w100", Model: &quick{}, Vision: &fakeVision{}, Times: core.Times{Infer: time.Minute}}}},
		},
	})
	r.Submit(Job{Task: 0, Frame: newFrame(1), Done: r.publish})
	<-long.began
	r.Submit(Job{Task: 1, Frame: newFrame(2), Done: r.publish})
	timings = map[string]*msg.JobTiming{}
	for _, timing := range r.ended(2) {
		timings[timing.Task] = timing
	}
	return r, timings
}

func TestALongInferenceIsStoppedAndBeginsAnew(t *testing.T) {
	r, timings := urgentBesideLong(t, core.StopRestart)
	long, urgent := timings["long"], timings["urgent"]
	if long.Outcome != msg.OutcomePublished || urgent.Outcome != msg.OutcomePublished || long.InferStartedNs < urgent.InferEndedNs {
		t.Errorf("long %+v\nurgent %+v", long, urgent)
	}
	if n, took := r.Stops(); n != 1 || took <= 0 {
		t.Errorf("%d stops of %v", n, took)
	}
}

func TestALongInferenceIsStoppedAndGivenUp(t *testing.T) {
	r, timings := urgentBesideLong(t, core.StopDrop)
	if long := timings["long"]; long.Outcome != msg.OutcomeCancelled || long.Reason != ReasonStopped || !long.Missed {
		t.Errorf("long %+v", long)
	}
	if urgent := timings["urgent"]; urgent.Outcome != msg.OutcomePublished || urgent.Missed {
		t.Errorf("urgent %+v", urgent)
	}
	for _, s := range r.Status().Tasks {
		if s.Received != s.Published+s.Cancelled || s.Received != 1 {
			t.Errorf("%+v", s)
		}
	}
}

func TestANetworkThatCannotBeStoppedIsNamed(t *testing.T) {
	_, err := New(Options{Stop: core.StopRestart, Device: &fakeDevice{}, Tasks: []Task{plainTask(&fakeModel{}, &fakeVision{})}})
	if !errors.Is(err, ErrStopPolicy) {
		t.Errorf("error %v", err)
	}
}
