package node

import (
	"fmt"
	"strconv"
	"sync"
	"time"

	"go.uber.org/zap"

	"rtmdl/internal/monotonic"
	"rtmdl/internal/ros"
	"rtmdl/internal/ros/msg"
)

// Health tells on /diagnostics once a second how the parts of a node are, and logs what keeps it from working. It goes by the
// machine's own time, and asks nothing that could hang with the node's work: a node that is stuck still reports.
type Health struct {
	node    Reporter
	out     sender
	parts   []Part
	said    map[string]int64 // what was logged, and when
	running sync.WaitGroup
	closing sync.Once
	closed  chan struct{}
}

// Part is a part of a node that can be ill.
type Part interface {
	// Check returns how the part is at an instant of the monotonic clock. It is called once a second, by one goroutine.
	Check(now int64) Finding
}

// Finding is what was found of a part.
type Finding struct {
	Name    string // within the node
	Level   msg.DiagnosticLevel
	Message string
	Remedy  string // what to do about it; "": nobody knows, or nothing is wrong. What has one is logged.
	Values  []msg.KeyValue
}

// Reporter is the node that reports, as a ros.Node does.
type Reporter interface {
	Logger
	Now() msg.Time
	FullName() string
	Mismatches() []string
	Namesakes() int
}

const (
	reportEvery = time.Second
	sayAgain    = 30 * time.Second // what goes on is logged again after so long
)

// NewHealth reports until Close. The hardware is what the diagnostics name as hardware_id.
func NewHealth(node *ros.Node, hardware string, parts ...Part) (*Health, error) {
	out, err := node.Publish("/diagnostics", msg.TypeDiagnosticArray, ros.Results())
	if err != nil {
		return nil, err
	}
	h := newHealth(node, out, parts...)
	h.running.Go(func() {
		ticker := time.NewTicker(reportEvery)
		defer ticker.Stop()
		for {
			select {
			case <-h.closed:
				return
			case <-ticker.C:
				h.report(monotonic.Now(), hardware)
			}
		}
	})
	return h, nil
}

func newHealth(node Reporter, out sender, parts ...Part) *Health {
	return &Health{node: node, out: out, parts: parts, said: map[string]int64{}, closed: make(chan struct{})}
}

func (h *Health) report(now int64, hardware string) {
	m := &msg.DiagnosticArray{Header: msg.Header{Stamp: h.node.Now()}}
	for _, f := range h.findings(now) {
		if f.Remedy != "" {
			h.say(now, f.Message, zap.String("part", f.Name), zap.String("remedy", f.Remedy))
		}
		m.Status = append(m.Status, msg.DiagnosticStatus{
			Level: f.Level, Name: h.node.FullName()[1:] + ": " + f.Name, Message: f.Message, HardwareID: hardware, Values: f.Values,
		})
	}
	for _, text := range h.node.Mismatches() {
		h.say(now, text, zap.String("remedy", "give the subscription the quality of service that is offered"))
	}
	if err := h.out.Send(m); err != nil {
		h.say(now, "the diagnostics were not published: "+err.Error())
	}
}

// findings are those of the parts, and that another node has the name.
func (h *Health) findings(now int64) (all []Finding) {
	for _, p := range h.parts {
		all = append(all, p.Check(now))
	}
	if n := h.node.Namesakes(); n > 0 {
		all = append(all, Finding{
			Name: "name", Level: msg.DiagnosticWarn, Values: []msg.KeyValue{value("others", n)},
			Message: fmt.Sprintf("another node is called %s: what either publishes looks like one's, and parameters reach just one", h.node.FullName()),
			Remedy:  "give each suite a namespace of its own (namespace:=car2); one that was killed is seen for 20 s more",
		})
	}
	return all
}

// say logs a warning, unless it did so a short time ago.
func (h *Health) say(now int64, text string, fields ...zap.Field) {
	if last, ok := h.said[text]; ok && now-last < sayAgain.Nanoseconds() {
		return
	}
	h.said[text] = now
	h.node.Log().Warn(text, fields...)
	for text, at := range h.said { // texts with numbers in them do not stay for ever
		if now-at >= sayAgain.Nanoseconds() {
			delete(h.said, text)
		}
	}
}

// Close ends the reports. It may be called twice.
func (h *Health) Close() {
	h.closing.Do(func() { close(h.closed) })
	h.running.Wait()
}

// milliseconds formats a time for people.
func milliseconds(ns int64) string { return strconv.FormatFloat(float64(ns)/1e6, 'f', 2, 64) }

func value(key string, v any) msg.KeyValue { return msg.KeyValue{Key: key, Value: fmt.Sprint(v)} }
