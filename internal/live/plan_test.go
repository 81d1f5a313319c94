package live

import (
	"errors"
	"testing"
	"time"

	"rtmdl/internal/device"
	"rtmdl/scheduler/core"
	"rtmdl/scheduler/pack"
)

// variants are those of a task, by name, each with the same model and vision.
func variants(model *fakeModel, vision *fakeVision, names ...string) (all []Variant) {
	for _, name := range names {
		all = append(all, Variant{Name: name, Model: model, Vision: vision, Times: core.Times{Infer: time.Hour}})
	}
	return all
}

func TestANewPlanIsForTheJobsToCome(t *testing.T) {
	g := newGate()
	task := Task{Name: "light", Deadline: time.Hour, Variants: variants(&fakeModel{}, &fakeVision{pre: g.hold}, "w100", "w50")}
	r := newRig(t, Options{Tasks: []Task{task}})
	r.submit(newFrame(1))
	<-g.came
	if err := r.SetPlan(core.Plan{Priorities: []int{4}, Variants: []int{1}}); err != nil {
		t.Fatal(err)
	}
	r.submit(newFrame(2))
	g.open()
	got := map[uint32]string{}
	for _, timing := range r.ended(2) {
		got[timing.Header.Stamp.Nanosec] = timing.Variant
	}
	if got[1] != "w100" || got[2] != "w50" {
		t.Errorf("variants by frame: %v", got)
	}
	if s := r.Status().Tasks[0]; s.Variant != "w50" || s.Priority != 4 {
		t.Errorf("status %+v", s)
	}
	for _, bad := range []core.Plan{{}, {Priorities: []int{1}, Variants: []int{2}}, {Priorities: []int{1, 2}, Variants: []int{0}}} {
		if err := r.SetPlan(bad); !errors.Is(err, core.ErrPlan) {
			t.Errorf("%+v: error %v", bad, err)
		}
	}
}

func TestTwoInferencesShareTheDeviceWhereThePlanAllows(t *testing.T) {
	began, pass := make(chan string, 2), make(chan struct{})
	model := func(name string) *fakeModel {
		return &fakeModel{run: func(*device.Tensors) error { began <- name; <-pass; return nil }}
	}
	r := newRig(t, Options{
		Tasks: []Task{
			{Name: "a", Deadline: 1000 * time.Hour, Variants: variants(model("a"), &fakeVision{}, "w100")},
			{Name: "b", Deadline: 2000 * time.Hour, Variants: variants(model("b"), &fakeVision{}, "w100")},
		},
		Slots:   2,
		Packing: []core.Pair{{A: core.Ref{Task: 0}, B: core.Ref{Task: 1}, SlowA: pack.One, SlowB: pack.One}},
	})
	r.Submit(Job{Task: 0, Frame: newFrame(1), Done: r.publish})
	<-began
	r.Submit(Job{Task: 1, Frame: newFrame(2), Done: r.publish})
	<-began // or the test hangs: it began while a runs
	close(pass)
	with := map[string]string{}
	for _, timing := range r.ended(2) {
		with[timing.Task] = timing.PackedWith
	}
	if with["a"] != "b" || with["b"] != "a" {
		t.Errorf("packed with: %v", with)
	}
}

func TestATaskNeedsAVariant(t *testing.T) {
	if s, err := New(Options{Tasks: []Task{{Name: "a", Deadline: time.Hour}}, Device: &fakeDevice{}}); s != nil || err == nil {
		t.Errorf("%v, error %v", s, err)
	}
}
