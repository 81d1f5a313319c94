package sim

import (
	"math"

	"rtmdl/scheduler/core"
	"rtmdl/scheduler/draw"
	"rtmdl/scheduler/pack"
	"rtmdl/scheduler/task"
)

// Simulator runs one set again and again. Its memory grows to what the largest
// run needs and is used again. It is not safe for concurrent use.
type Simulator struct {
	set   *task.Set
	cfg   Config
	core  *core.Core
	bound pack.Factor
	noise []draw.Noise // by task
	best  []task.Rate  // by task: the highest accuracy

	// Of the present run.
	plan      core.Plan
	sources   []source
	queue     queue
	units     units
	jobs      []job
	free      []int32
	events    []core.Event
	decisions []core.Decision
	horizon   int64
	limits    []int64 // by task: how many misses are not too many
	broken    bool
	pace      float64
	slowdowns [][2]task.Millionths
	changes   *Changes
	trace     *Trace
	result    Result
	responses [][]int64 // by task, of completed counted jobs
	percent   bool
}

// job is a live job; its id is its place in Simulator.jobs, plus 1.
type job struct {
	number            int64
	release, deadline int64
	times             [3]int64 // actual
	started           int64    // of the running stage
	task              int32
	stage             core.Stage // the running one
	counted           bool
}

// New makes a simulator. It keeps the set, which must not change after. The
// error is that of the set's Validate or of the configuration.
func New(s *task.Set, cfg Config) (*Simulator, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	c, err := core.New(cfg.Core(s))
	if err != nil {
		return nil, err
	}
	n := len(s.Tasks)
	sim := &Simulator{
		set: s, cfg: cfg, core: c,
		bound:     pack.Factor(s.Constraints.PackingBound),
		noise:     make([]draw.Noise, n),
		best:      make([]task.Rate, n),
		sources:   make([]source, n),
		units:     newUnits(max(1, cfg.CPUWorkers)),
		limits:    make([]int64, n),
		responses: make([][]int64, n),
		result:    Result{Tasks: make([]TaskResult, n)},
	}
	for i := range s.Tasks {
		sim.noise[i] = draw.NewNoise(s.Tasks[i].CV)
		sim.best[i] = s.Tasks[i].MaxAccuracy()
	}
	return sim, nil
}

// Set returns the set that the simulator was made for.
func (s *Simulator) Set() *task.Set { return s.set }

// Config returns the configuration that it was made with.
func (s *Simulator) Config() Config { return s.cfg }

// Run simulates a plan, from nothing to the end of the last job. The result is
// the simulator's own and holds until the next run. Once the memory has grown,
// a run allocates nothing. Errors are the Problems of the plan, ErrHorizon,
// ErrSlowdowns and ErrJobs.
func (s *Simulator) Run(p *task.Plan, o Options) (*Result, error) {
	if err := p.Validate(s.set); err != nil {
		return nil, err
	}
	if err := s.reset(p, &o); err != nil {
		return nil, err
	}
	for !s.broken {
		now := min(s.units.next, s.queue.first().at)
		if at, ok := s.core.NextWake(); ok {
			now = min(now, int64(at))
		}
		if now == never {
			break
		}
		if now > pack.Forever {
			return nil, ErrHorizon
		}
		if err := s.instant(now); err != nil {
			return nil, err
		}
	}
	s.result.Stopped = s.broken
	s.finish(p)
	return &s.result, nil
}

func (s *Simulator) reset(p *task.Plan, o *Options) error {
	jobs := int64(o.Jobs)
	if jobs == 0 {
		jobs = DefaultJobs
	}
	if jobs < 0 {
		return ErrJobs
	}
	longest := int64(s.set.LongestPeriod())
	if jobs > pack.Forever/2/longest {
		return ErrHorizon
	}
	if err := s.checkSlowdowns(o.Slowdowns); err != nil {
		return err
	}
	s.plan = core.Plan{Priorities: p.Priorities, Variants: p.Variants, Pairs: p.Pairs}
	if err := s.core.Reset(&s.plan); err != nil {
		return err
	}
	s.horizon = jobs * longest
	s.slowdowns, s.changes, s.trace, s.percent = o.Slowdowns, o.Changes, o.Trace, o.Percentiles
	s.units.reset()
	s.jobs, s.free = s.jobs[:0], s.free[:0]
	s.broken, s.pace = false, o.Pace
	s.result.reset()
	for i := range s.sources {
		t := &s.set.Tasks[i]
		var change *TaskChange
		if o.Changes != nil && i < len(o.Changes.Tasks) {
			change = &o.Changes.Tasks[i]
		}
		s.sources[i].reset(draw.Of(o.Seed, i), t, s.horizon, change)
		s.responses[i] = s.responses[i][:0]
		s.limits[i] = never
		if o.StopWhenBroken && change == nil {
			s.limits[i] = tolerated(t.MaxMissRate, counted(t, s.horizon))
		}
	}
	s.queue.reset(s.sources)
	return nil
}

