package ros

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "ros-test-") // for ROS's log files
	if err != nil {
		panic(err)
	}
	if err := os.Setenv("ROS_HOME", dir); err != nil {
		panic(err)
	}
	code := m.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// open joins ROS 2 in a domain of this process's own, until the test ends.
func open(t *testing.T, rosArgs ...string) *Session {
	t.Helper()
	t.Setenv("ROS_DOMAIN_ID", fmt.Sprint(1+os.Getpid()%100))
	s, rest, err := Open(append([]string{"--ros-args"}, rosArgs...))
	if err != nil {
		t.Fatal(err)
	}
	if len(rest) > 0 {
		t.Errorf("%q is left", rest)
	}
	t.Cleanup(func() {
		for range 2 {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	return s
}

func newNode(t *testing.T, s *Session, name, namespace string) *Node {
	t.Helper()
	n, err := s.NewNode(name, namespace)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// serve calls the session's handlers until the test ends. The subscriptions must have been made before.
func serve(t *testing.T, s *Session) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
	})
}

// collect subscribes a node to a topic; the messages come out of the channel.
func collect(t *testing.T, n *Node, topic, typeName string, qos QoS) (*Subscription, <-chan Message) {
	t.Helper()
	messages := make(chan Message, 1024)
	sub, err := n.Subscribe(topic, typeName, qos, func(m Message) { messages <- m })
	if err != nil {
		t.Fatal(err)
	}
	return sub, messages
}

// eventually waits until a condition holds. The limit is for a machine that hangs, not a measurement.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s did not come about", what)
		}
	}
}

// next waits for a message.
func next(t *testing.T, messages <-chan Message) Message {
	t.Helper()
	select {
	case m := <-messages:
		return m
	case <-time.After(time.Minute):
		t.Fatal("no message came")
		return Message{}
	}
}
