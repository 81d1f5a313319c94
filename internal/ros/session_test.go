package ros

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"rtmdl/internal/ros/msg"
)

func TestArgumentsOfTheProgramComeBack(t *testing.T) {
	for _, test := range []struct{ args, ros, rest []string }{
		{nil, nil, nil},
		{[]string{"a", "-b"}, nil, []string{"a", "-b"}},
		{[]string{"--ros-args"}, nil, nil},
		{[]string{"a", "--ros-args", "-p", "x:=1", "--", "b", "--ros-args", "-p", "y:=2"},
			[]string{"--ros-args", "-p", "x:=1", "-p", "y:=2"}, []string{"a", "b"}},
	} {
		ros, rest := split(test.args)
		if !slices.Equal(ros, test.ros) || !slices.Equal(rest, test.rest) {
			t.Errorf("%q becomes %q and %q", test.args, ros, rest)
		}
	}
}

func TestOneSessionAtATime(t *testing.T) {
	first := open(t)
	if _, _, err := Open(nil); !errors.Is(err, ErrOpen) {
		t.Errorf("error %v", err)
	}
	newNode(t, first, "still_there", "")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := open(t)
	if newNode(t, second, "again", "").FullName() != "/again" {
		t.Error("no node in a second session")
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	s := open(t)
	collect(t, newNode(t, s, "listener", ""), "nothing", "std_msgs/msg/String", Results())
	for range 3 {
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error)
		go func() { ended <- s.Run(ctx) }()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if err := s.Run(ctx); err != nil {
		t.Errorf("with a context that had ended: %v", err)
	}
}

func TestAHandlerMaySubscribeWhileTheSessionRuns(t *testing.T) {
	s := open(t)
	n := newNode(t, s, "curious", "")
	news := make(chan Message, 100)
	subscribed := false // of the handlers' goroutine
	_, err := n.Subscribe("first", "std_msgs/msg/String", Results(), func(Message) {
		if subscribed {
			return
		}
		subscribed = true
		if _, err := n.Subscribe("second", "std_msgs/msg/String", Results(), func(m Message) { news <- m }); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	publishers := map[string]*Publisher{}
	for _, topic := range []string{"first", "second"} {
		if publishers[topic], err = n.Publish(topic, "std_msgs/msg/String", Results()); err != nil {
			t.Fatal(err)
		}
	}
	serve(t, s)
	for _, topic := range []string{"first", "second"} {
		p := publishers[topic]
		eventually(t, "a subscription on "+topic, func() bool { return p.Subscribers() > 0 })
		if err := p.Send(&msg.String{Data: topic}); err != nil {
			t.Fatal(err)
		}
	}
	if m := <-news; !strings.Contains(string(m.Data), "second") {
		t.Errorf("received %q", m.Data)
	}
}

func TestTopicsAreResolvedAsRosDoes(t *testing.T) {
	s := open(t, "-r", "__ns:=/car", "-r", "left:=/front/image", "-r", "other:right:=middle")
	n := newNode(t, s, "eyes", "")
	for given, want := range map[string]string{
		"image": "/car/image", "/image": "/image", "left": "/front/image", "right": "/car/right", "~/debug": "/car/eyes/debug",
	} {
		if got, err := n.ResolveTopic(given); got != want || err != nil {
			t.Errorf("%s is %s, and must be %s; error %v", given, got, want, err)
		}
	}
	if got, err := n.ResolveTopic("front camera"); err == nil || !strings.Contains(err.Error(), "front camera") {
		t.Errorf("%s, error %v", got, err)
	}
}

func TestABadDomainIsAnError(t *testing.T) {
	t.Setenv("ROS_DOMAIN_ID", "mars")
	s, _, err := Open(nil)
	if err == nil {
		t.Fatal("opened", s.Close())
	}
	if !strings.Contains(err.Error(), "starting ROS 2") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v", err)
	}
	open(t) // and it can be mended
}

func TestNamesMayBeRemapped(t *testing.T) {
	file := paramsFile(t, "/car/renamed:\n  ros__parameters: {a: 1}\n/car/first:\n  ros__parameters: {a: 2}\n")
	s := open(t, "-r", "__ns:=/car", "-r", "first:__node:=renamed", "--params-file", file)
	first, second := newNode(t, s, "first", ""), newNode(t, s, "second", "")
	if first.FullName() != "/car/renamed" || second.FullName() != "/car/second" {
		t.Errorf("%s and %s", first.FullName(), second.FullName())
	}
	if got := first.Params().Int("a", "", 0, 0, 9); got != 1 {
		t.Errorf("a is %d: parameters go by the remapped name", got)
	}
	if newNode(t, s, "third", "inner").FullName() != "/car"+"/third" { // __ns replaces what the code says
		t.Error("the namespace of a node that names one was not replaced")
	}
}

func TestBadNamesAreErrors(t *testing.T) {
	s := open(t)
	if _, err := s.NewNode("no-dashes", ""); err == nil || !strings.Contains(err.Error(), "no-dashes") {
		t.Errorf("node: error %v", err)
	}
	n := newNode(t, s, "fine", "")
	for _, topic := range []string{"", "1st", "a//b", "a b"} {
		if _, err := n.Publish(topic, "std_msgs/msg/String", Results()); err == nil {
			t.Errorf("publisher on %q", topic)
		}
		if _, err := n.Subscribe(topic, "std_msgs/msg/String", Results(), func(Message) {}); err == nil {
			t.Errorf("subscription on %q", topic)
		}
	}
	for _, typeName := range []string{"", "String", "std_msgs/String", "std_msgs/srv/String", "std_msgs/msg/Nothing", "nothing/msg/String"} {
		if _, err := n.Publish("topic", typeName, Results()); err == nil || !strings.Contains(err.Error(), "topic") {
			t.Errorf("publisher of type %q: error %v", typeName, err)
		}
	}
}
