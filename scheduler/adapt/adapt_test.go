package adapt

import (
	"math"
	"testing"
	"time"

	"rtmdl/scheduler/core"
	"rtmdl/scheduler/task"
)

const ms = time.Millisecond

// newSet has two tasks of 20 and 50 Hz with two variants each.
func newSet() *task.Set {
	s := task.NewSet()
	variants := []task.Variant{
		{Name: "w100", Accuracy: 0.9, Pre: ms, Infer: 10 * ms, Post: ms}, {Name: "w50", Accuracy: 0.8, Pre: ms, Infer: 5 * ms, Post: ms},
	}
	for name, period := range map[string]time.Duration{"light": 50 * ms, "lane": 20 * ms} {
		s.Tasks = append(s.Tasks, task.Task{
			Name: name, Period: period, Deadline: period, MaxMissRate: 0.1, Variants: variants,
		})
	}
	if s.Tasks[0].Name != "light" {
		s.Tasks[0], s.Tasks[1] = s.Tasks[1], s.Tasks[0]
	}
	return s
}

// drive is a car whose jobs take slower times their nominal time, and whose camera is faster than planned.
type drive struct {
	*Watch
	set    *task.Set
	now    core.Time
	next   []core.Time
	slower float64
	faster float64
	off    int // a task without frames, -1: none
	missed bool
}

func newDrive() *drive {
	set := newSet()
	return &drive{
		Watch: NewWatch(set, []int{0, 0}), set: set, now: core.Time(time.Hour), next: []core.Time{core.Time(time.Hour), core.Time(time.Hour)},
		slower: 1, faster: 1, off: -1,
	}
}

// until drives and looks every 50 ms until a finding is as wanted, for at most so long; it says when that was.
func (d *drive) until(wanted func(Finding) bool, most time.Duration) (time.Duration, bool) {
	for began := d.now; d.now.Sub(began) < most; d.now = d.now.Add(50 * ms) {
		for i, t := range d.set.Tasks {
			for ; d.next[i] <= d.now; d.next[i] = d.next[i].Add(stretch(t.Period, 1/d.faster)) {
				if i != d.off {
					d.Ended(Job{
						Task: i, Received: d.next[i], Pre: stretch(ms, d.slower), Infer: stretch(10*ms, d.slower), Post: stretch(ms, d.slower),
						Missed: d.missed,
					})
				}
			}
		}
		if wanted(d.Look(d.now)) {
			return d.now.Sub(began), true
		}
	}
	return 0, false
}

func replan(f Finding) bool { return f.Replan }

func TestWhatIsAsPlannedChangesNothing(t *testing.T) {
	d := newDrive()
	d.slower, d.faster = 1.05, 1.03
	if at, ok := d.until(replan, time.Minute); ok {
		t.Errorf("a new plan after %v", at)
	}
}

func TestSlowerStagesAndFasterCamerasAreSeenWithinASecond(t *testing.T) {
	for name, change := range map[string]func(*drive){
		"throttled by 1.3": func(d *drive) { d.slower = 1.3 },
		"camera at twice":  func(d *drive) { d.faster = 2 },
	} {
		d := newDrive()
		d.until(replan, 10*time.Second)
		change(d)
		at, ok := d.until(replan, time.Minute)
		if !ok || at > time.Second {
			t.Errorf("%s: seen after %v, %v", name, at, ok)
		}
		want := d.slower * d.faster
		if f := d.Look(d.now); math.Abs(f.Load-want) > 0.12*want {
			t.Errorf("%s: load %.2f, want about %.2f", name, f.Load, want)
		}
		set := d.Set(d.now)
		again := 0
		for d.Planned(set, []int{1, 1}); again < 5; again++ { // what was seen at first was half the truth
			if _, ok := d.until(replan, time.Minute); !ok {
				break
			}
			set = d.Set(d.now)
			d.Planned(set, []int{1, 1})
		}
		if again > 2 {
			t.Errorf("%s: %d more plans", name, again)
		}
		if got, want := set.Tasks[1].Period, stretch(20*ms, 1/d.faster); math.Abs(float64(got-want)) > 0.1*float64(want) {
			t.Errorf("%s: period %v, want about %v", name, got, want)
		}
	}
}

func TestALighterLoadIsBelievedLater(t *testing.T) {
	d := newDrive()
	d.slower = 0.7
	if at, ok := d.until(replan, time.Minute); !ok || at < holdDown || at > 2*holdDown {
		t.Errorf("a new plan after %v, %v", at, ok)
	}
}

func TestATaskGoesAndComesBack(t *testing.T) {
	d := newDrive()
	d.until(replan, 5*time.Second)
	d.off = 0
	if _, ok := d.until(replan, time.Minute); !ok {
		t.Fatal("no new plan without the task")
	}
	set := d.Set(d.now)
	if v := set.Tasks[0].Variants[0]; v.Infer != 0 || set.Tasks[1].Variants[0].Infer == 0 {
		t.Errorf("times of the task that is off: %+v", v)
	}
	d.Planned(set, []int{0, 0})
	if at, ok := d.until(replan, 10*time.Second); ok {
		t.Errorf("again after %v", at)
	}
	d.off = -1
	if at, ok := d.until(func(f Finding) bool { return f.Returned }, 10*time.Second); !ok || at > 200*ms {
		t.Errorf("seen after %v, %v", at, ok)
	}
}

func TestMissesWithoutAReasonStretchTheTimes(t *testing.T) {
	d := newDrive()
	d.missed = true
	if at, ok := d.until(func(f Finding) bool { return f.Load > 1.1 }, 10*time.Second); !ok {
		t.Errorf("after %v, %v", at, ok)
	}
	d.missed = false
	if at, ok := d.until(func(f Finding) bool { return f.Load < 1.1 }, time.Minute); !ok {
		t.Errorf("calm after %v, %v", at, ok)
	}
}

func TestAStepperGoesUpAtOnceAndDownInItsTime(t *testing.T) {
	rungs := []Rung{{Load: 1}, {Load: 1.3}, {Load: 2}} // left upwards over 1.2 and 1.56
	var s Stepper
	at := core.Time(time.Hour)
	for i, test := range []struct {
		load  float64
		after time.Duration
		want  int
		moved bool
	}{
		{1.04, 0, 0, false}, {1.25, 0, 0, false}, {1.25, 0, 1, true}, {1.3, 0, 1, false}, {5, 0, 1, false}, {1, 0, 1, false}, {5, 0, 1, false}, {5, 0, 2, true},
		{1, ms, 2, false}, {1, calmTime - ms, 2, false}, {1, ms, 1, true}, // a rung at a time
		{1.25, calmTime, 1, false}, {0.8, ms, 1, false}, {0.95, calmTime, 1, false}, {0.8, ms, 1, false}, {0.8, calmTime, 0, true},
		{0.1, time.Hour, 0, false},
	} {
		at = at.Add(test.after)
		if rung, moved := s.Step(rungs, test.load, at); rung != test.want || moved != test.moved {
			t.Errorf("%d: load %v: rung %d, moved %v", i, test.load, rung, moved)
		}
	}
	if rung, moved := s.Step(rungs[:1], 9, at); rung != 0 || moved {
		t.Errorf("rung %d of one", rung)
	}
}

func TestAScaledSetIsACopy(t *testing.T) {
	s := newSet()
	if got := Scaled(s, 1.5).Tasks[0].Variants[0].Infer; got != 15*ms || s.Tasks[0].Variants[0].Infer != 10*ms {
		t.Errorf("%v", got)
	}
}