func (s *Simulator) checkSlowdowns(real [][2]task.Millionths) error {
	if real == nil {
		return nil
	}
	if len(real) != len(s.set.Packing) {
		return ErrSlowdowns
	}
	for _, r := range real {
		if min(r[0], r[1]) < task.One || max(r[0], r[1]) > 2*task.MaxFactor {
			return ErrSlowdowns
		}
	}
	return nil
}

// tolerated returns the largest number of misses among jobs that is within a
// rate.
func tolerated(rate task.Rate, jobs int64) int64 {
	within := func(missed int64) bool { return float64(missed)/float64(jobs) <= float64(rate) }
	missed := min(jobs, int64(float64(rate)*float64(jobs)))
	for missed < jobs && within(missed+1) {
		missed++
	}
	for missed > 0 && !within(missed) {
		missed--
	}
	return missed
}

// instant collects all that happens now, steps the core and does what it says.
func (s *Simulator) instant(now int64) error {
	s.events = s.events[:0]
	if s.units.next == now {
		s.complete(now)
	}
	for s.queue.first().at == now {
		s.release(now)
	}
	var err error
	s.decisions, err = s.core.Step(core.Time(now), s.events, s.decisions[:0])
	if err != nil {
		return err
	}
	for i := range s.decisions {
		d := &s.decisions[i]
		switch d.Kind {
		case core.Start:
			s.start(now, d)
		case core.Stop:
			s.units.slots[d.Unit].stop = now + int64(s.cfg.StopTime)
			s.result.Stops++
		default:
			s.end(now, d)
		}
	}
	s.units.schedule()
	return nil
}

// release makes the next job of the task whose turn it is.
func (s *Simulator) release(now int64) {
	i := s.queue.first().task
	src, t := &s.sources[i], &s.set.Tasks[i]
	v := &t.Variants[s.plan.Variants[i]]
	deadline := now + int64(t.Deadline)
	j := job{
		number:   src.nextJob,
		release:  now,
		deadline: deadline,
		times:    src.seed.Times(s.noise[i], src.nextJob, [3]int64{int64(v.Pre), int64(v.Infer), int64(v.Post)}),
		task:     i,
		counted:  deadline <= s.horizon,
	}
	src.advance()
	s.queue.replace(src.next)
	s.result.Jobs++
	if j.counted {
		s.result.Tasks[i].Released++
	}
	var place int32
	if n := len(s.free); n > 0 {
		place, s.free = s.free[n-1], s.free[:n-1]
		s.jobs[place] = j
	} else {
		place = int32(len(s.jobs))
		s.jobs = append(s.jobs, j)
	}
	s.events = append(s.events, core.Event{
		Kind: core.Release, Job: core.JobID(place + 1), Task: core.TaskID(i),
		Release: core.Time(now), Deadline: core.Time(deadline),
	})
}

// start runs a stage.
func (s *Simulator) start(now int64, d *core.Decision) {
	place := int32(d.Job - 1)
	j := &s.jobs[place]
	j.stage, j.started = d.Stage, now
	var length int64
	switch d.Stage {
	case core.Whole:
		length = j.times[0] + j.times[1] + j.times[2]
	default:
		length = j.times[d.Stage]
	}
	if s.changes != nil {
		length = s.changes.throttled(now, length)
	}
	if d.Stage != core.Infer {
		s.units.begin(d.Unit, place, now+length)
		return
	}
	s.units.infer(now, d.Unit, place, length)
	if d.Beside != 0 {
		s.join(d.Unit, d)
	}
}

// end takes note of how a job ended.
func (s *Simulator) end(now int64, d *core.Decision) {
	place := int32(d.Job - 1)
	j := &s.jobs[place]
	stopped := d.Resource == core.Accelerator && d.Unit != core.NoUnit && !s.units.shared.Running(d.Unit) // it has left its slot
	if d.Kind == core.Abort && d.Unit != core.NoUnit && !stopped {
		if d.Resource == core.Accelerator {
			s.leaveSlot(now, d.Unit)
		} else {
			s.units.ends[d.Unit] = never
		}
		if s.trace != nil {
			s.trace.ran(j, d.Resource, d.Unit, now, true)
		}
	}
	if j.counted {
		s.count(now, j, d)
	}
	if s.trace != nil {
		s.trace.ended(j, d, now)
	}
	s.free = append(s.free, place)
}

// behind reports whether a task has missed more than Options.Pace allows so far.
func (s *Simulator) behind(i int32) bool {
	r := &s.result.Tasks[i]
	allowed := float64(s.set.Tasks[i].MaxMissRate) * float64(r.Released)
	return float64(r.Missed) > allowed+s.pace*(2+math.Sqrt(allowed))
}

func (s *Simulator) count(now int64, j *job, d *core.Decision) {
	r := &s.result.Tasks[j.task]
	if d.Kind == core.Finish {
		response := now - j.release
		r.Completed++
		r.max = max(r.max, response)
		if s.percent {
			s.responses[j.task] = append(s.responses[j.task], response)
		}
	}
	if d.Kind != core.Finish || d.Late {
		r.Missed++
		s.broken = s.broken || int64(r.Missed) > s.limits[j.task] || s.pace > 0 && s.behind(j.task)
	}
	r.Outcomes[d.Kind]++
}
