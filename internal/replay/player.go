// Package replay plays bags on real topics.
package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"rtmdl/internal/bag"
	"rtmdl/internal/monotonic"
	"rtmdl/internal/ros"
	"rtmdl/internal/ros/msg"
)

// ErrNothing is returned for a bag in which none of the wanted topics has messages.
var ErrNothing = errors.New("nothing to play")

// Options say how a bag is played. The zero value plays it once at its own speed, without waiting.
type Options struct {
	Topics []string // topics to play, by full name; none: all
	Rate   float64  // speed, > 0; 0: 1
	Loop   bool     // begin again at the end, until the context ends
	// Start is where in the bag playing begins, >= 0; Duration is how much of the bag is played from there, without what is
	// recorded at its very end; 0: all that is left. Both are times of the bag, whatever the rate. To count the messages of a
	// part, it is read once more before it is played.
	Start, Duration time.Duration
	// Clock is how often a second the bag's time is published on /clock, in Hz; 0: never. A topic /clock of the bag itself
	// is left out then. Every pass begins with its first time and ends with its last.
	Clock float64
	// Subscribers is how many subscriptions each topic waits for before the first message, for Wait at most.
	Subscribers int
	Wait        time.Duration
	// Settle is the time that subscribers are given after they were seen, since they may not have seen the publisher
	// yet: what is sent before they have is lost to those that read by best effort. The middleware finds that out by
	// itself, at the latest with its next announcement, up to 3 s later on a busy machine.
	Settle time.Duration
	// Restamp gives messages that begin with a header the current time as their stamp, as a camera would.
	Restamp bool
	// Progress is told how much was played, at most ten times a second and at the end. nil: nobody.
	Progress func(Progress)
	// Warn is told what a user should know. nil: nobody.
	Warn func(string)
}

// Progress says how far a player is in the part that it plays.
type Progress struct {
	Played, Total uint64 // messages, in this pass
	Pass          int    // from 1
	Left          time.Duration
}

// DefaultSettle is enough on a machine that is not overloaded.
const DefaultSettle = 500 * time.Millisecond

// Play plays a bag, or a part of it, through a node until its end or until ctx ends, which is no error. Messages leave at the
// times at which they were recorded, relative to the beginning. The error wraps ErrNothing where the part has no messages.
func Play(ctx context.Context, node *ros.Node, r *bag.Reader, o Options) error {
	p := &player{options: o, bag: r, publishers: map[string]*publisher{}}
	if p.options.Rate == 0 {
		p.options.Rate = 1
	}
	if p.options.Warn == nil {
		p.options.Warn = func(string) {}
	}
	first, last := r.Span()
	var err error
	if p.part, err = choose(first, last, o); err != nil {
		return err
	}
	if err := p.open(ctx, node); ctx.Err() != nil {
		return nil
	} else if err != nil {
		return err
	}
	if !p.waitForSubscribers(ctx) {
		return nil
	}
	for pass := 1; ; pass++ {
		if err := p.play(ctx, pass); ctx.Err() != nil {
			return nil
		} else if err != nil {
			return err
		}
		if !o.Loop {
			monotonic.Sleep(ctx, DefaultSettle) // reliable readers may still ask for what they missed
			return nil
		}
	}
}

type player struct {
	options    Options
	bag        *bag.Reader
	part       part
	publishers map[string]*publisher
	clock      *ros.Publisher // nil: none
	total      uint64         // messages of the part
}

type publisher struct {
	*ros.Publisher
	topic   *bag.Topic
	stamped bool // messages begin with a header
}

