package ros

import (
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"rtmdl/internal/ros/msg"
)

// ClockTopic is where nodes with use_sim_time read what time it is.
const ClockTopic = "/clock"

// clock is the time of the topic /clock, for those nodes of a session that have use_sim_time.
type clock struct {
	mu      sync.Mutex // guards all below
	read    bool       // it is subscribed to
	now     int64      // ns; 0: none has come
	tickers map[*Ticker]bool
}

// Now returns ROS time: that of the system, or with use_sim_time that of the topic /clock, which is 0 until one has come.
func (n *Node) Now() msg.Time {
	if !n.simTime.Load() {
		return msg.TimeFromNanos(time.Now().UnixNano())
	}
	c := &n.session.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	return msg.TimeFromNanos(c.now)
}

// declareSimTime declares use_sim_time, which every node has.
func (n *Node) declareSimTime() error {
	const name = "use_sim_time"
	use := n.params.Bool(name, "ROS time is that of the topic /clock; deadlines stay on the monotonic clock", false)
	Live(n.params, name, n.useSimTime)
	return n.useSimTime(use)
}

func (n *Node) useSimTime(use bool) error {
	c := &n.session.clock
	c.mu.Lock()
	subscribe := use && !c.read
	c.read = c.read || use
	c.mu.Unlock()
	if subscribe {
		if _, err := n.Subscribe(ClockTopic, msg.TypeClock, QoS{Depth: 1}, n.heard); err != nil {
			return fmt.Errorf("use_sim_time: %w", err)
		}
	}
	n.simTime.Store(use)
	c.mu.Lock()
	defer c.mu.Unlock()
	for t := range c.tickers {
		t.begin(c.now)
	}
	return nil
}

// heard takes a message of /clock.
func (n *Node) heard(m Message) {
	var told msg.Clock
	if err := told.UnmarshalCDR(m.Data); err != nil {
		n.log.Warn("a message of /clock can't be read", zap.Error(err))
		return
	}
	now := told.Clock.Nanos()
	c := &n.session.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	last := c.now
	c.now = now
	if now < last {
		n.log.Warn("time has jumped back", zap.Duration("by", time.Duration(last-now)), zap.String("remedy", "nothing, where a bag is played in a loop"))
		for t := range c.tickers {
			t.begin(now)
		}
		return
	}
	for t := range c.tickers {
		t.passed(now)
	}
}

// Ticker ticks in ROS time: with use_sim_time it stands still while /clock does, and begins anew where that jumps back.
type Ticker struct {
	C      <-chan struct{} // of capacity 1: ticks that nobody takes are dropped
	ticks  chan struct{}
	node   *Node
	period time.Duration
	wall   *time.Timer // of the next tick without use_sim_time
	next   int64       // ns of /clock, of the next tick with it
}

// NewTicker makes a ticker, period > 0. Whoever made it stops it.
func (n *Node) NewTicker(period time.Duration) *Ticker {
	t := &Ticker{ticks: make(chan struct{}, 1), node: n, period: period}
	t.C = t.ticks
	c := &n.session.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tickers == nil {
		c.tickers = map[*Ticker]bool{}
	}
	c.tickers[t] = true
	t.wall = time.AfterFunc(period, t.wallPassed)
	t.begin(c.now)
	return t
}

// Stop ends the ticks.
func (t *Ticker) Stop() {
	c := &t.node.session.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.tickers, t)
	t.wall.Stop()
}

// begin counts from now on, on the clock that the node has. The caller holds the clock's mu.
func (t *Ticker) begin(now int64) {
	if t.node.simTime.Load() {
		t.wall.Stop()
		t.next = now + t.period.Nanoseconds()
	} else {
		t.wall.Reset(t.period)
	}
}

// passed ticks if it is time to by /clock. The caller holds the clock's mu.
func (t *Ticker) passed(now int64) {
	if !t.node.simTime.Load() || now < t.next {
		return
	}
	t.next += t.period.Nanoseconds()
	if t.next <= now { // time has jumped ahead: what was missed is not made up for
		t.next = now + t.period.Nanoseconds()
	}
	t.tick()
}

func (t *Ticker) wallPassed() {
	c := &t.node.session.clock
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tickers[t] && !t.node.simTime.Load() {
		t.tick()
		t.wall.Reset(t.period)
	}
}

func (t *Ticker) tick() {
	select {
	case t.ticks <- struct{}{}:
	default:
	}
}
