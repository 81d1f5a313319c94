package live

import (
	"errors"
	"strings"
	"testing"
	"time"

	"rtmdl/internal/device"
	"rtmdl/internal/ros/msg"
	"rtmdl/scheduler/core"
)

// hanging is a model whose runs hang for frames with the number 1, until it is let go.
func hanging() (model *fakeModel, letGo func()) {
	held := make(chan struct{})
	return &fakeModel{run: func(t *device.Tensors) error {
		if t.In[0][0] == 1 {
			<-held
		}
		t.Out[0][0] = 7 // a race, if somebody else has got the tensors
		return nil
	}}, func() { close(held) }
}

func TestAnInferenceThatHangsClosesItsSlot(t *testing.T) {
	model, letGo := hanging()
	lost := make(chan error, 1)
	r := newRig(t, Options{
		Tasks: []Task{plainTask(model, &fakeVision{})}, Hang: 150 * time.Millisecond, Lost: func(err error) { lost <- err },
	})
	r.submit(newFrame(2))
	r.ended(1) // what an inference usually takes is known now
	r.submit(newFrame(1))
	err := <-lost
	if !errors.Is(err, ErrHung) || !strings.Contains(err.Error(), "light/w100 on fake") {
		t.Errorf("Lost was told: %v", err)
	}
	r.submit(newFrame(3))
	ended := r.ended(3)
	for _, job := range ended[1:] {
		if job.Outcome != msg.OutcomeFailed || !strings.HasPrefix(job.Reason, ReasonDevice+": the device hangs") {
			t.Errorf("frame %d ended as %v: %s", job.Header.Stamp.Nanosec, job.Outcome, job.Reason)
		}
	}
	if all, open, why := r.Slots(); all != 1 || open != 0 || why == nil {
		t.Errorf("Slots() = %d, %d, %v", all, open, why)
	}
	if hung := r.Hung(); len(hung) != 1 || hung[0] != model {
		t.Errorf("Hung() = %v", hung)
	}
	if c := r.Counts(0); c.Received != 3 || c.Published != 1 || c.Failed != 2 || c.Pending != 0 {
		t.Errorf("the counts are %+v", c)
	}
	if err := r.Close(); err != nil { // though the inference has not ended
		t.Error(err)
	}
	letGo()
}

func TestTheOtherSlotGoesOn(t *testing.T) {
	model, letGo := hanging()
	defer letGo()
	other := &fakeModel{}
	sign := plainTask(other, &fakeVision{})
	sign.Name = "sign"
	r := newRig(t, Options{
		Slots: 2, Tasks: []Task{plainTask(model, &fakeVision{}), sign}, Hang: 150 * time.Millisecond,
		Lost: func(err error) { t.Errorf("told that no slot is left: %v", err) },
	})
	r.submit(newFrame(2))
	r.ended(1)
	r.submit(newFrame(1))
	r.ended(2)
	r.Submit(Job{Task: 1, Frame: newFrame(3), Done: r.publish})
	r.submit(newFrame(4))
	for _, job := range r.ended(4)[2:] {
		if job.Outcome != msg.OutcomePublished || job.Slot != 2 {
			t.Errorf("frame %d ended as %v on slot %d: %s", job.Header.Stamp.Nanosec, job.Outcome, job.Slot, job.Reason)
		}
	}
	if all, open, why := r.Slots(); all != 2 || open != 1 || !errors.Is(why, ErrHung) {
		t.Errorf("Slots() = %d, %d, %v", all, open, why)
	}
}

func TestHangLimit(t *testing.T) {
	s := &Scheduler{options: Options{Hang: time.Second}}
	for _, c := range []struct{ nominal, usual, limit time.Duration }{
		{0, 0, hangFirst},
		{0, 20 * time.Millisecond, time.Second},
		{30 * time.Millisecond, 0, time.Second},
		{0, 300 * time.Millisecond, 3 * time.Second},
		{400 * time.Millisecond, 300 * time.Millisecond, 4 * time.Second},
	} {
		v := &variant{Variant: Variant{Times: core.Times{Infer: c.nominal}}, usual: c.usual}
		if got := s.hangLimit(v); got != c.limit {
			t.Errorf("nominal %v, usual %v: the limit is %v, want %v", c.nominal, c.usual, got, c.limit)
		}
	}
}
