package adaptive

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sys/unix"

	"rtmdl/internal/monotonic"
	"rtmdl/internal/planning"
	"rtmdl/internal/ros/msg"
	"rtmdl/scheduler/adapt"
	"rtmdl/scheduler/core"
	"rtmdl/scheduler/plan"
	"rtmdl/scheduler/task"
)

// Scheduler is what a Planner plans for.
type Scheduler interface {
	SetPlan(p core.Plan) error
	Deadlines() []time.Duration // of its tasks, in the order of the set
}

// Options say how a Planner works.
type Options struct {
	Profile *task.Set // nominal times; its tasks and their variants are the scheduler's, in their order
	First   *Plan     // the scheduler begins with it
	// Again bounds the search for a new plan, and for every rung of a ladder; 0: 250 ms.
	Again time.Duration
	Log   *zap.Logger
}

// How often a Planner looks, and how many jobs it keeps until then: more come in no time that is worth planning for.
const (
	lookEvery = 50 * time.Millisecond
	maxJobs   = 4096
	lowest    = 19 // priority of a thread (nice)
)

// Planner keeps the plan of a scheduler fit. Observe and Describe are safe for concurrent use.
type Planner struct {
	options Options
	tasks   map[string]int
	running sync.WaitGroup
	stop    context.CancelFunc

	mu     sync.Mutex // guards all below
	jobs   []adapt.Job
	state  state
	bounds []task.Rate // miss rates that are allowed, by task
	forced bool        // a new plan is wanted whatever is observed
}

// state is what a Planner tells of itself.
type state struct {
	plan   *Plan
	number uint32 // of plans so far
	load   float64
	rung   int
}

// Start begins to look. The scheduler has o.First already.
func Start(s Scheduler, o Options) *Planner {
	if o.Again == 0 {
		o.Again = 250 * time.Millisecond
	}
	p := &Planner{options: o, tasks: map[string]int{}, state: state{plan: o.First, number: 1, load: 1}}
	for i, t := range o.Profile.Tasks {
		p.tasks[t.Name] = i
		p.bounds = append(p.bounds, t.MaxMissRate)
	}
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	p.running.Go(func() { p.run(ctx, s) })
	return p
}

// Close ends the planning and waits for it. It may be called twice.
func (p *Planner) Close() {
	p.stop()
	p.running.Wait()
}

// SetMaxMissRate changes what a task, by its index in the profile, may miss: a share of its frames, 0 to 1. A new plan follows.
func (p *Planner) SetMaxMissRate(i int, most task.Rate) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bounds[i] = most
}

// Replan has a new plan made from what is known now.
func (p *Planner) Replan() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forced = true
}

// wanted returns the bounds, and whether a new plan is wanted unless one is being made.
func (p *Planner) wanted(busy bool) (bounds []task.Rate, forced bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	forced = p.forced
	p.forced = forced && busy
	return slices.Clone(p.bounds), forced
}

// Observe takes a job that has ended. It does not block.
func (p *Planner) Observe(t *msg.JobTiming) {
	i, ok := p.tasks[t.Task]
	if !ok {
		return
	}
	j := adapt.Job{
		Task: i, Received: core.Time(t.ReceivedNs), Missed: t.Missed,
		Shared: t.PackedWith != "",
	}
	if v := p.variant(i, t.Variant); v >= 0 && t.Outcome == msg.OutcomePublished {
		j.Variant = v
		j.Pre = time.Duration(t.PreEndedNs - t.PreStartedNs)
		j.Infer = time.Duration(t.InferEndedNs - t.InferStartedNs)
		j.Post = time.Duration(t.PostEndedNs - t.PostStartedNs)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.jobs) < maxJobs {
		p.jobs = append(p.jobs, j)
	}
}

func (p *Planner) variant(i int, name string) int {
	return slices.IndexFunc(p.options.Profile.Tasks[i].Variants, func(v task.Variant) bool { return v.Name == name })
}

