package live

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"rtmdl/internal/device"
	"rtmdl/internal/monotonic"
	"rtmdl/internal/perception"
	"rtmdl/internal/ros/msg"
	"rtmdl/scheduler/core"
	"rtmdl/scheduler/pack"
)

// ErrLatePolicy is returned by New for abort, which needs a device that can stop a running inference.
var ErrLatePolicy = errors.New("late policy abort is not available: no device can stop a running stage; use skip or run")

// ErrStopPolicy is returned by New for a stop policy with a network that can't be stopped.
var ErrStopPolicy = errors.New("stop policy: a run of the network can't be stopped; use never")

// Task is a task with the networks that it may use.
type Task struct {
	Name     string
	Deadline time.Duration // relative to the receipt of the frame, > 0
	Variants []Variant     // at least one
}

// Variant is one size of a task's network.
type Variant struct {
	Name   string // such as w100
	Model  device.Model
	Vision perception.Vision
	Times  core.Times // nominal stage times, by which packing predicts; zero: not known
}

// Options say how a Scheduler runs.
type Options struct {
	Tasks  []Task
	Device device.Device // its models are the tasks'; the scheduler closes neither
	// CPUCores are the cores of the CPU workers, one worker a core; none: one worker, wherever the system puts it.
	CPUCores []int
	Late     core.LatePolicy // skip or run
	// Plan is the first plan. nil: the first variant of each task, deadline-monotonic priorities, which follow
	// SetDeadline, and all of Packing.
	Plan *core.Plan
	// Slots is how many inferences the device runs at once, 1 or 2; 0: 1. Packing and Rule say which two and when.
	Slots   int
	Packing []core.Pair
	Rule    pack.Rule
	// Stop is what becomes of an inference that is stopped for a more urgent one; StopNever: none is. Else every model must be
	// a device.Stopper.
	Stop core.StopPolicy
	// MaxPending bounds the jobs of a task that wait or run; one more is refused. 0: 64. The core's own rule,
	// to keep the newest frame, holds long before, unless late jobs are run and the accelerator can't follow.
	MaxPending int
	// Observe is told how each job ended, once a job, and may keep what it is given. It must not block or call
	// the scheduler. nil: nobody.
	Observe func(*msg.JobTiming)
	// Hang is how long an inference may take in any case. One that takes longer, and ten times as long as it usually does, has
	// hung: its job fails, and its slot is closed for good. 0: nobody watches.
	Hang time.Duration
	// Lost is told, once, that no slot is left: jobs without an inference fail from now on. It must not block or call the
	// scheduler. nil: nobody.
	Lost func(error)
	Log  *zap.Logger // nil: no log
}

// Scheduler runs jobs on the CPU workers and on the device. Its methods are safe for concurrent use.
type Scheduler struct {
	options  Options
	tasks    []*task
	workers  sync.WaitGroup // and the watchdog; not those that hang
	closing  chan struct{}  // closed when Close begins
	accounts *accounts

	mu        sync.Mutex // guards all below; nothing that blocks is called under it
	core      *core.Core
	plan      core.Plan // the present one
	planned   bool      // it was given: deadlines do not change it
	jobs      map[core.JobID]*job
	lastJob   uint64
	telling   int // jobs that have ended, and whose owners are being told
	closed    bool
	decisions []core.Decision
	stopTime  time.Duration // what stops have taken lately
	stops     uint64
	cpu, acc  []chan work // one a unit, of capacity 1: the core starts a stage only where nothing runs
	drained   sync.Cond   // jobs is empty and telling is 0
	slots     []slot
	lost      error          // why a slot was closed last; nil: none was
	hung      []device.Model // of which a run hangs
}

// task is a Task with its index. The scheduler's mu guards its Deadline.
type task struct {
	Task
	index    int
	variants []*variant
}

// variant is a Variant with the tensors that no job uses.
type variant struct {
	Variant
	usual time.Duration  // what an inference takes, as a running mean; 0: none has ended. The scheduler's mu guards it.
	jobs  sync.WaitGroup // that have it; none is added once it was replaced
	mu    sync.Mutex     // guards free
	free  []*device.Tensors
}

type work struct {
	job     *job
	stage   core.Stage
	tensors *device.Tensors // of an inference: they are the worker's, even when the job has been given up
	running context.Context // of an inference that can be stopped, else nil
}

