package adaptive

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"go.uber.org/zap"

	"rtmdl/internal/monotonic"
	"rtmdl/internal/ros/msg"
	"rtmdl/scheduler/adapt"
	"rtmdl/scheduler/core"
	"rtmdl/scheduler/task"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const ms = time.Millisecond

// newSet has two tasks of 50 Hz whose largest variants fit together until stages take a third longer.
func newSet() *task.Set {
	s := task.NewSet()
	for _, name := range []string{"light", "lane"} {
		s.Tasks = append(s.Tasks, task.Task{
			Name: name, Period: 20 * ms, Deadline: 20 * ms, MaxMissRate: 0.1, Queue: 1, Variants: []task.Variant{
				{Name: "w100", Accuracy: 0.9, Pre: ms / 2, Infer: 7 * ms, Post: ms / 2}, {Name: "w50", Accuracy: 0.8, Pre: ms / 2, Infer: 3 * ms, Post: ms / 2},
			},
		})
	}
	return s
}

// fakeScheduler keeps the plans that it is told.
type fakeScheduler struct {
	mu        sync.Mutex
	plans     []core.Plan
	deadlines []time.Duration
}

func (s *fakeScheduler) SetPlan(p core.Plan) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plans = append(s.plans, p)
	return nil
}

func (s *fakeScheduler) Deadlines() []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.deadlines)
}

// last returns the variants of the last plan, nil before the first.
func (s *fakeScheduler) last() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.plans) == 0 {
		return nil
	}
	return s.plans[len(s.plans)-1].Variants
}

func start(t *testing.T) (*fakeScheduler, *Planner) {
	t.Helper()
	set := newSet()
	first, err := First(t.Context(), set, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(first.Variants, []int{0, 0}) || !first.Result.Feasible {
		t.Fatalf("first plan: %v", first)
	}
	s := &fakeScheduler{deadlines: []time.Duration{20 * ms, 20 * ms}}
	p := Start(s, Options{Profile: set, First: first, Log: zap.NewNop()})
	t.Cleanup(func() {
		for range 2 {
			p.Close()
		}
	})
	return s, p
}

// drive observes jobs of both tasks whose stages take slower times the nominal ones, a frame every 20 ms of a clock that
// does not wait, until the scheduler has a plan as wanted.
func drive(t *testing.T, s *fakeScheduler, p *Planner, slower float64, wanted func([]int) bool) {
	t.Helper()
	deadline := time.After(time.Minute) // for a machine that hangs
	tick := time.NewTicker(20 * ms)
	defer tick.Stop()
	for !wanted(s.last()) {
		select {
		case <-deadline:
			t.Fatalf("the last plan has the variants %v", s.last())
		case <-tick.C:
		}
		now := monotonic.Now()
		for _, name := range []string{"light", "lane"} {
			infer := int64(7e6 * slower)
			p.Observe(&msg.JobTiming{
				Task: name, Variant: "w100", ReceivedNs: now, PreStartedNs: now, PreEndedNs: now + 5e5,
				InferStartedNs: now, InferEndedNs: now + infer, PostStartedNs: now, PostEndedNs: now + 5e5,
			})
		}
	}
}

func smaller(variants []int) bool { return variants != nil && !slices.Equal(variants, []int{0, 0}) }

func TestASlowerDeviceGetsSmallerNetworksAndAFasterOneLargerAgain(t *testing.T) {
	s, p := start(t)
	drive(t, s, p, 1.5, smaller)
	drive(t, s, p, 1, func(v []int) bool { return slices.Equal(v, []int{0, 0}) })
	var status msg.SchedulerStatus
	status.Tasks = []msg.TaskStatus{{Name: "light", Variant: "w100"}, {Name: "lane", Variant: "w50"}}
	p.Describe(&status)
	if status.PlanNumber < 2 || status.Plan == "" || status.Load <= 0 {
		t.Errorf("%+v", status)
	}
	if a, b := status.Tasks[0], status.Tasks[1]; a.Accuracy != 0.9 || a.Loss != 0 || b.Accuracy != 0.8 || b.Loss == 0 {
		t.Errorf("%+v", status.Tasks)
	}
}

func TestAnotherDeadlineIsPlannedFor(t *testing.T) {
	s, _ := start(t)
	s.mu.Lock()
	s.deadlines = []time.Duration{12 * ms, 12 * ms} // too short for the large ones one after the other
	s.mu.Unlock()
	for began := time.Now(); !smaller(s.last()); time.Sleep(ms) {
		if time.Since(began) > time.Minute {
			t.Fatalf("the last plan has the variants %v", s.last())
		}
	}
}

func TestJobsOfOthersAndOfUnknownVariantsAreNoMatter(t *testing.T) {
	_, p := start(t)
	p.Observe(&msg.JobTiming{Task: "nobody"})
	p.Observe(&msg.JobTiming{Task: "lane", Variant: "no such"})
	p.Observe(&msg.JobTiming{Task: "lane", Outcome: msg.OutcomeReplaced})
}

func TestAnOverloadHasALeastBadPlan(t *testing.T) {
	set := newSet()
	for i := range set.Tasks {
		set.Tasks[i].Period, set.Tasks[i].Deadline = 4*ms, 4*ms
	}
	first, err := First(context.Background(), set, time.Second)
	if err != nil || first.Result.Feasible || first.Quality() == "" {
		t.Errorf("%v, error %v", first, err)
	}
}

// TestAPlanWithAllTasksGetsItsOwnLadder: what is being made for the plan before it, ladder and plan, is not taken any more.
func TestAPlanWithAllTasksGetsItsOwnLadder(t *testing.T) {
	set := newSet()
	first, err := First(t.Context(), set, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	other := *first
	r := &round{
		Planner:   &Planner{options: Options{Profile: set, First: first, Again: 250 * ms, Log: zap.NewNop()}, state: state{plan: &other}},
		scheduler: &fakeScheduler{deadlines: []time.Duration{20 * ms, 20 * ms}}, watch: adapt.NewWatch(set, first.Variants),
		building: func() {}, present: first.Plan, state: state{plan: &other}, whole: first,
	}
	defer r.wait()
	r.build(t.Context(), &other)
	stale := r.ladder
	r.use(t.Context(), first)
	if r.ladder == nil || r.ladder == stale {
		t.Error("the plan that is in force has no ladder of its own")
	}
	if r.state.number != 1 || r.state.plan != first || len(r.rungs) != 1 {
		t.Errorf("state %+v, %d rungs", r.state, len(r.rungs))
	}
}
