package profile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"rtmdl/internal/device"
	"rtmdl/internal/manifest"
	"rtmdl/internal/monotonic"
	"rtmdl/scheduler/task"
)

// Level is one network of a task's family.
type Level struct {
	Task, Name string
	Accuracy   task.Rate    // on the split by which choices are made
	Storage    task.Bytes   // of its own
	Shared     []task.Part  // with others of the task
	Model      device.Model // nil: it is not loaded
	Tensors    *device.Tensors
}

func (l *Level) ref() string { return l.Task + "/" + l.Name }

// Inferences are networks that are loaded, with the two threads on which they run. It is a Bench whose jobs are
// inferences alone; not for concurrent use.
type Inferences struct {
	All   []Level // by task
	Noise Noise

	threads [2]*Thread // the second one for pairs
	spun    uint64
}

var _ Bench = (*Inferences)(nil)

// NewInferences starts the threads. The caller adds levels, and closes them.
func NewInferences(d device.Device) (*Inferences, error) {
	x := &Inferences{Noise: Noise{Spins: map[string][]time.Duration{}}}
	for i := range x.threads {
		var err error
		if x.threads[i], err = NewThread(d.Bind); err != nil {
			return nil, errors.Join(err, x.Close())
		}
	}
	return x, nil
}

// NewLevel has what the manifest says of a level, without its network.
func NewLevel(t *manifest.Task, l *manifest.Level) Level {
	v := t.Variant(l)
	return Level{Task: t.Name, Name: v.Name, Accuracy: v.Accuracy, Storage: v.Storage, Shared: v.Shared}
}

// Add adds a level with its network, and owns that from then on, even if it returns an error.
func (x *Inferences) Add(level Level, m device.Model) (err error) {
	level.Model = m
	x.All = append(x.All, level)
	l := &x.All[len(x.All)-1]
	if l.Tensors, err = m.NewTensors(); err != nil {
		return fmt.Errorf("%s: %w", l.ref(), err)
	}
	return nil
}

// Job implements Bench.
func (x *Inferences) Job(level int) (took Stages, err error) {
	took[Infer], err = x.Run(level)
	return took, err
}

// Run runs one inference, and returns how long it took.
func (x *Inferences) Run(level int) (time.Duration, error) {
	l := &x.All[level]
	took, err := x.threads[0].Timed(func() error { return l.Model.Run(l.Tensors) })
	if err != nil {
		return 0, fmt.Errorf("%s, infer: %w", l.ref(), err)
	}
	return took, nil
}

// Stop begins an inference, stops it after some time, and returns how long it took from then to its return; false: it
// was done before. The level's model must be a device.Stopper.
func (x *Inferences) Stop(level int, after time.Duration) (took time.Duration, stopped bool, err error) {
	l := &x.All[level]
	model, ok := l.Model.(device.Stopper)
	if !ok {
		return 0, false, fmt.Errorf("%s: its runs can't be stopped", l.ref())
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var told, ended atomic.Int64
	timer := time.AfterFunc(after, func() {
		told.Store(monotonic.Now())
		stop()
	})
	defer timer.Stop()
	_, err = x.threads[0].Timed(func() error {
		err := model.RunContext(ctx, l.Tensors)
		ended.Store(monotonic.Now())
		return err
	})
	if errors.Is(err, context.Canceled) {
		return time.Duration(ended.Load() - told.Load()), true, nil
	}
	return 0, false, err
}

// leastOfPair is how many inferences of each side a pair runs.
const leastOfPair = 2

// Pair implements Bench. Both sides run one inference after the other, and stop when each has enough of them: what ended
// later had not the other beside it throughout.
func (x *Inferences) Pair(a, b int) (as, bs []time.Duration, err error) {
	var took [2][]time.Duration
	var errs [2]error
	var full atomic.Int32 // sides that have enough
	var ready, both sync.WaitGroup
	ready.Add(2)
	for side, level := range [2]int{a, b} {
		l := &x.All[level]
		both.Go(func() {
			_, errs[side] = x.threads[side].Timed(func() error {
				ready.Done()
				ready.Wait()
				for full.Load() < 2 {
					started := monotonic.Now()
					if err := l.Model.Run(l.Tensors); err != nil {
						full.Store(2)
						return fmt.Errorf("%s beside another: %w", l.ref(), err)
					}
					if full.Load() >= 2 {
						break
					}
					took[side] = append(took[side], time.Duration(monotonic.Now()-started))
					if len(took[side]) == leastOfPair {
						full.Add(1)
					}
				}
				return nil
			})
		})
	}
	both.Wait()
	return took[0], took[1], cmp.Or(errs[0], errs[1])
}

// Spin implements Bench.
func (x *Inferences) Spin() error { return x.SpinOn("accelerator", x.threads[0]) }

// SpinOn spins on a thread, and counts the noise as that of name: cpu or accelerator.
func (x *Inferences) SpinOn(name string, on *Thread) error {
	took, err := on.Timed(func() error {
		before, err := readUsage()
		if err != nil {
			return err
		}
		x.spun += spin()
		after, err := readUsage()
		x.Noise.CPU += after.cpu - before.cpu
		x.Noise.Involuntary += after.involuntary - before.involuntary
		x.Noise.Own += after.own - before.own
		return err
	})
	if err != nil {
		return fmt.Errorf("use of the processor: %w", err)
	}
	x.Noise.Spins[name] = append(x.Noise.Spins[name], took)
	return nil
}

// Close ends the threads and frees the networks.
func (x *Inferences) Close() error {
	for _, t := range x.threads {
		if t != nil {
			t.Close()
		}
	}
	var errs []error
	for i := range x.All {
		if t := x.All[i].Tensors; t != nil {
			errs = append(errs, t.Close())
		}
		errs = append(errs, x.All[i].Model.Close())
	}
	return errors.Join(errs...)
}

// Pairs returns all pairs of levels of different tasks.
func (x *Inferences) Pairs() [][2]int {
	return x.pairs(func(a, b string) bool { return a != b })
}

// SameTask returns all pairs of two levels of one task.
func (x *Inferences) SameTask() [][2]int {
	return x.pairs(func(a, b string) bool { return a == b })
}

func (x *Inferences) pairs(of func(a, b string) bool) [][2]int {
	var pairs [][2]int
	for a := range x.All {
		for b := a + 1; b < len(x.All); b++ {
			if of(x.All[a].Task, x.All[b].Task) {
				pairs = append(pairs, [2]int{a, b})
			}
		}
	}
	return pairs
}