// New starts a scheduler: its workers run until Close.
func New(o Options) (*Scheduler, error) {
	if o.Late == core.LateAbort {
		return nil, ErrLatePolicy
	}
	if o.MaxPending == 0 {
		o.MaxPending = 64
	}
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	config := core.Config{
		CPUWorkers: max(1, len(o.CPUCores)), AcceleratorSlots: max(1, o.Slots), Late: o.Late, KeepInferred: true,
		Packing: o.Packing, Rule: o.Rule, Stop: o.Stop, StopTime: stopTimeAtFirst,
	}
	s := &Scheduler{
		options: o, jobs: map[core.JobID]*job{}, stopTime: config.StopTime,
		closing: make(chan struct{}), slots: make([]slot, config.AcceleratorSlots),
	}
	s.drained.L = &s.mu
	for i, t := range o.Tasks {
		if len(t.Variants) == 0 {
			return nil, fmt.Errorf("scheduler: task %s has no variant", t.Name)
		}
		own := &task{Task: t, index: i}
		times := make([]core.Times, len(t.Variants))
		for k, v := range t.Variants {
			if _, ok := v.Model.(device.Stopper); !ok && o.Stop != core.StopNever {
				return nil, fmt.Errorf("%w: that of %s/%s on %s", ErrStopPolicy, t.Name, v.Name, o.Device.Name())
			}
			own.variants = append(own.variants, &variant{Variant: v})
			times[k] = v.Times
		}
		s.tasks = append(s.tasks, own)
		config.Tasks = append(config.Tasks, core.Task{Name: t.Name, Deadline: t.Deadline, Queue: 1, Variants: times})
	}
	s.plan = core.Plan{Priorities: s.deadlineMonotonic(), Variants: make([]int, len(o.Tasks))}
	if o.Plan != nil {
		s.plan, s.planned = *o.Plan, true
	}
	var err error
	if s.core, err = core.New(config); err != nil {
		return nil, fmt.Errorf("scheduler: %w", err)
	}
	if err := s.core.Reset(&s.plan); err != nil {
		return nil, fmt.Errorf("scheduler: %w", err)
	}
	s.accounts = newAccounts(config, s.tasks, o.Device.Name())
	s.accounts.planned(s.tasks, s.plan)
	if err := s.startWorkers(config); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if o.Hang > 0 {
		s.workers.Go(s.watch)
	}
	return s, nil
}

// startWorkers returns when every worker sits on its cores, or one could not be put there.
func (s *Scheduler) startWorkers(config core.Config) error {
	bound := make(chan error)
	start := func(units *[]chan work, bind func() (func(), error)) {
		queue := make(chan work, 1)
		*units = append(*units, queue)
		s.workers.Add(1)
		go func() {
			release, err := bind()
			bound <- err
			if err != nil {
				s.workers.Done()
				return
			}
			defer release()
			for w := range queue {
				if !s.run(w) { // given up meanwhile, and not waited for
					return
				}
			}
			s.workers.Done()
		}()
	}
	for i := range config.CPUWorkers {
		var cores []int
		if len(s.options.CPUCores) > 0 {
			cores = s.options.CPUCores[i : i+1]
		}
		start(&s.cpu, func() (func(), error) { return device.Pin(cores) })
	}
	for range config.AcceleratorSlots {
		start(&s.acc, s.options.Device.Bind)
	}
	var errs []error
	for range len(s.cpu) + len(s.acc) {
		errs = append(errs, <-bound)
	}
	return errors.Join(errs...)
}

// Submit hands a job over and returns at once. The result, refusals too, goes to job.Done.
func (s *Scheduler) Submit(j Job) {
	added := s.enter(j) // holds mu
	if added.reason = s.refusal(added); added.reason != "" {
		s.tell(ending{added, msg.OutcomeRefused})
		return
	}
	s.jobs[added.id()] = added
	s.step(core.Event{
		Kind: core.Release, Job: added.id(), Task: core.TaskID(added.task.index),
		Release: core.Time(added.timing.ReceivedNs), Deadline: core.Time(added.timing.DeadlineNs),
	})
}

// Fail takes a job that can't be worked on, for a reason that the caller knows, and ends it as failed. It is counted
// and told like any other. Of the frame only Header and Received are looked at.
func (s *Scheduler) Fail(j Job, reason string) {
	added := s.enter(j)
	added.reason = reason
	s.tell(ending{added, msg.OutcomeFailed})
}

// enter counts a job and gives it its number. It leaves mu held.
func (s *Scheduler) enter(j Job) *job {
	now := monotonic.Now()
	t := s.tasks[j.Task]
	if j.Received == 0 {
		j.Received = j.Frame.Received
	}
	s.accounts.received(t.index)
	s.mu.Lock()
	if j.Deadline == 0 {
		j.Deadline = t.Deadline
	}
	s.lastJob++
	v := t.variants[s.plan.Variants[t.index]]
	v.jobs.Add(1)
	return &job{task: t, variant: v, frame: j.Frame, done: j.Done, timing: msg.JobTiming{
		Header:      j.Frame.Header,
		Task:        t.Name,
		Job:         s.lastJob,
		ReceivedNs:  j.Received,
		SubmittedNs: now,
		DeadlineNs:  j.Received + j.Deadline.Nanoseconds(),
	}}
}

// SetDeadline changes the relative deadline of a task's jobs to come, d > 0, and with it their priorities unless a plan
// was given.
func (s *Scheduler) SetDeadline(task int, d time.Duration) {
	s.mu.Lock()
	s.tasks[task].Deadline = d
	plan := s.plan
	if !s.planned {
		plan.Priorities = s.deadlineMonotonic()
	}
	s.swap(plan)
}

