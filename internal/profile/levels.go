package profile

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/manifest"
	"rtmdl/internal/monotonic"
	"rtmdl/internal/ros/msg"
	"rtmdl/internal/suite"
	"rtmdl/scheduler/task"
)

// Level is one network of a task's family.
type Level struct {
	Task, Name string
	Accuracy   task.Rate   // on the split by which choices are made
	Storage    task.Bytes  // of its own
	Shared     []task.Part // with others of the task

	next    int // the picture of its next job: all levels get the same ones
	network suite.Network
	tensors *device.Tensors
}

// Levels are networks that are loaded, with the threads on which they run. It is a Bench; not for concurrent use.
type Levels struct {
	All   []Level // by task, the largest of each first
	Noise Noise

	pictures [][]byte // JPEG or PNG
	spun     uint64
	device   device.Device
	cpu      *worker
	infer    [2]*worker // the second one for pairs
}

var _ Bench = (*Levels)(nil)

// Options say what is timed.
type Options struct {
	Models           *manifest.Manifest // loaded with all of the tasks
	Tasks            []suite.Task       // at least one
	CPU, Accelerator []int              // cores; none: wherever the system puts the threads
	Pictures         [][]byte           // JPEG or PNG, at least one
}

// Open loads all levels of the tasks. Errors are those of loading a network. The caller closes them.
func Open(o Options) (_ *Levels, err error) {
	l := &Levels{pictures: o.Pictures, Noise: Noise{Spins: map[string][]time.Duration{}}}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.Close())
		}
	}()
	if l.device, err = device.NewCPU(device.Options{Cores: o.Accelerator}); err != nil {
		return nil, err
	}
	if l.cpu, err = newWorker(func() (func(), error) { return device.Pin(o.CPU[:min(1, len(o.CPU))]) }); err != nil {
		return nil, err
	}
	for i := range l.infer {
		if l.infer[i], err = newWorker(l.device.Bind); err != nil {
			return nil, err
		}
	}
	for i := range o.Tasks {
		if err := l.load(&o.Tasks[i], o.Models); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// load adds the levels of a task.
func (l *Levels) load(t *suite.Task, m *manifest.Manifest) (err error) {
	known := m.Task(t.Name)
	for i := range known.Levels {
		level := newLevel(known, &known.Levels[i])
		if level.network, err = t.Load(l.device, m, level.Name, 0); err != nil {
			return err
		}
		l.All = append(l.All, level)
		if l.All[len(l.All)-1].tensors, err = level.network.Model.NewTensors(); err != nil {
			return fmt.Errorf("%s: %w", level.network.Path, err)
		}
	}
	return nil
}

// newLevel has what the manifest says of a level.
func newLevel(t *manifest.Task, l *manifest.Level) Level {
	level := Level{Task: t.Name, Name: l.Name, Accuracy: task.Rate(l.Val.Value), Storage: task.Bytes(l.Bytes)}
	for _, part := range l.Parts {
		level.Shared = append(level.Shared, task.Part{Name: part, Size: task.Bytes(t.Parts[part])})
	}
	return level
}

// Pairs returns all pairs of levels of different tasks.
func (l *Levels) Pairs() [][2]int {
	var pairs [][2]int
	for a := range l.All {
		for b := a + 1; b < len(l.All); b++ {
			if l.All[a].Task != l.All[b].Task {
				pairs = append(pairs, [2]int{a, b})
			}
		}
	}
	return pairs
}

// Job implements Bench. The frame is a new one, so that Pre decodes it.
func (l *Levels) Job(level int) (took [stages]time.Duration, err error) {
	n := &l.All[level]
	frame := camera.FromCompressed(&msg.CompressedImage{Data: l.pictures[n.next]}, monotonic.Now())
	n.next = (n.next + 1) % len(l.pictures)
	for _, step := range []struct {
		stage Stage
		on    *worker
		run   func() error
	}{
		{Pre, l.cpu, func() error { return n.network.Vision.Pre(frame, n.tensors.In) }},
		{Infer, l.infer[0], func() error { return n.network.Model.Run(n.tensors) }},
		{Post, l.cpu, func() error { _, err := n.network.Vision.Post(frame, n.tensors.Out); return err }},
	} {
		if took[step.stage], err = step.on.timed(step.run); err != nil {
			return took, fmt.Errorf("%s/%s, %v: %w", n.Task, n.Name, step.stage, err)
		}
	}
	return took, nil
}

// leastOfPair is how many inferences of each side a pair runs.
const leastOfPair = 2

// Pair implements Bench. Both sides run one inference after the other, and stop when each has enough of them: what ended
// later had not the other beside it throughout.
func (l *Levels) Pair(a, b int) (as, bs []time.Duration, err error) {
	var took [2][]time.Duration
	var errs [2]error
	var full atomic.Int32 // sides that have enough
	var ready, both sync.WaitGroup
	ready.Add(2)
	for side, level := range [2]int{a, b} {
		n := &l.All[level]
		both.Go(func() {
			_, errs[side] = l.infer[side].timed(func() error {
				ready.Done()
				ready.Wait()
				for full.Load() < 2 {
					started := monotonic.Now()
					if err := n.network.Model.Run(n.tensors); err != nil {
						full.Store(2)
						return fmt.Errorf("%s/%s beside another: %w", n.Task, n.Name, err)
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
func (l *Levels) Spin() error {
	for _, w := range []struct {
		name string
		on   *worker
	}{{"cpu", l.cpu}, {"accelerator", l.infer[0]}} {
		took, err := w.on.timed(func() error {
			before, err := readUsage()
			if err != nil {
				return err
			}
			l.spun += spin()
			after, err := readUsage()
			l.Noise.CPU += after.cpu - before.cpu
			l.Noise.Involuntary += after.involuntary - before.involuntary
			l.Noise.Own += after.own - before.own
			return err
		})
		if err != nil {
			return fmt.Errorf("use of the processor: %w", err)
		}
		l.Noise.Spins[w.name] = append(l.Noise.Spins[w.name], took)
	}
	return nil
}

// Close ends the threads and frees the networks. It may be called with levels that were opened in part.
func (l *Levels) Close() error {
	for _, w := range slices.Concat([]*worker{l.cpu}, l.infer[:]) {
		if w != nil {
			w.close()
		}
	}
	var errs []error
	for i := range l.All {
		if t := l.All[i].tensors; t != nil {
			errs = append(errs, t.Close())
		}
		errs = append(errs, l.All[i].network.Model.Close())
	}
	if l.device != nil {
		errs = append(errs, l.device.Close())
	}
	return errors.Join(errs...)
}