func (p *player) open(ctx context.Context, node *ros.Node) error {
	var unknown []string
	for _, name := range p.options.Topics {
		if !slices.ContainsFunc(p.bag.Topics(), func(t *bag.Topic) bool { return t.Name == name }) {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		return fmt.Errorf("%w: the bag has no topic %s; it has %s", ErrNothing, strings.Join(unknown, ", "), strings.Join(names(p.bag.Topics()), ", "))
	}
	if p.options.Clock > 0 { // the first, so that it is known to those who see the others
		var err error
		if p.clock, err = node.Publish(ros.ClockTopic, msg.TypeClock, ros.Results()); err != nil {
			return err
		}
	}
	for _, t := range p.bag.Topics() {
		if t.Count == 0 || len(p.options.Topics) > 0 && !slices.Contains(p.options.Topics, t.Name) {
			continue
		}
		if t.Name == ros.ClockTopic && p.options.Clock > 0 {
			p.options.Warn("the bag's own /clock is left out, since its time is published there (--clock)")
			continue
		}
		if t.Encoding != "cdr" {
			return fmt.Errorf("topic %s is encoded as '%s', not as ROS 2 messages (cdr)", t.Name, t.Encoding)
		}
		pub, err := node.Publish(t.Name, t.Type, offered(t.QoS))
		if err != nil {
			return fmt.Errorf("%w (--topics chooses what is played)", err)
		}
		p.publishers[t.Name] = &publisher{pub, t, beginsWithHeader(t.Schema)}
		p.total += t.Count
	}
	if p.total == 0 {
		return fmt.Errorf("%w: no messages", ErrNothing)
	}
	if p.options.Start > 0 || p.options.Duration > 0 {
		return p.count(ctx)
	}
	return nil
}

// count finds out how many messages the part has, which only reading it tells.
func (p *player) count(ctx context.Context) error {
	p.total = 0
	for m, err := range p.bag.Messages(ctx, p.part.Query) {
		if err == nil && p.publishers[m.Topic.Name] != nil { // playing warns of what is damaged
			p.total++
		}
	}
	if p.total == 0 {
		return fmt.Errorf("%w: no messages from %v to %v of the bag", ErrNothing, p.sinceBegin(p.part.From), p.sinceBegin(p.part.end))
	}
	return nil
}

// sinceBegin returns where in the bag a log time is.
func (p *player) sinceBegin(logTime int64) time.Duration {
	first, _ := p.bag.Span()
	return time.Duration(logTime - first)
}

// tell publishes a log time as the time that it is.
func (p *player) tell(logTime int64) error {
	return p.clock.Send(&msg.Clock{Clock: msg.TimeFromNanos(logTime)})
}

// waitForSubscribers returns false when ctx ended.
func (p *player) waitForSubscribers(ctx context.Context) bool {
	if p.options.Wait <= 0 || p.options.Subscribers <= 0 {
		return ctx.Err() == nil
	}
	end := time.Now().Add(p.options.Wait)
	for {
		var lacking []string
		for name, pub := range p.publishers {
			if pub.Subscribers() < p.options.Subscribers {
				lacking = append(lacking, name)
			}
		}
		if len(lacking) == 0 {
			return monotonic.Sleep(ctx, p.options.Settle)
		}
		if time.Now().After(end) {
			slices.Sort(lacking)
			p.options.Warn(fmt.Sprintf("after %v fewer than %d subscribers on %s; playing all the same",
				p.options.Wait, p.options.Subscribers, strings.Join(lacking, ", ")))
			return monotonic.Sleep(ctx, p.options.Settle)
		}
		if !monotonic.Sleep(ctx, 20*time.Millisecond) {
			return false
		}
	}
}

func (p *player) play(ctx context.Context, pass int) error {
	pace := newPace(p.part.From, p.options.Rate, p.options.Clock, p.tell)
	told, end := time.Time{}, p.part.To
	var played uint64
	report := func(left int64) { // log time
		if p.options.Progress != nil {
			left := time.Duration(float64(left) / p.options.Rate)
			p.options.Progress(Progress{Played: played, Total: p.total, Pass: pass, Left: left})
		}
	}
	for m, err := range p.bag.Messages(ctx, p.part.Query) {
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			p.options.Warn(err.Error()) // a damaged part: what is intact behind it is played
			continue
		}
		pub := p.publishers[m.Topic.Name]
		if pub == nil {
			continue
		}
		if err := pace.until(ctx, m.LogTime); err != nil {
			return err
		}
		data := m.Data
		if p.options.Restamp && pub.stamped {
			data = restamp(data, time.Now())
		}
		if err := pub.SendSerialized(data); err != nil {
			return err
		}
		played++
		if now := time.Now(); now.Sub(told) > 100*time.Millisecond {
			told = now
			report(p.part.end - m.LogTime)
		}
		if p.part.To == 0 {
			end = m.LogTime
		}
	}
	if played < p.total && ctx.Err() == nil { // damage that leaves no trace but this
		p.options.Warn(fmt.Sprintf("the bag is damaged: %d of its %d messages could be read", played, p.total))
	}
	if err := pace.finish(ctx, max(end, p.part.From)); err != nil {
		return err
	}
	report(0)
	return nil
}

func names(topics []*bag.Topic) []string {
	out := make([]string, len(topics))
	for i, t := range topics {
		out[i] = t.Name
	}
	return out
}