// Deadlines returns the tasks' relative deadlines.
func (s *Scheduler) Deadlines() []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]time.Duration, len(s.tasks))
	for i, t := range s.tasks {
		all[i] = t.Deadline
	}
	return all
}

// SetPlan makes a plan that of the jobs to come; those that are under way keep their variants and priorities. It keeps
// the plan's slices. The error is core.ErrPlan, with which nothing has changed.
func (s *Scheduler) SetPlan(plan core.Plan) error {
	s.mu.Lock()
	if !s.core.Fits(&plan) {
		s.mu.Unlock()
		return core.ErrPlan
	}
	s.planned = true
	s.swap(plan)
	return nil
}

// FollowDeadlines lets the priorities be deadline-monotonic from now on, as without a plan.
func (s *Scheduler) FollowDeadlines() {
	s.mu.Lock()
	s.planned = false
	plan := s.plan
	plan.Priorities = s.deadlineMonotonic()
	s.swap(plan)
}

// SetMaxPending changes Options.MaxPending, n > 0.
func (s *Scheduler) SetMaxPending(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.options.MaxPending = n
}

// Replace puts a variant in the place of one of a task's, which has the index, for the jobs to come. It returns the old one
// when its last job has ended; the caller closes its model. The nominal times stay.
func (s *Scheduler) Replace(task, index int, v Variant) (Variant, error) {
	s.mu.Lock()
	t := s.tasks[task]
	old := t.variants[index]
	v.Times = old.Times
	t.variants[index] = &variant{Variant: v}
	s.accounts.planned(s.tasks, s.plan)
	s.mu.Unlock()
	old.jobs.Wait()
	return old.Variant, old.closeTensors()
}

// Variants returns a task's variants as they are now, in their order, and the index of the one that new jobs get.
func (s *Scheduler) Variants(task int) (all []Variant, inUse int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range s.tasks[task].variants {
		all = append(all, v.Variant)
	}
	return all, s.plan.Variants[task]
}

// swap changes the plan between two steps. The caller holds mu; swap lets go of it.
func (s *Scheduler) swap(plan core.Plan) {
	s.plan = plan
	s.accounts.planned(s.tasks, plan)
	s.step(core.Event{Kind: core.PlanChanged, Plan: &plan})
}

// deadlineMonotonic returns the tasks' priorities by their deadlines.
func (s *Scheduler) deadlineMonotonic() (priorities []int) {
	tasks := make([]core.Task, len(s.tasks))
	for i, t := range s.tasks {
		tasks[i].Deadline = t.Deadline
	}
	core.DeadlineMonotonic(tasks)
	for _, t := range tasks {
		priorities = append(priorities, t.Priority)
	}
	return priorities
}

// refusal says why a job can't be begun, "" if it can. The caller holds mu.
func (s *Scheduler) refusal(j *job) string {
	switch err := j.frame.Err(); {
	case err != nil:
		return ReasonBadImage + ": " + err.Error()
	case j.timing.ReceivedNs > j.timing.SubmittedNs:
		return ReasonBadTime + ": the frame was received after it was submitted"
	case s.closed:
		return ReasonShutdown
	case s.core.Pending(core.TaskID(j.task.index)) >= s.options.MaxPending:
		return ReasonQueueFull
	}
	return ""
}

// Cancel withdraws all jobs that have not ended: those that wait end now, those that run when their stage ends.
func (s *Scheduler) Cancel() {
	s.mu.Lock()
	events := make([]core.Event, 0, len(s.jobs))
	for id := range s.jobs {
		events = append(events, core.Event{Kind: core.Cancel, Job: id})
	}
	s.step(events...)
}

// Close cancels what has not ended, waits for the workers and until everybody has been told, and frees the
// tensors. Later jobs are refused. Results that are still to be published stay valid. It may be called more than
// once. For an inference that hangs it waits only until its slot is closed.
func (s *Scheduler) Close() error {
	s.mu.Lock()
	first := !s.closed
	s.closed = true
	s.mu.Unlock()
	s.Cancel()
	s.mu.Lock()
	for len(s.jobs) > 0 || s.telling > 0 {
		s.drained.Wait()
	}
	if first {
		close(s.closing)
		for _, unit := range slices.Concat(s.cpu, s.acc) {
			close(unit)
		}
	}
	s.mu.Unlock()
	s.workers.Wait()
	var errs []error
	for _, t := range s.tasks {
		for _, v := range t.variants {
			errs = append(errs, v.closeTensors())
		}
	}
	return errors.Join(errs...)
}

// Status returns the counts so far and the figures since the last call.
func (s *Scheduler) Status() msg.SchedulerStatus { return s.accounts.status() }

// Counts returns a task's counts so far; its figures of a period are 0. It waits for no job.
func (s *Scheduler) Counts(task int) msg.TaskStatus { return s.accounts.counts(task) }
