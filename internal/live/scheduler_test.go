package live

import (
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/monotonic"
	"rtmdl/internal/ros/msg"
	"rtmdl/scheduler/core"
)

// TestEveryFrameHasOneOutcome lets many submit at once, stages fail and panic at random, results be published
// elsewhere, and somebody ask for the status all the while.
func TestEveryFrameHasOneOutcome(t *testing.T) {
	const submitters, each = 8, 150
	one := device.Cores()[0]
	for _, late := range []core.LatePolicy{core.LateSkip, core.LateRun} {
		t.Run(late.String(), func(t *testing.T) {
			unlucky := func(*camera.Frame) error {
				switch rand.IntN(20) {
				case 0:
					return errors.New("broken")
				case 1:
					panic("at the disco")
				}
				return nil
			}
			models := []*fakeModel{{run: func(*device.Tensors) error { return unlucky(nil) }}, {}}
			tasks := []Task{
				{Name: "a", Deadline: 2 * time.Millisecond, Variants: network(models[0], &fakeVision{pre: unlucky, post: unlucky})},
				{Name: "b", Deadline: time.Hour, Variants: network(models[1], &fakeVision{})},
			}
			r := newRig(t, Options{Tasks: tasks, CPUCores: []int{one, one, one}, Late: late, MaxPending: 5})

			// A receiver of results that lives on another goroutine, as the nodes' does.
			toPublish := make(chan *Result, 2*submitters*each)
			var publishing sync.WaitGroup
			publishing.Go(func() {
				for result := range toPublish {
					if rand.IntN(10) == 0 {
						result.Failed("publish: no middleware")
						continue
					}
					result.Published(monotonic.Now())
				}
			})
			var watching sync.WaitGroup
			stop := make(chan struct{})
			watching.Go(func() {
				for {
					for _, s := range r.Status().Tasks {
						if s.Received != sum(s) || s.Pending > submitters*each {
							t.Errorf("%+v does not add up", s)
							return
						}
					}
					select {
					case <-stop:
						return
					default:
					}
				}
			})

			var told [2 * submitters * each]atomic.Int32
			var submitting sync.WaitGroup
			for u := range submitters {
				submitting.Go(func() {
					for i := range each {
						for task := range 2 {
							number := (u*each+i)*2 + task
							f := newFrame(number)
							if i%50 == 49 {
								f = camera.FromImage(&msg.Image{Header: f.Header, Encoding: "none"}, f.Received)
							}
							r.Submit(Job{Task: task, Frame: f, Done: func(result *Result) {
								told[number].Add(1)
								if result.Frame != f {
									t.Errorf("frame %d got another's result", number)
								}
								if result.Outcome == msg.OutcomePublished {
									if result.Value != float32(number) {
										t.Errorf("frame %d has the value %v", number, result.Value)
									}
									toPublish <- result
								}
							}})
						}
					}
				})
			}
			submitting.Wait()
			if err := r.Close(); err != nil {
				t.Error(err)
			}
			close(toPublish)
			publishing.Wait()
			close(stop)
			watching.Wait()

			for number := range told {
				if n := told[number].Load(); n != 1 {
					t.Fatalf("the owner of frame %d was told %d times", number, n)
				}
			}
			timings := r.ended(len(told))
			if len(timings) != len(told) || len(outcomesOf(timings)) != len(told) {
				t.Errorf("%d frames, %d timings of %d frames", len(told), len(timings), len(outcomesOf(timings)))
			}
			counts := [2]map[msg.Outcome]uint64{{}, {}}
			for _, timing := range timings {
				counts[timing.Header.Stamp.Nanosec%2][timing.Outcome]++
			}
			for i, s := range r.Status().Tasks {
				got := map[msg.Outcome]uint64{
					msg.OutcomePublished: s.Published, msg.OutcomeReplaced: s.Replaced, msg.OutcomeExpired: s.Expired,
					msg.OutcomeRefused: s.Refused, msg.OutcomeCancelled: s.Cancelled, msg.OutcomeFailed: s.Failed,
				}
				for _, o := range msg.Outcomes() {
					if got[o] != counts[i][o] {
						t.Errorf("task %s: %d %v in the status, %d in the timings", s.Name, got[o], o, counts[i][o])
					}
				}
				if s.Received != submitters*each || s.Pending != 0 {
					t.Errorf("%+v", s)
				}
			}
			for i, m := range models {
				if m.made != m.closed || m.mostAtATime > 1 {
					t.Errorf("model %d: %d tensors made, %d closed, %d runs at a time", i, m.made, m.closed, m.mostAtATime)
				}
			}
		})
	}
}

