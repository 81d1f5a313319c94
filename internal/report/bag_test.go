package report

import (
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"rtmdl/internal/bag"
	"rtmdl/internal/ros/msg"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	millisecond = int64(1_000_000)
	began       = 1_700_000_000_000 * millisecond // ROS time of frame 0
	booted      = 5_000_000 * millisecond         // monotonic time of frame 0
)

// builder writes a bag of one task, frame by frame, 100 ms apart.
type builder struct {
	t         testing.TB
	path      string
	w         *bag.Writer
	ids       map[string]bag.TopicID
	namespace string
	task      string
	camera    string
	stampBack int64            // how far stamps lie in the past, in ns
	photos    []string         // shown in turn
	edit      func(m *message) // may change or drop what is written
}

// message is one that the builder is about to write.
type message struct {
	topic   string
	frame   int
	content msg.Message
	data    []byte
	drop    bool
}

func newBuilder(t testing.TB) *builder {
	t.Helper()
	b := &builder{
		t: t, path: filepath.Join(t.TempDir(), "run.mcap"), ids: map[string]bag.TopicID{}, task: "traffic_light",
		camera: "camera/image_raw/compressed", photos: []string{"red", "yellow", "green", "two_red"},
		edit: func(*message) {},
	}
	w, err := bag.Create(b.path, bag.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b.w = w
	return b
}

func (b *builder) write(topic string, frame int, logTime int64, m msg.Message) {
	b.t.Helper()
	out := message{topic: topic, frame: frame, content: m}
	b.edit(&out)
	if out.drop {
		return
	}
	if out.data == nil {
		out.data = out.content.MarshalCDR(nil)
	}
	topic = b.namespace + "/" + out.topic
	id, ok := b.ids[topic]
	if !ok {
		schema, err := bag.SchemaText(out.content.TypeName())
		if err == nil {
			id, err = b.w.AddTopic(topic, out.content.TypeName(), schema, "")
		}
		if err != nil {
			b.t.Fatal(err)
		}
		b.ids[topic] = id
	}
	if err := b.w.Write(id, logTime, logTime-millisecond/2, out.data); err != nil {
		b.t.Fatal(err)
	}
}

func (b *builder) header(frame int) msg.Header {
	return msg.Header{Stamp: msg.TimeFromNanos(began - b.stampBack + int64(frame)*100*millisecond), FrameID: "camera"}
}

// image writes the camera's frame i.
func (b *builder) image(i int) {
	data, err := os.ReadFile("testdata/" + b.photos[i%len(b.photos)] + ".jpg")
	if err != nil {
		b.t.Fatal(err)
	}
	b.write(b.camera, i, began+int64(i)*100*millisecond+millisecond,
		&msg.CompressedImage{Header: b.header(i), Format: "jpeg", Data: data})
}

// job writes frame i's result, if there is one, and its timing. The latency is in ms.
func (b *builder) job(i int, outcome msg.Outcome, latency int64, variant, reason string, labels ...string) {
	received := booted + int64(i)*100*millisecond
	ended := began + int64(i)*100*millisecond + latency*millisecond
	j := &msg.JobTiming{
		Header: b.header(i), Task: b.task, Variant: variant, Job: uint64(i + 1), Outcome: outcome, Reason: reason,
		Missed:     outcome != msg.OutcomePublished || latency > 100,
		ReceivedNs: received, DeadlineNs: received + 100*millisecond,
	}
	if outcome == msg.OutcomePublished {
		j.Device = "cpu"
		step := latency * millisecond / 10
		at := func(n int64) int64 { return received + n*step }
		j.SubmittedNs, j.PreStartedNs, j.PreEndedNs, j.InferStartedNs, j.InferEndedNs = at(0), at(1), at(2), at(3), at(8)
		j.PostStartedNs, j.PostEndedNs, j.PublishedNs, j.BlockedNs = at(8), at(9), at(10), step/2
		d := &msg.Detection2DArray{Header: b.header(i)}
		for k, label := range labels {
			d.Detections = append(d.Detections,
				msg.NewDetection2D(b.header(i), label, 0.5+float64(k)/10, 120+60*float64(k), 45, 80, 140))
		}
		b.write(b.task+"/detections", i, ended+millisecond, d)
		state := "unknown"
		if len(labels) > 0 {
			state = labels[0]
		}
		b.write(b.task+"/state", i, ended+millisecond+1000, &msg.String{Data: state})
	}
	b.write("scheduler/job_timing", i, ended+2*millisecond, j)
}

// status writes the scheduler's counts.
func (b *builder) status(at int64, s msg.TaskStatus) {
	s.Name, s.DeadlineMs = b.task, 100
	b.write("scheduler/status", -1, at, &msg.SchedulerStatus{LatePolicy: "skip", Device: "cpu", Tasks: []msg.TaskStatus{s}})
}

// standard writes twenty frames: 0 to 14 in time after 5, 10 … 75 ms; 15 late after 120 ms; 16 replaced, 17 expired,
// 18 refused, 19 failed.
func (b *builder) standard() *builder {
	for i := range 20 {
		b.image(i)
		switch {
		case i < 10:
			b.job(i, msg.OutcomePublished, 5*int64(i+1), "w100", "", [][]string{{"red"}, {}, {"green", "red"}}[i%3]...)
		case i < 15:
			b.job(i, msg.OutcomePublished, 5*int64(i+1), "w50", "", "yellow")
		case i == 15:
			b.job(i, msg.OutcomePublished, 120, "w50", "")
		case i == 16:
			b.job(i, msg.OutcomeReplaced, 60, "w50", "")
		case i == 17:
			b.job(i, msg.OutcomeExpired, 60, "w50", "")
		case i == 18:
			b.job(i, msg.OutcomeRefused, 0, "", "queue is full")
		case i == 19:
			b.job(i, msg.OutcomeFailed, 30, "w50", "decode: <b>not</b> a JPEG")
		}
	}
	b.status(began+2000*millisecond, msg.TaskStatus{
		Received: 20, Published: 16, Replaced: 1, Expired: 1, Refused: 1, Failed: 1, Missed: 5,
	})
	return b
}

// close finishes the bag and returns its path.
func (b *builder) close() string {
	b.t.Helper()
	if err := b.w.Close(); err != nil {
		b.t.Fatal(err)
	}
	return b.path
}
