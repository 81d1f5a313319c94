package adapt

import (
	"math"
	"slices"
	"time"

	"rtmdl/scheduler/core"
	"rtmdl/scheduler/task"
)

// How much is looked at, and what is taken for a change.
const (
	depth      = 40   // times of a task's jobs, the last ones: a machine that stands still for a moment is no slower one
	arrived    = 25   // gaps between its frames
	fewest     = 15   // jobs of a task before anything is made of them: the first ones are slow, and may come in a burst
	changed    = 0.2  // share by which the load leaves the plan
	different  = 0.25 // and the demand of a single task
	holdUp     = 200 * time.Millisecond
	holdDown   = 3 * time.Second // before a lighter load is believed
	missWindow = 2 * time.Second
	missFrames = 20   // in a window, before misses say anything
	missExcess = 0.2  // over the bound, before they do
	pressure   = 1.15 // by which unexplained misses stretch all times
	silence    = time.Second
	periods    = 5 // without a frame, and at least silence: a task is off
)

// Job is what a job has measured.
type Job struct {
	Task, Variant    int // as in the set
	Received         core.Time
	Pre, Infer, Post time.Duration // 0: the stage did not run
	Shared           bool          // the inference shared the accelerator: its time says nothing of the device
	Missed           bool
}

// Watch compares jobs with the set of the plan that is in force. It is not safe for concurrent use.
type Watch struct {
	profile *task.Set // nominal times
	planned *task.Set // what the plan in force was made for
	choice  []int     // its variants
	tasks   []watched
	stretch float64 // by misses that times and rates do not explain, >= 1
	calmAt  core.Time
	began   core.Time // the last misses were counted since
	away    bool      // the measured set has left the planned one
	awayAt  core.Time
	up      bool
}

type watched struct {
	arrivals   []core.Time // the last ones, at most arrived+1
	cpu, accel []float64   // measured over nominal times, the last ones, at most depth
	frames     int         // in the present window of misses
	missed     int
}

// NewWatch begins with a profile, whose periods are those expected, and a plan made for it.
func NewWatch(profile *task.Set, variants []int) *Watch {
	w := &Watch{profile: profile, tasks: make([]watched, len(profile.Tasks)), stretch: 1}
	w.Planned(profile, variants)
	return w
}

// Planned says which set the plan now in force was made for, and its variants. Neither must change after.
func (w *Watch) Planned(set *task.Set, variants []int) {
	w.planned, w.choice, w.away = set, variants, false
}

// Ended takes a job that has ended, of whatever outcome.
func (w *Watch) Ended(j Job) {
	t := &w.tasks[j.Task]
	t.arrivals = last(t.arrivals, j.Received, arrived+1)
	t.frames++
	if j.Missed {
		t.missed++
	}
	v := w.profile.Tasks[j.Task].Variants[j.Variant]
	if cpu := v.Pre + v.Post; j.Pre > 0 && j.Post > 0 && cpu > 0 {
		t.cpu = last(t.cpu, float64(j.Pre+j.Post)/float64(cpu), depth)
	}
	if j.Infer > 0 && v.Infer > 0 && !j.Shared {
		t.accel = last(t.accel, float64(j.Infer)/float64(v.Infer), depth)
	}
}

func last[T any](list []T, v T, most int) []T {
	list = append(list, v)
	return list[max(0, len(list)-most):]
}

// Finding is what Look comes to.
type Finding struct {
	Load float64 // measured over planned demand
	// Replan says that the difference has lasted: a plan is to be made for Set.
	Replan bool
	// Returned says that a task has come back that the plan takes for switched off.
	Returned bool
}

// Look compares at an instant.
func (w *Watch) Look(now core.Time) Finding {
	w.countMisses(now)
	measured := w.Set(now)
	load, apart, returned := w.compare(measured)
	f := Finding{Load: load, Returned: returned}
	up := load > 1+changed || returned
	if away := up || apart || load < 1-changed; away && (!w.away || up && !w.up) {
		w.awayAt = now
		w.away = true
	} else if !away {
		w.away = false
	}
	w.up = up
	hold := holdDown
	if up {
		hold = holdUp
	}
	f.Replan = w.away && now.Sub(w.awayAt) >= hold
	return f
}

