package live

import (
	"testing"
	"time"

	"rtmdl/internal/ros/msg"
	"rtmdl/scheduler/core"
)

func TestNearestRank(t *testing.T) {
	hundred := make([]int64, 100)
	for i := range hundred {
		hundred[i] = int64(i + 1)
	}
	for _, test := range []struct {
		values []int64
		p      int
		want   int64
	}{
		{nil, 50, 0}, {[]int64{7}, 50, 7}, {[]int64{7}, 99, 7}, {[]int64{1, 2}, 50, 1}, {[]int64{1, 2, 3}, 50, 2},
		{[]int64{1, 2}, 99, 2}, {hundred, 50, 50}, {hundred, 99, 99}, {hundred, 100, 100}, {hundred, 1, 1},
	} {
		if got := nearestRank(test.values, test.p); got != test.want {
			t.Errorf("%d %% of %d values is %d, and must be %d", test.p, len(test.values), got, test.want)
		}
	}
}

func accountsOfOneTask() *accounts {
	config := core.Config{CPUWorkers: 2, AcceleratorSlots: 1, Late: core.LateRun, Tasks: []core.Task{{}}}
	tasks := []*task{{Task: Task{Name: "light", Deadline: 1500 * time.Microsecond}, variants: []*variant{{}, {Variant: Variant{Name: "w50"}}}}}
	a := newAccounts(config, tasks, "fake")
	a.planned(tasks, core.Plan{Priorities: []int{3}, Variants: []int{1}})
	return a
}

func TestAStatusHasTheFiguresSinceTheLast(t *testing.T) {
	a := accountsOfOneTask()
	for i := range int64(3) {
		a.received(0)
		a.ended(0, &msg.JobTiming{
			ReceivedNs: 1e6, PublishedNs: 1e6 + (i+1)*1e6, PreStartedNs: 1, PreEndedNs: 1 + 1e6, InferStartedNs: 5, InferEndedNs: 5 + 2e6,
			PostStartedNs: 8, PostEndedNs: 8 + 3e6, Missed: i == 2,
		})
	}
	a.received(0)
	s := a.status()
	got := s.Tasks[0]
	if s.LatePolicy != "run" || s.Device != "fake" || s.CPUWorkers != 2 || s.AcceleratorSlots != 1 || s.Header.Stamp.IsZero() {
		t.Errorf("%+v", s)
	}
	if got.RateHz <= 0 {
		t.Errorf("rate %v Hz", got.RateHz)
	}
	got.RateHz = 0
	want := msg.TaskStatus{
		Name: "light", Variant: "w50", Priority: 3, DeadlineMs: 1.5, Pending: 1, Received: 4, Published: 3, Missed: 1,
		P50Ms: 2, P99Ms: 3, PreMs: 1, InferMs: 2, PostMs: 3,
	}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	got = a.status().Tasks[0]
	want.P50Ms, want.P99Ms, want.PreMs, want.InferMs, want.PostMs = 0, 0, 0, 0, 0
	if got != want {
		t.Errorf("then got  %+v\nwant %+v", got, want)
	}
}

func TestUtilisationIsAShareOfTheUnits(t *testing.T) {
	a := accountsOfOneTask()
	a.since -= time.Hour.Nanoseconds() // a window so long that what passes meanwhile does not show
	a.ran(core.CPU, time.Hour.Nanoseconds())
	a.ran(core.Accelerator, time.Hour.Nanoseconds()/4)
	s := a.status()
	if s.CPUUtilisation < 0.49 || s.CPUUtilisation > 0.5 || s.AcceleratorUtilisation < 0.24 || s.AcceleratorUtilisation > 0.25 {
		t.Errorf("%v and %v", s.CPUUtilisation, s.AcceleratorUtilisation)
	}
	a.ran(core.CPU, time.Hour.Nanoseconds()) // a stage that began before the window
	if s := a.status(); s.CPUUtilisation != 1 || s.AcceleratorUtilisation != 0 {
		t.Errorf("%v and %v", s.CPUUtilisation, s.AcceleratorUtilisation)
	}
}

func TestAWindowIsBounded(t *testing.T) {
	a := accountsOfOneTask()
	for range maxResponses + 10 {
		a.received(0)
		a.ended(0, &msg.JobTiming{})
	}
	if n := len(a.windows[0].responses); n != maxResponses {
		t.Errorf("%d responses are kept", n)
	}
	if got := a.status().Tasks[0]; got.Published != maxResponses+10 {
		t.Errorf("%+v", got)
	}
}