// Describe adds to a status what is planned and predicted.
func (p *Planner) Describe(s *msg.SchedulerStatus) {
	p.mu.Lock()
	state := p.state
	p.mu.Unlock()
	predicted := state.plan.Result.Plan.Predicted
	s.Plan, s.PlanNumber, s.Load, s.Rung = state.plan.Quality(), state.number, state.load, uint32(state.rung)
	s.PredictedMissRate, s.PredictedLoss = float64(predicted.MacroMissRate), predicted.MeanLoss
	s.LossBound = state.plan.Result.LowerBound / float64(len(p.options.Profile.Tasks))
	for i := range s.Tasks {
		t := &p.options.Profile.Tasks[i]
		s.Tasks[i].PredictedMissRate = float64(predicted.MissRates[i])
		if v := p.variant(i, s.Tasks[i].Variant); v >= 0 {
			s.Tasks[i].Accuracy, s.Tasks[i].Loss = float64(t.Variants[v].Accuracy), t.Loss(v)
		}
	}
}

// observed returns the jobs since the last call.
func (p *Planner) observed() []adapt.Job {
	p.mu.Lock()
	defer p.mu.Unlock()
	jobs := p.jobs
	p.jobs = nil
	return jobs
}

func (p *Planner) tell(s state) {
	p.mu.Lock()
	p.state = s
	p.mu.Unlock()
}

// run looks until ctx ends.
func (p *Planner) run(ctx context.Context, s Scheduler) {
	r := &round{Planner: p, scheduler: s, watch: adapt.NewWatch(p.options.Profile, p.options.First.Variants), state: p.state}
	r.rungs, r.whole, r.present = []adapt.Rung{{Load: 1, Plan: p.options.First.Plan}}, p.options.First, p.options.First.Plan
	r.building = func() {}
	r.build(ctx, p.options.First)
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	defer r.wait()
	for {
		select {
		case <-ctx.Done():
			return
		case made := <-r.planned:
			r.take(ctx, made)
		case rungs := <-r.ladder:
			r.ladder, r.rungs = nil, append(r.rungs[:1], rungs...)
		case <-ticker.C:
			r.look(ctx, core.Time(monotonic.Now()))
		}
	}
}

// round is what run knows. Its channels are nil where nothing is being made.
type round struct {
	*Planner
	scheduler Scheduler
	watch     *adapt.Watch
	stepper   adapt.Stepper
	rungs     []adapt.Rung // of the present plan; the first one is the plan itself
	present   core.Plan    // what the scheduler does
	whole     *Plan        // the last plan in which no task was off
	state     state

	planned  chan *Plan        // a new plan, nil if it could not be made
	ladder   chan []adapt.Rung // the rungs above the first one
	building context.CancelFunc
	busy     sync.WaitGroup
}

// look compares, and does what follows.
func (r *round) look(ctx context.Context, now core.Time) {
	for _, j := range r.observed() {
		r.watch.Ended(j)
	}
	f := r.watch.Look(now)
	deadlines := r.scheduler.Deadlines()
	bounds, other := r.wanted(r.planned != nil)
	for i, t := range r.state.plan.Set.Tasks {
		other = other || t.Deadline != deadlines[i] || t.MaxMissRate != bounds[i]
	}
	r.state.load = f.Load
	if f.Returned && r.state.plan != r.whole {
		r.options.Log.Info("a task has come back: the plan with all tasks is in force")
		r.planned = nil // a plan that is being made is without that task
		r.use(ctx, r.whole)
	} else if rung, moved := r.stepper.Step(r.rungs, f.Load, now); moved {
		r.state.rung = rung
		if r.set(r.rungs[rung].Plan) {
			r.options.Log.Info("the load has left the plan: another rung of the ladder is in force",
				zap.Float64("load", f.Load), zap.Int("rung", rung), zap.Strings("variants", r.names(r.present)))
		}
	}
	r.tell(r.state)
	if r.planned == nil && (f.Replan || other) {
		set := r.watch.Set(now)
		for i := range set.Tasks {
			set.Tasks[i].Deadline, set.Tasks[i].MaxMissRate = deadlines[i], bounds[i]
		}
		r.plan(ctx, set)
	}
}

