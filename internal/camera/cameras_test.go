package camera

import (
	"strings"
	"testing"

	"rtmdl/internal/ros"
)

func TestACameraIsSubscribedToOnceAProcess(t *testing.T) {
	s, _, err := ros.Open([]string{"--ros-args", "-r", "second:image:=/car/image"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	first, err1 := s.NewNode("first", "car")
	second, err2 := s.NewNode("second", "")
	third, err3 := s.NewNode("third", "")
	if err1 != nil || err2 != nil || err3 != nil {
		t.Fatal(err1, err2, err3)
	}
	var cameras Cameras
	open := func(n *ros.Node, topic string, transport Transport) *Camera {
		c, err := cameras.Open(n, topic, transport)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := open(first, "image", Raw)
	if open(second, "image", Raw) != c || open(third, "/car/image", Raw) != c {
		t.Error("one topic has two cameras")
	}
	if open(third, "image", Raw) == c || open(third, "/car/image/compressed", Compressed) == c {
		t.Error("two topics have one camera")
	}
	for topic, want := range map[string]string{"front camera": "front camera", "": "topic"} {
		if c, err := cameras.Open(first, topic, Raw); c != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v", topic, err)
		}
	}
	if c, err := cameras.Open(first, "image", "theora"); c != nil || err == nil {
		t.Errorf("an unknown transport: error %v", err)
	}
}