// Set returns the set as it is measured: periods and stage times, with no times at all where a task is off. What has not
// been measured yet is as planned.
func (w *Watch) Set(now core.Time) *task.Set {
	out := clone(w.profile)
	cpu, accel := w.typical()
	for i := range out.Tasks {
		t, m := &out.Tasks[i], &w.tasks[i]
		t.Period = w.planned.Tasks[i].Period
		if n := len(m.arrivals); n > fewest {
			t.Period = max(1, m.arrivals[n-1].Sub(m.arrivals[0])/time.Duration(n-1))
		}
		byCPU, byAccel := w.stretch*median(m.cpu, cpu), w.stretch*median(m.accel, accel)
		if w.off(i, now) {
			byCPU, byAccel = 0, 0
		}
		for k := range t.Variants {
			v := &t.Variants[k]
			v.Pre, v.Infer, v.Post = stretch(v.Pre, byCPU), stretch(v.Infer, byAccel), stretch(v.Post, byCPU)
		}
	}
	return out
}

// typical returns the ratios of a task that has not measured its own: the mean of the others'.
func (w *Watch) typical() (cpu, accel float64) {
	mean := func(of func(*watched) []float64) float64 {
		sum, n := 0.0, 0
		for i := range w.tasks {
			if list := of(&w.tasks[i]); len(list) >= fewest {
				sum, n = sum+median(list, 1), n+1
			}
		}
		if n == 0 {
			return 1
		}
		return sum / float64(n)
	}
	return mean(func(t *watched) []float64 { return t.cpu }), mean(func(t *watched) []float64 { return t.accel })
}

// off reports whether a task that had frames has none any more.
func (w *Watch) off(i int, now core.Time) bool {
	arrivals := w.tasks[i].arrivals
	if len(arrivals) == 0 {
		return false
	}
	return now.Sub(arrivals[len(arrivals)-1]) > max(silence, periods*w.planned.Tasks[i].Period)
}

// compare returns the load, whether a single task is apart from the plan, and whether one has come back.
func (w *Watch) compare(measured *task.Set) (load float64, apart, returned bool) {
	var planned, now [2]float64
	for i := range w.planned.Tasks {
		p, m := demand(&w.planned.Tasks[i], w.choice[i]), demand(&measured.Tasks[i], w.choice[i])
		for r := range p {
			planned[r] += p[r]
			now[r] += m[r]
			switch {
			case p[r] == 0 && m[r] == 0:
			case p[r] == 0:
				apart, returned = true, true
			case math.Abs(m[r]/p[r]-1) > different:
				apart = true
			}
		}
	}
	for r := range planned {
		if planned[r] > 0 {
			load = max(load, now[r]/planned[r])
		}
	}
	return load, apart, returned
}

// demand is what a variant of a task asks of the CPU and of the accelerator.
func demand(t *task.Task, variant int) [2]float64 {
	v, period := &t.Variants[variant], float64(t.Period)
	return [2]float64{float64(v.Pre+v.Post) / period, float64(v.Infer) / period}
}

// countMisses closes a window: with too many misses although times and rates are as planned, all times are taken for
// longer, and when a window passes without, for shorter again.
func (w *Watch) countMisses(now core.Time) {
	if w.began == 0 {
		w.began = now
	}
	if now.Sub(w.began) < missWindow {
		return
	}
	w.began = now
	worst := math.Inf(-1)
	for i := range w.tasks {
		t := &w.tasks[i]
		if t.frames >= missFrames {
			worst = max(worst, float64(t.missed)/float64(t.frames)-float64(w.profile.Tasks[i].MaxMissRate))
		}
		t.frames, t.missed = 0, 0
	}
	switch {
	case worst > missExcess:
		w.stretch = pressure
		w.calmAt = now
	case now.Sub(w.calmAt) >= calmTime*3:
		w.stretch = 1
	}
}

func median(list []float64, without float64) float64 {
	if len(list) < fewest {
		return without
	}
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}
