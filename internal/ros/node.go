package ros

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tiiuae/rclgo/pkg/rclgo"
	"github.com/tiiuae/rclgo/pkg/rclgo/types"
	"go.uber.org/zap"
)

// Node is a ROS node. Its methods are safe for concurrent use; it ends with its session.
type Node struct {
	session *Session
	node    *rclgo.Node
	log     *zap.Logger
	params  *Params
	events  *Publisher  // of parameters
	simTime atomic.Bool // use_sim_time

	publishers []*Publisher // guarded by the session's making
}

// NewNode makes a node, with the services that every ROS node has. Name and namespace may be remapped by the arguments (__node,
// __ns). Its parameters are to be declared before Run.
func (s *Session) NewNode(name, namespace string) (*Node, error) {
	n, err := s.newNode(name, namespace)
	if err == nil {
		err = errors.Join(n.declareSimTime(), n.serveParameters())
	}
	if err != nil {
		return nil, fmt.Errorf("node %s: %w", name, err)
	}
	return n, nil
}

func (s *Session) newNode(name, namespace string) (*Node, error) {
	s.making.Lock()
	defer s.making.Unlock()
	if len(s.nodes) == 0 { // with the first node the participant is made
		defer avoidDeadPorts()()
	}
	node, err := s.context.NewNode(name, namespace)
	if err != nil {
		return nil, errors.New(firstLine(err))
	}
	if err := openRosout(node); err != nil {
		return nil, errors.Join(err, node.Close())
	}
	full := node.FullyQualifiedName()
	n := &Node{
		session: s, node: node, log: zap.New(newLogCore(node.Logger())), params: newParams(full, s.overrides.forNode(full)),
	}
	s.nodes = append(s.nodes, n)
	return n, nil
}

// FullName returns the name with its namespace, such as /car/scheduler.
func (n *Node) FullName() string { return n.node.FullyQualifiedName() }

// Log returns the node's logger, which writes to the console, to ROS's log file and to /rosout.
func (n *Node) Log() *zap.Logger { return n.log }

// Params returns the node's parameters.
func (n *Node) Params() *Params { return n.params }

// Namesakes returns how many other nodes have the node's name and namespace. One whose process was killed is among them until
// the middleware misses it, for 20 s.
func (n *Node) Namesakes() int {
	names, namespaces, err := n.node.GetNodeNames()
	if err != nil {
		return 0
	}
	same := -1 // itself
	for i := range names {
		if strings.TrimSuffix(namespaces[i], "/")+"/"+names[i] == n.FullName() {
			same++
		}
	}
	return max(0, same)
}

// TopicTypes returns the topics that the node sees, by full name, with their types.
func (n *Node) TopicTypes() (map[string][]string, error) {
	return n.node.GetTopicNamesAndTypes(true)
}

var typeSupports struct { // libraries stay loaded: publishers and subscriptions point into them
	sync.Mutex
	loaded map[string]types.MessageTypeSupport
}

// typeSupport loads what the middleware must know about a type such as "sensor_msgs/msg/Image".
func typeSupport(typeName string) (types.MessageTypeSupport, error) {
	typeSupports.Lock()
	defer typeSupports.Unlock()
	if ts := typeSupports.loaded[typeName]; ts != nil {
		return ts, nil
	}
	parts := strings.Split(typeName, "/")
	if len(parts) != 3 || parts[1] != "msg" {
		return nil, fmt.Errorf("'%s' is no message type (package/msg/Name)", typeName)
	}
	ts, err := rclgo.LoadDynamicMessageTypeSupport(parts[0], parts[2])
	if err != nil {
		return nil, fmt.Errorf("type %s is not installed here: %w", typeName, err)
	}
	if typeSupports.loaded == nil {
		typeSupports.loaded = map[string]types.MessageTypeSupport{}
	}
	typeSupports.loaded[typeName] = ts
	return ts, nil
}
