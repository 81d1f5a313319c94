package ros

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"go.uber.org/zap"

	"rtmdl/internal/ros/msg"
)

// ErrTransition is returned for a transition that the node's state does not allow.
var ErrTransition = errors.New("transition")

// The states of a managed node, with the numbers of lifecycle_msgs/State.
var (
	Unconfigured = msg.State{ID: 1, Label: "unconfigured"}
	Inactive     = msg.State{ID: 2, Label: "inactive"}
	Active       = msg.State{ID: 3, Label: "active"}
	Finalized    = msg.State{ID: 4, Label: "finalized"}
)

// transitions are those that can be asked for, with the numbers of lifecycle_msgs/Transition.
var transitions = []msg.TransitionDescription{
	{Transition: msg.Transition{ID: 1, Label: "configure"}, Start: Unconfigured, Goal: Inactive},
	{Transition: msg.Transition{ID: 2, Label: "cleanup"}, Start: Inactive, Goal: Unconfigured},
	{Transition: msg.Transition{ID: 3, Label: "activate"}, Start: Inactive, Goal: Active},
	{Transition: msg.Transition{ID: 4, Label: "deactivate"}, Start: Active, Goal: Inactive},
	{Transition: msg.Transition{ID: 5, Label: "shutdown"}, Start: Unconfigured, Goal: Finalized},
	{Transition: msg.Transition{ID: 6, Label: "shutdown"}, Start: Inactive, Goal: Finalized},
	{Transition: msg.Transition{ID: 7, Label: "shutdown"}, Start: Active, Goal: Finalized},
}

// Managed is what a node does when its state changes. Where Configure or Activate fails, the state stays.
type Managed interface {
	Configure() error
	Activate() error
	Deactivate()
	Cleanup()
}

// Lifecycle is the state of a managed node, which others may change by services (design.ros2.org, "Managed nodes"). Its
// methods are safe for concurrent use.
type Lifecycle struct {
	node    *Node
	managed Managed
	events  *Publisher
	calls   sync.WaitGroup // transitions that were asked for
	mu      sync.Mutex     // held through a transition; guards closed
	closed  bool
	looking sync.Mutex // guards state, which may be asked for during a transition
	state   msg.State
}

// Manage offers the services of a managed node. Its state is Unconfigured; Start makes it Active.
func (n *Node) Manage(m Managed) (l *Lifecycle, err error) {
	l = &Lifecycle{node: n, managed: m, state: Unconfigured}
	if l.events, err = n.Publish("~/transition_event", msg.TypeTransitionEvent, Results()); err != nil {
		return nil, err
	}
	return l, errors.Join(
		n.Serve("~/get_state", msg.ServiceGetState, func(c *Call) { c.Respond(l.State()) }),
		n.Serve("~/get_available_states", msg.ServiceGetAvailableStates, func(c *Call) {
			c.Respond(msg.States{Unconfigured, Inactive, Active, Finalized})
		}),
		n.Serve("~/get_available_transitions", msg.ServiceGetAvailableTransitions, func(c *Call) { c.Respond(l.available()) }),
		n.Serve("~/get_transition_graph", msg.ServiceGetAvailableTransitions, func(c *Call) {
			c.Respond(msg.TransitionDescriptions(transitions))
		}),
		ServeRequest(n, "~/change_state", msg.ServiceChangeState, l.changeState),
	)
}

// changeState runs a transition on a goroutine of its own: to configure may take seconds.
func (l *Lifecycle) changeState(c *Call, wanted msg.Transition) {
	l.calls.Go(func() {
		err := l.Change(wanted)
		if err != nil {
			l.node.log.Error("the state was not changed", zap.Error(err))
		}
		c.Respond(msg.Success(err == nil))
	})
}

// State returns the present state.
func (l *Lifecycle) State() msg.State {
	l.looking.Lock()
	defer l.looking.Unlock()
	return l.state
}

func (l *Lifecycle) available() msg.TransitionDescriptions {
	state := l.State()
	return slices.DeleteFunc(slices.Clone(transitions), func(t msg.TransitionDescription) bool { return t.Start != state })
}

// Start configures and activates the node; with auto false it only says that the node waits for others to do so.
func (l *Lifecycle) Start(auto bool) error {
	if !auto {
		l.node.log.Warn("waiting to be configured and activated, since autostart is false",
			zap.String("by", "ros2 lifecycle set "+l.node.FullName()+" configure, then activate"))
		return nil
	}
	for _, label := range []string{"configure", "activate"} {
		if err := l.Change(msg.Transition{Label: label}); err != nil {
			return errors.Unwrap(err) // who starts it knows that it was to be configured
		}
	}
	return nil
}

// Change makes a transition, which is named by its label or, where that is empty, by its number. The error wraps
// ErrTransition, or is that of Configure or Activate.
func (l *Lifecycle) Change(wanted msg.Transition) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	possible := l.available()
	i := slices.IndexFunc(possible, func(t msg.TransitionDescription) bool {
		return wanted.Label == t.Transition.Label || wanted.Label == "" && wanted.ID == t.Transition.ID
	})
	if i < 0 || l.closed {
		return fmt.Errorf("%w '%s' (%d): the node is %s", ErrTransition, wanted.Label, wanted.ID, l.State().Label)
	}
	t := possible[i]
	if err := l.run(t); err != nil {
		return fmt.Errorf("%s: %w", t.Transition.Label, err)
	}
	l.looking.Lock()
	l.state = t.Goal
	l.looking.Unlock()
	event := &msg.TransitionEvent{Timestamp: uint64(l.node.Now().Nanos()), Transition: t.Transition, Start: t.Start, Goal: t.Goal}
	if err := l.events.Send(event); err != nil {
		l.node.log.Error("a transition was not told", zap.Error(err))
	}
	l.node.log.Debug("state changed", zap.String("to", t.Goal.Label))
	return nil
}

func (l *Lifecycle) run(t msg.TransitionDescription) error {
	switch t.Goal {
	case Inactive:
		if t.Start == Unconfigured {
			return l.managed.Configure()
		}
		l.managed.Deactivate()
	case Active:
		return l.managed.Activate()
	default:
		if t.Start == Active {
			l.managed.Deactivate()
		}
		if t.Start != Unconfigured {
			l.managed.Cleanup()
		}
	}
	return nil
}

// Close waits for transitions under way and refuses others; the state stays. It may be called twice.
func (l *Lifecycle) Close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.calls.Wait()
}
