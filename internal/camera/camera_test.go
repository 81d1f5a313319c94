package camera

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rtmdl/internal/ros"
	"rtmdl/internal/ros/msg"
)

func TestMain(m *testing.M) {
	UseOneThread()
	goleak.VerifyTestMain(m)
}

func openROS(t *testing.T) *ros.Session {
	t.Helper()
	t.Setenv("ROS_DOMAIN_ID", fmt.Sprint(1+os.Getpid()%100))
	t.Setenv("ROS_HOME", t.TempDir())
	s, _, err := ros.Open(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestCamerasHandTheFramesOfTheirTopicsToAllListeners(t *testing.T) {
	s := openROS(t)
	node, err := s.NewNode("camera_test", "car")
	if err != nil {
		t.Fatal(err)
	}
	raw, file := rawImage("rgb8", 3), &msg.CompressedImage{Header: msg.Header{FrameID: "rear"}, Data: picture(t, "baseline.jpg")}
	broken := &msg.CompressedImage{Header: msg.Header{FrameID: "broken"}, Format: "jpeg", Data: []byte("no picture")}
	type seen struct {
		listener string
		frame    *Frame
	}
	frames := make(chan seen, 100)
	watch := func(transport Transport, wantTopic string) *Camera {
		c, err := Open(node, "image", transport)
		if err != nil {
			t.Fatal(err)
		}
		if c.Topic() != wantTopic {
			t.Errorf("%s camera on %s", transport, c.Topic())
		}
		for _, name := range []string{"first", "second"} {
			c.Listen(func(f *Frame) { frames <- seen{name, f} })
		}
		return c
	}
	cameras := []*Camera{watch(Raw, "image"), watch(Compressed, "image/compressed")}
	rawPub, err := node.Publish("image", msg.TypeImage, ros.SensorData())
	if err != nil {
		t.Fatal(err)
	}
	filePub, err := node.Publish("/car/image/compressed", msg.TypeCompressedImage, ros.Results())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	for end := time.Now().Add(time.Minute); rawPub.Subscribers()+filePub.Subscribers()+cameras[0].Publishers()+cameras[1].Publishers() < 4; {
		if time.Now().After(end) {
			t.Fatal("publishers and cameras did not find each other")
		}
		time.Sleep(2 * time.Millisecond)
	}
	for _, c := range []struct {
		pub    *ros.Publisher
		m      msg.Message
		header msg.Header
		width  int // 0: damaged
	}{{rawPub, raw, raw.Header, 2}, {filePub, file, file.Header, 16}, {filePub, broken, broken.Header, 0}} {
		if err := c.pub.Send(c.m); err != nil {
			t.Fatal(err)
		}
		var first *Frame
		for _, name := range []string{"first", "second"} {
			var got seen
			select {
			case got = <-frames:
			case <-time.After(time.Minute):
				t.Fatal("no frame came")
			}
			if first == nil {
				first = got.frame
			}
			_, width, _, err := got.frame.BGR()
			if got.listener != name || got.frame != first || got.frame.Header != c.header || got.frame.Received == 0 ||
				width != c.width || (err != nil) != (c.width == 0) {
				t.Errorf("listener %s: %+v, width %d, error %v", got.listener, got.frame, width, err)
			}
		}
	}
}

func TestOpenNamesWhatIsWrong(t *testing.T) {
	s := openROS(t)
	node, err := s.NewNode("camera_test", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		topic     string
		transport Transport
		want      string
	}{
		{"image", "theora", "unknown transport 'theora'; supported are raw and compressed"},
		{"image", "", "unknown transport ''"},
		{"front camera", Raw, "subscription on front camera"},
		{"front-camera", Compressed, "subscription on front-camera/compressed"},
	} {
		if c, err := Open(node, test.topic, test.transport); c != nil || err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q by %q: error %v", test.topic, test.transport, err)
		}
	}
}