func sum(s msg.TaskStatus) uint64 {
	return uint64(s.Pending) + s.Published + s.Replaced + s.Expired + s.Refused + s.Cancelled + s.Failed
}

func TestCloseWaitsUntilEverybodyHasBeenTold(t *testing.T) {
	g := newGate()
	r := newRig(t, Options{Tasks: []Task{plainTask(&fakeModel{}, &fakeVision{pre: g.hold})}})
	r.submit(newFrame(1))
	<-g.came
	entered, leave := make(chan struct{}), make(chan struct{})
	r.Submit(Job{Frame: newFrame(2), Done: func(*Result) {
		close(entered)
		<-leave
	}})
	var all sync.WaitGroup
	all.Go(func() { r.submit(newFrame(3)) }) // replaces frame 2, and tells its owner, on this goroutine
	<-entered
	var left, closed atomic.Bool
	all.Go(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		closed.Store(true)
		if !left.Load() {
			t.Error("closed while somebody was being told")
		}
	})
	g.open()
	r.ended(3) // the running job has ended, so that nothing else holds Close up
	for range 20 {
		time.Sleep(time.Millisecond) // gives a wrong Close time to return; a right one needs none
		if closed.Load() {
			break
		}
	}
	left.Store(true)
	close(leave)
	all.Wait()
}

func TestWhatCannotStartIsRefused(t *testing.T) {
	good := plainTask(&fakeModel{}, &fakeVision{})
	noDeadline := good
	noDeadline.Deadline = 0
	broken := errors.New("broken")
	for _, test := range []struct {
		name    string
		options Options
		want    error // nil: any
	}{
		{"abort", Options{Tasks: []Task{good}, Late: core.LateAbort}, ErrLatePolicy},
		{"a core that the machine lacks", Options{Tasks: []Task{good}, CPUCores: []int{1023}}, device.ErrCores},
		{"a negative core", Options{Tasks: []Task{good}, CPUCores: []int{device.Cores()[0], -1}}, device.ErrCores},
		{"a device that can't be bound", Options{Tasks: []Task{good}, Device: &fakeDevice{
			bind: func() (func(), error) { return nil, broken },
		}}, broken},
		{"no tasks", Options{}, nil},
		{"no deadline", Options{Tasks: []Task{noDeadline}}, nil},
		{"one name twice", Options{Tasks: []Task{good, good}}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.options.Device == nil {
				test.options.Device = &fakeDevice{}
			}
			s, err := New(test.options)
			if s != nil || err == nil || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("%v, error %v", s, err)
			}
		})
	}
}

