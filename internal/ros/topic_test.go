package ros

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"rtmdl/internal/monotonic"
	"rtmdl/internal/ros/msg"
)

func publisher(t *testing.T, n *Node, topic, typeName string, qos QoS) *Publisher {
	t.Helper()
	p, err := n.Publish(topic, typeName, qos)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestMessagesArriveAsTheyWereSent(t *testing.T) {
	header := msg.Header{Stamp: msg.Time{Sec: -5, Nanosec: 999_999_999}, FrameID: "kamera/vorn ü"}
	image := &msg.Image{Header: header, Height: 2, Width: 3, Encoding: "bgr8", Step: 9, Data: []byte("123456789abcdefghi")}
	light := &msg.Detection2DArray{Header: header, Detections: []msg.Detection2D{
		msg.NewDetection2D(header, "red", 0.75, 1.5, 2, 30, 60)}}
	for _, sent := range []msg.Message{
		image,
		&msg.CompressedImage{Header: header, Format: "jpeg", Data: []byte{0xFF, 0xD8, 0}},
		&msg.String{Data: "unknown"},
		light,
		&msg.Detection2DArray{Header: header}, // empty: nothing was seen
		&msg.JobTiming{Header: header, Task: "traffic_light", Job: 1 << 60, Outcome: msg.OutcomeFailed, Reason: "device: gone"},
		&msg.SchedulerStatus{Header: header, Device: "cpu", Tasks: []msg.TaskStatus{{Name: "traffic_light", Received: 3}}},
	} {
		t.Run(sent.TypeName(), func(t *testing.T) {
			s := open(t)
			n := newNode(t, s, "both", "car")
			sub, messages := collect(t, n, "topic", sent.TypeName(), Results())
			pub := publisher(t, n, "topic", sent.TypeName(), Results())
			serve(t, s)
			eventually(t, "a match", func() bool { return pub.Subscribers() == 1 && sub.Publishers() == 1 })
			before, wall := monotonic.Now(), time.Now().UnixNano()
			if err := pub.Send(sent); err != nil {
				t.Fatal(err)
			}
			got := next(t, messages)
			want := sent.MarshalCDR(nil)
			if !bytes.Equal(got.Data[:len(want)], want) || len(got.Data) > len(want)+3 { // padding of the middleware
				t.Errorf("sent     %x\nreceived %x", want, got.Data)
			}
			back := msg.New(sent.TypeName())
			if err := back.UnmarshalCDR(got.Data); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(sent, back); diff != "" {
				t.Error(diff)
			}
			if got.Received < before || got.Sent < wall-int64(time.Second) {
				t.Errorf("received at %d, asked at %d; sent at %d, asked at %d", got.Received, before, got.Sent, wall)
			}
		})
	}
}

func TestTopicsMayBeRemapped(t *testing.T) {
	s := open(t, "-r", "__ns:=/car", "-r", "camera/image_raw:=/front/image", "-r", "talker:out:=talk")
	talker, listener := newNode(t, s, "talker", ""), newNode(t, s, "listener", "")
	_, images := collect(t, listener, "/front/image", msg.TypeString, Results())
	_, texts := collect(t, listener, "talk", msg.TypeString, Results())
	image, text := publisher(t, talker, "camera/image_raw", msg.TypeString, Results()), publisher(t, talker, "out", msg.TypeString, Results())
	serve(t, s)
	for _, c := range []struct {
		pub      *Publisher
		messages <-chan Message
	}{{image, images}, {text, texts}} {
		eventually(t, "a match", func() bool { return c.pub.Subscribers() == 1 })
		if err := c.pub.Send(&msg.String{Data: "x"}); err != nil {
			t.Fatal(err)
		}
		next(t, c.messages)
	}
	eventually(t, "the topics by their full names", func() bool {
		topics, err := talker.TopicTypes()
		return err == nil && len(topics["/car/talk"]) == 1 && topics["/car/talk"][0] == msg.TypeString && len(topics["/front/image"]) == 1
	})
}

func TestWhatPublishersOfferIsSeen(t *testing.T) {
	s := open(t)
	n := newNode(t, s, "both", "")
	for topic, qos := range map[string]QoS{"/sensor": SensorData(), "/results": Results(), "/last": {Depth: 1, Reliable: true, Transient: true}} {
		publisher(t, n, topic, msg.TypeString, qos)
		eventually(t, "the publisher's quality of service", func() bool {
			found, err := n.PublishersOf(topic)
			return err == nil && len(found) == 1 && found[0].QoS.Reliable == qos.Reliable && found[0].QoS.Transient == qos.Transient &&
				found[0].Node == "/both" && found[0].Type == msg.TypeString
		})
	}
	if got := (QoS{Depth: 3, Reliable: true, Transient: true}).String(); got != "reliable, transient_local, keep_last 3" {
		t.Error(got)
	}
}

func TestALateSubscriberGetsTheLastMessageOfATransientPublisher(t *testing.T) {
	s := open(t)
	n := newNode(t, s, "both", "")
	last := QoS{Depth: 1, Reliable: true, Transient: true}
	pub := publisher(t, n, "topic", msg.TypeString, last)
	for _, text := range []string{"first", "last"} {
		if err := pub.Send(&msg.String{Data: text}); err != nil {
			t.Fatal(err)
		}
	}
	_, messages := collect(t, n, "topic", msg.TypeString, last)
	serve(t, s)
	var got msg.String
	if err := got.UnmarshalCDR(next(t, messages).Data); err != nil || got.Data != "last" {
		t.Errorf("%q, %v", got.Data, err)
	}
}

func TestLargeFramesArriveBestEffort(t *testing.T) {
	s := open(t)
	n := newNode(t, s, "both", "")
	_, frames := collect(t, n, "image", msg.TypeImage, SensorData())
	pub := publisher(t, n, "image", msg.TypeImage, SensorData())
	serve(t, s)
	eventually(t, "a match", func() bool { return pub.Subscribers() == 1 })
	frame := &msg.Image{Height: 720, Width: 1280, Encoding: "bgr8", Step: 3 * 1280, Data: make([]byte, 3*1280*720)}
	for i := range 3 {
		frame.Data[len(frame.Data)-1] = byte(i)
		if err := pub.Send(frame); err != nil {
			t.Fatal(err)
		}
		got := next(t, frames)
		if want := frame.MarshalCDR(nil); !bytes.Equal(got.Data[:len(want)], want) {
			t.Errorf("frame %d differs", i)
		}
	}
}

func TestManyMayPublishAtOnce(t *testing.T) {
	s := open(t)
	n := newNode(t, s, "both", "")
	const users, each = 4, 20
	_, messages := collect(t, n, "topic", msg.TypeString, QoS{Depth: users * each, Reliable: true})
	pub := publisher(t, n, "topic", msg.TypeString, QoS{Depth: users * each, Reliable: true})
	serve(t, s)
	eventually(t, "a match", func() bool { return pub.Subscribers() == 1 })
	var all sync.WaitGroup
	for u := range users {
		all.Go(func() {
			for i := range each {
				if err := pub.Send(&msg.String{Data: fmt.Sprintf("%d of %d", i, u)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	seen := map[string]bool{}
	for range users * each {
		var got msg.String
		if err := got.UnmarshalCDR(next(t, messages).Data); err != nil {
			t.Fatal(err)
		}
		seen[got.Data] = true
	}
	if len(seen) != users*each {
		t.Errorf("%d different messages", len(seen))
	}
}

func TestLogLinesArriveOnRosout(t *testing.T) {
	s := open(t)
	n := newNode(t, s, "speaker", "car")
	_, lines := collect(t, n, "/rosout", "rcl_interfaces/msg/Log", QoS{Depth: 100, Reliable: true, Transient: true})
	serve(t, s)
	log := n.Log().With(zap.String("task", "traffic_light"))
	log.Debug("too quiet for the default level")
	log.Warn("100 % of the frames %s were lost", zap.Int("frames", 3), zap.Duration("in", 1500*time.Millisecond))
	text := string(next(t, lines).Data)
	for _, want := range []string{
		"100 % of the frames %s were lost", `"task": "traffic_light"`, `"frames": 3`, `"in": "1.5s"`, "car.speaker\x00",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q lacks %q", text, want)
		}
	}
	log.Error("and on")
	if text := string(next(t, lines).Data); !strings.Contains(text, "and on") {
		t.Errorf("then came %q", text)
	}
}

func TestLoggingAfterCloseIsDropped(t *testing.T) {
	s := open(t)
	log := newNode(t, s, "speaker", "").Log()
	log.Info("before")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	log.Error("after")
	log.With(zap.Int("n", 1)).Info("after")
}

func TestAPublisherOutlivesItsSessionWithAnError(t *testing.T) {
	s := open(t)
	pub := publisher(t, newNode(t, s, "speaker", ""), "topic", msg.TypeString, Results())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := pub.Send(&msg.String{Data: "x"}); err == nil || !strings.Contains(err.Error(), "publishing on topic") {
		t.Errorf("error %v", err)
	}
	if pub.Subscribers() != 0 {
		t.Error("subscribers of a closed publisher")
	}
}
