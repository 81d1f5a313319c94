package suite

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"rtmdl/internal/monotonic"
	"rtmdl/internal/ros"
	"rtmdl/internal/ros/msg"
)

// BenchmarkOverhead measures what the suite adds to the work itself: from the receipt of a frame to the publishing
// of its result, less the stages, less the time that a stage was ready while its resource was busy. Beside it, in
// the same run, the same for an echo that takes the frame and publishes an empty array: the floor of ROS and Go.
// One frame every 50 ms, so that the machine is mostly idle, in a ROS domain of its own.
func BenchmarkOverhead(b *testing.B) {
	ownDomain(b)
	session, _, err := ros.Open(append(quiet, append(whatRuns(b), whatGoesIn...)...))
	if err != nil {
		b.Fatal(err)
	}
	s, err := open(session, tasks, func(err error) { b.Error(err) })
	if err != nil {
		b.Fatal(err)
	}
	measure(b, session)
	if err := s.close(); err != nil {
		b.Error(err)
	}
	if err := session.Close(); err != nil {
		b.Error(err)
	}
}

// BenchmarkOverheadOfSeparateProcesses measures the same with the scheduler and the node in processes of their own: it
// counts from the receipt of the frame in the node's process to the publishing of the result there.
func BenchmarkOverheadOfSeparateProcesses(b *testing.B) {
	ownDomain(b)
	startRole(b, "scheduler", append(quiet, whatRuns(b)...)...)
	startRole(b, "traffic_light", append(quiet, whatGoesIn...)...)
	session, _, err := ros.Open(quiet)
	if err != nil {
		b.Fatal(err)
	}
	measure(b, session)
	if err := session.Close(); err != nil {
		b.Error(err)
	}
}

func ownDomain(b *testing.B) { b.Setenv("ROS_DOMAIN_ID", strconv.Itoa(1+os.Getpid()%100)) }

// quiet and the parameters of the scheduler's node and of the perception node.
var (
	quiet      = []string{"--ros-args", "--log-level", "warn"}[:3:3]
	whatGoesIn = []string{"-p", "image_transport:=compressed"}
)

func whatRuns(b *testing.B) []string {
	b.Helper()
	models, err := filepath.Abs("../../models")
	if err != nil {
		b.Fatal(err)
	}
	return []string{"-p", "models_dir:=" + models, "-p", "tasks:=[traffic_light]"}
}

// measure shows frames to the suite, and reports what it adds. The suite's subscriptions may be the session's.
func measure(b *testing.B, session *ros.Session) {
	b.Helper()
	picture, err := os.ReadFile("../../nodes/suite/testdata/light.jpg")
	if err != nil {
		b.Fatal(err)
	}
	const frames = 400
	probe := newProbe(b, session)
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = session.Run(ctx) })
	running.Go(probe.echo)

	frame := &msg.CompressedImage{Format: "jpeg", Data: picture}
	number := int32(0)
	send := func() {
		number++
		frame.Header.Stamp.Sec = number
		if err := probe.camera.Send(frame); err != nil {
			b.Error(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	for end := time.Now().Add(30 * time.Second); probe.seen() < 20; send() { // discovery and caches
		if time.Now().After(end) {
			b.Fatal("no results come back")
		}
	}
	probe.clear()
	for range max(b.N, frames) { // a p99 takes some hundreds, whatever b.N is
		send()
	}
	time.Sleep(200 * time.Millisecond)

	stop()
	close(probe.frames)
	running.Wait()
	probe.mu.Lock()
	defer probe.mu.Unlock()
	b.ReportMetric(float64(len(probe.overheads)), "jobs")
	for _, p := range []int{50, 99} {
		name := map[int]string{50: "p50", 99: "p99"}[p]
		b.ReportMetric(percentile(probe.overheads, p), name+"-overhead-µs")
		b.ReportMetric(percentile(probe.echoes, p), name+"-echo-µs")
	}
}

// probe is a camera, a listener to job timings and an echo, in one node.
type probe struct {
	camera, out *ros.Publisher
	frames      chan ros.Message

	mu                sync.Mutex // guards what follows
	overheads, echoes []int64    // ns
}

func newProbe(b *testing.B, session *ros.Session) *probe {
	b.Helper()
	must := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	node, err := session.NewNode("probe", "")
	must(err)
	p := &probe{frames: make(chan ros.Message, 64)}
	p.camera, err = node.Publish("camera/image_raw/compressed", msg.TypeCompressedImage, ros.Results())
	must(err)
	p.out, err = node.Publish("echo", msg.TypeDetection2DArray, ros.Results())
	must(err)
	_, err = node.Subscribe("camera/image_raw/compressed", msg.TypeCompressedImage, ros.SensorData(), func(m ros.Message) { p.frames <- m })
	must(err)
	_, err = node.Subscribe("scheduler/job_timing", msg.TypeJobTiming, ros.Results(), func(m ros.Message) {
		var t msg.JobTiming
		if t.UnmarshalCDR(m.Data) != nil || t.Outcome != msg.OutcomePublished {
			return
		}
		stages := t.PreEndedNs - t.PreStartedNs + t.InferEndedNs - t.InferStartedNs + t.PostEndedNs - t.PostStartedNs
		p.mu.Lock()
		defer p.mu.Unlock()
		p.overheads = append(p.overheads, t.PublishedNs-t.ReceivedNs-stages-t.BlockedNs)
	})
	must(err)
	return p
}

// echo answers every frame with an empty array that has its header.
func (p *probe) echo() {
	for m := range p.frames {
		var frame msg.CompressedImage
		if frame.UnmarshalCDR(m.Data) != nil || p.out.Send(&msg.Detection2DArray{Header: frame.Header}) != nil {
			continue
		}
		took := monotonic.Now() - m.Received
		p.mu.Lock()
		p.echoes = append(p.echoes, took)
		p.mu.Unlock()
	}
}

// seen returns how many results have come back.
func (p *probe) seen() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.overheads)
}

func (p *probe) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.overheads, p.echoes = nil, nil
}

// percentile returns the nearest rank in µs.
func percentile(values []int64, p int) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return float64(values[max(1, (len(values)*p+99)/100)-1]) / 1e3
}