func TestWorkersAreReleased(t *testing.T) {
	var bound, released atomic.Int32
	r := newRig(t, Options{Tasks: []Task{plainTask(&fakeModel{}, &fakeVision{})}, Device: &fakeDevice{
		bind: func() (func(), error) {
			bound.Add(1)
			return func() { released.Add(1) }, nil
		},
	}})
	r.submit(newFrame(1))
	r.ended(1)
	for range 2 {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	if bound.Load() != 1 || released.Load() != 1 {
		t.Errorf("bound %d times, released %d times", bound.Load(), released.Load())
	}
}

func TestTensorsAreUsedAgain(t *testing.T) {
	model := &fakeModel{}
	r := newRig(t, Options{Tasks: []Task{plainTask(model, &fakeVision{})}})
	for n := 1; n <= 20; n++ {
		r.submit(newFrame(n))
		r.ended(n)
	}
	if err := r.Close(); err != nil || model.made != 1 || model.closed != 1 {
		t.Errorf("%d made, %d closed, error %v", model.made, model.closed, err)
	}
}

// order notes in which order stages run.
type order struct {
	mu    sync.Mutex
	names []string
}

func (o *order) add(name string) func(*camera.Frame) error {
	return func(*camera.Frame) error {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.names = append(o.names, name)
		return nil
	}
}

func TestTheShorterDeadlineComesFirst(t *testing.T) {
	g, ran := newGate(), &order{}
	slow := Task{Name: "slow", Deadline: 3 * time.Hour, Variants: network(&fakeModel{}, &fakeVision{pre: ran.add("slow")})}
	fast := Task{Name: "fast", Deadline: time.Hour, Variants: network(&fakeModel{}, &fakeVision{pre: ran.add("fast")})}
	first := Task{Name: "first", Deadline: 2 * time.Hour, Variants: network(&fakeModel{}, &fakeVision{pre: g.hold})}
	r := newRig(t, Options{Tasks: []Task{slow, fast, first}})
	var priorities []int32
	for _, s := range r.Status().Tasks {
		priorities = append(priorities, s.Priority)
	}
	if !slices.Equal(priorities, []int32{2, 0, 1}) {
		t.Errorf("priorities %v", priorities)
	}
	r.Submit(Job{Task: 2, Frame: newFrame(1), Done: r.publish})
	<-g.came
	r.Submit(Job{Task: 0, Frame: newFrame(2), Done: r.publish}) // came first, and is the least urgent
	r.Submit(Job{Task: 1, Frame: newFrame(3), Done: r.publish})
	g.open()
	for _, timing := range r.ended(3) {
		if timing.Task != "first" && timing.BlockedNs <= 0 { // the first one's post may have had to wait too
			t.Errorf("%s was blocked for %d ns", timing.Task, timing.BlockedNs)
		}
	}
	if !slices.Equal(ran.names, []string{"fast", "slow"}) {
		t.Errorf("pre-processing ran in the order %v", ran.names)
	}
}

func TestStagesOfDifferentJobsOverlap(t *testing.T) {
	one := device.Cores()[0]
	pre, infer := newGate(), newGate()
	model := &fakeModel{run: func(*device.Tensors) error { return infer.hold(nil) }}
	other := Task{Name: "other", Deadline: time.Hour, Variants: network(&fakeModel{}, &fakeVision{pre: pre.hold})}
	r := newRig(t, Options{Tasks: []Task{plainTask(model, &fakeVision{}), other}, CPUCores: []int{one, one}})
	r.submit(newFrame(1))
	<-infer.came // while an inference runs,
	r.Submit(Job{Task: 1, Frame: newFrame(2), Done: r.publish})
	<-pre.came // another frame is prepared,
	r.submit(newFrame(3))
	for { // and a third one too, on the second CPU worker
		model.mu.Lock()
		made := model.made
		model.mu.Unlock()
		if made == 2 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	pre.open()
	infer.open()
	r.ended(3)
	if model.mostAtATime != 1 {
		t.Errorf("%d inferences at a time", model.mostAtATime)
	}
}

func BenchmarkJob(b *testing.B) {
	done := make(chan struct{})
	s, err := New(Options{Tasks: []Task{plainTask(&fakeModel{}, &fakeVision{})}, Device: &fakeDevice{}})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // looked at elsewhere
	b.ReportAllocs()
	for b.Loop() {
		s.Submit(Job{Frame: newFrame(1), Done: func(r *Result) {
			r.Published(monotonic.Now())
			done <- struct{}{}
		}})
		<-done
	}
}
