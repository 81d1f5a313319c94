// Package rig makes the runs of livebench: it starts programs, is the camera that they look at, and hears on real
// topics what they answer.
package rig

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"rtmdl/internal/camera"
	"rtmdl/internal/livebench"
	"rtmdl/internal/monotonic"
	"rtmdl/internal/ros"
	"rtmdl/internal/ros/msg"
)

// ErrNoAnswer is returned where programs do not answer the pictures that they are shown before a run.
var ErrNoAnswer = errors.New("no answer")

// outputs are the topics of the tasks' results, with their types.
var outputs = map[string][2]string{
	"traffic_light": {"traffic_light/detections", msg.TypeDetection2DArray},
	"sign":          {"sign/detections", msg.TypeDetection2DArray},
	"lane":          {"lane/lines", msg.TypeLaneLines},
}

// Options say what a rig plays, and where.
type Options struct {
	Root     string   // of the checkout, from which programs are named
	Logs     string   // folder for what they say; the last run's stays
	Tasks    []string // that are waited for
	Pictures [][]byte // JPEG, played in turn, one at least
}

// Rig is a camera and a listener in one session of ROS. It makes one run at a time.
type Rig struct {
	options Options
	session *ros.Session
	camera  *ros.Publisher
	outputs []*ros.Subscription // of the tasks
	stop    context.CancelFunc
	serving sync.WaitGroup
	err     error // of serving
	shown   int   // pictures

	mu      sync.Mutex // guards answers
	answers map[string]map[int64]livebench.Answer
}

var _ livebench.Measurer = (*Rig)(nil)

// Open joins ROS. It is the process's one session.
func Open(o Options) (_ *Rig, err error) {
	session, _, err := ros.Open(nil)
	if err != nil {
		return nil, err
	}
	r := &Rig{options: o, session: session, stop: func() {}}
	r.forget()
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Close())
		}
	}()
	node, err := session.NewNode("rtmdl_live_bench", "")
	if err != nil {
		return nil, err
	}
	topic, err := camera.Topic("camera/image_raw", camera.Compressed)
	if err != nil {
		return nil, err
	}
	if r.camera, err = node.Publish(topic, msg.TypeCompressedImage, ros.SensorData()); err != nil {
		return nil, err
	}
	results := ros.QoS{Depth: 1000, Reliable: true}
	for _, task := range o.Tasks {
		out := outputs[task]
		s, err := node.Subscribe(out[0], out[1], results, func(m ros.Message) { r.hearOutput(task, m) })
		if err != nil {
			return nil, err
		}
		r.outputs = append(r.outputs, s)
	}
	if _, err := node.Subscribe("scheduler/job_timing", msg.TypeJobTiming, results, r.hearTiming); err != nil {
		return nil, err
	}
	serving, stop := context.WithCancel(context.Background())
	r.stop = stop
	r.serving.Go(func() { r.err = session.Run(serving) })
	return r, nil
}

// Close leaves ROS.
func (r *Rig) Close() error {
	r.stop()
	r.serving.Wait()
	return errors.Join(r.err, r.session.Close())
}

// hearOutput notes when a frame's result was published, as the middleware says.
func (r *Rig) hearOutput(task string, m ros.Message) {
	if header, err := msg.ReadHeader(m.Data); err == nil {
		r.note(task, header.Stamp, func(a *livebench.Answer) { a.Published = m.Sent })
	}
}

// hearTiming notes what the suite's scheduler says of a frame.
func (r *Rig) hearTiming(m ros.Message) {
	var t msg.JobTiming
	if t.UnmarshalCDR(m.Data) == nil {
		r.note(t.Task, t.Header.Stamp, func(a *livebench.Answer) { a.Outcome, a.Variant = t.Outcome.String(), t.Variant })
	}
}

func (r *Rig) note(task string, stamp msg.Time, change func(*livebench.Answer)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	byStamp := r.answers[task]
	if byStamp == nil {
		byStamp = map[int64]livebench.Answer{}
		r.answers[task] = byStamp
	}
	a := byStamp[stamp.Nanos()]
	change(&a)
	byStamp[stamp.Nanos()] = a
}

// forget begins anew, and returns what was heard.
func (r *Rig) forget() map[string]map[int64]livebench.Answer {
	r.mu.Lock()
	defer r.mu.Unlock()
	heard := r.answers
	r.answers = map[string]map[int64]livebench.Answer{}
	return heard
}

// answered reports whether something was heard of every task since forget, be it that a frame came too late, and there
// is who publishes its results.
func (r *Rig) answered() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.answers) == len(r.options.Tasks) &&
		!slices.ContainsFunc(r.outputs, func(s *ros.Subscription) bool { return s.Publishers() == 0 })
}

// show publishes the next picture and returns its stamp.
func (r *Rig) show() (stamp int64, err error) {
	now := time.Now()
	frame := &msg.CompressedImage{Format: "jpeg", Data: r.options.Pictures[r.shown%len(r.options.Pictures)]}
	frame.Header = msg.Header{Stamp: msg.TimeFromNanos(now.UnixNano()), FrameID: "camera"}
	r.shown++
	return now.UnixNano(), r.camera.Send(frame)
}

// How long programs may take to answer for the first time, how often they are asked, and how long what was begun may
// take before and after a run.
const (
	patience = 60 * time.Second
	asking   = 200 * time.Millisecond
	rest     = time.Second
)

// Measure implements livebench.Measurer.
func (r *Rig) Measure(ctx context.Context, programs [][]string, rate, seconds float64) (_ *livebench.Heard, err error) {
	running, err := start(r.options.Root, r.options.Logs, programs)
	defer func() { err = errors.Join(err, running.stop()) }()
	if err != nil {
		return nil, err
	}
	if err := r.wake(ctx, running); err != nil {
		return nil, err
	}
	before, err := running.spent()
	if err != nil {
		return nil, err
	}
	heard := &livebench.Heard{}
	if err := r.play(ctx, rate, seconds, heard); err != nil {
		return nil, err
	}
	if !monotonic.Sleep(ctx, rest) {
		return nil, ctx.Err()
	}
	after, err := running.spent()
	if err != nil {
		return nil, err
	}
	heard.CPU, heard.Others = after.programs-before.programs, after.others-before.others
	heard.Answers = r.forget()
	return heard, nil
}

// wake shows pictures until every task answers: then all know each other.
func (r *Rig) wake(ctx context.Context, running *group) error {
	r.forget()
	for end := time.Now().Add(patience); !r.answered(); {
		if err := running.alive(); err != nil {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("%w of all tasks in %v; what the programs say is in %s", ErrNoAnswer, patience, r.options.Logs)
		}
		if _, err := r.show(); err != nil {
			return err
		}
		if !monotonic.Sleep(ctx, asking) {
			return ctx.Err()
		}
	}
	if !monotonic.Sleep(ctx, rest) {
		return ctx.Err()
	}
	r.forget()
	return nil
}

// play shows pictures at a rate, from the first of the bag on, so that every run has the same.
func (r *Rig) play(ctx context.Context, rate, seconds float64, heard *livebench.Heard) error {
	r.shown = 0
	began := time.Now()
	for i := range max(1, int(rate*seconds)) {
		due := began.Add(time.Duration(float64(i) / rate * float64(time.Second)))
		if !monotonic.Sleep(ctx, time.Until(due)) {
			return ctx.Err()
		}
		stamp, err := r.show()
		if err != nil {
			return err
		}
		heard.Stamps = append(heard.Stamps, stamp)
		heard.Late = append(heard.Late, max(0, stamp-due.UnixNano()))
	}
	slices.Sort(heard.Late)
	return nil
}