// plan makes a plan in the background.
func (r *round) plan(ctx context.Context, set *task.Set) {
	r.building() // ends: a ladder of the plan that is to go
	planned := make(chan *Plan, 1)
	r.planned = planned
	r.inBackground(func() {
		made, err := search(ctx, set, r.background())
		if err != nil {
			r.options.Log.Error("no new plan could be made: the present one stays", zap.Error(err))
			made = nil
		}
		planned <- made
	})
}

// inBackground runs what may take long on a thread that yields to all others: on two cores a search at the same priority would
// cost the deadlines for which it searches.
func (r *round) inBackground(run func()) {
	r.busy.Go(func() {
		runtime.LockOSThread() // and not unlocked: the thread ends with the goroutine
		if err := unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), lowest); err != nil {
			r.options.Log.Debug("planning at normal priority", zap.Error(err))
		}
		run()
	})
}

func (r *round) background() planning.Options {
	return planning.Options{Options: plan.Options{Jobs: backgroundJobs}, Time: r.options.Again, Workers: 1}
}

// take puts a new plan into force.
func (r *round) take(ctx context.Context, made *Plan) {
	r.planned = nil
	if made == nil || ctx.Err() != nil {
		return
	}
	if r.use(ctx, made) {
		r.options.Log.Info("planned anew", zap.Stringer("plan", made), zap.Duration("took", made.Took))
	}
	r.tell(r.state)
}

// use makes a plan the present one, has its ladder made, and reports whether the scheduler does anything else by it.
func (r *round) use(ctx context.Context, p *Plan) (other bool) {
	other = r.set(p.Plan)
	r.watch.Planned(p.Set, p.Variants)
	r.stepper.Reset()
	r.rungs = []adapt.Rung{{Load: 1, Plan: p.Plan}}
	r.state.plan, r.state.rung, r.state.load = p, 0, 1
	r.state.number++
	if !slices.ContainsFunc(p.Set.Tasks, func(t task.Task) bool { return t.Variants[0].Total() == 0 }) {
		r.whole = p
	}
	r.build(ctx, p)
	return other
}

// set tells the scheduler, unless it does so already.
func (r *round) set(p core.Plan) (other bool) {
	if slices.Equal(p.Variants, r.present.Variants) && slices.Equal(p.Priorities, r.present.Priorities) && slices.Equal(p.Pairs, r.present.Pairs) {
		return false
	}
	if err := r.scheduler.SetPlan(p); err != nil {
		r.options.Log.DPanic("the scheduler refused a plan", zap.Error(err))
	}
	r.present = p
	return true
}

func (r *round) names(p core.Plan) (all []string) {
	for i, v := range p.Variants {
		t := r.options.Profile.Tasks[i]
		all = append(all, t.Name+"/"+t.Variants[v].Name)
	}
	return all
}

// build makes the ladder of a plan in the background, in place of one that is being made for another plan.
func (r *round) build(ctx context.Context, of *Plan) {
	r.building()
	ctx, r.building = context.WithCancel(ctx)
	ladder := make(chan []adapt.Rung, 1)
	brief := r.background()
	brief.Time /= 3 // there are six, and each is searched for beside the work
	r.ladder = ladder
	r.inBackground(func() {
		var rungs []adapt.Rung
		for _, load := range adapt.Loads()[1:] {
			made, err := search(ctx, adapt.Scaled(of.Set, load), brief)
			if err != nil || ctx.Err() != nil {
				return
			}
			rungs = append(rungs, adapt.Rung{Load: load, Plan: made.Plan})
		}
		ladder <- rungs
	})
}

// wait ends what is being made.
func (r *round) wait() {
	r.building()
	r.busy.Wait()
}
