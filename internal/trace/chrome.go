package trace

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	"rtmdl/internal/ros/msg"
	"rtmdl/scheduler/core"
)

// event is one of Chrome's trace event format. Times are in microseconds.
type event struct {
	Name  string         `json:"name"`
	Cat   string         `json:"cat,omitempty"`
	Phase string         `json:"ph"`
	Ts    float64        `json:"ts"`
	Dur   *float64       `json:"dur,omitempty"` // of a complete event
	PID   int            `json:"pid"`
	TID   int            `json:"tid"`
	ID    string         `json:"id,omitempty"` // of what belongs together
	Bind  string         `json:"bp,omitempty"` // of a flow's end: e, to the slice around it
	Scope string         `json:"s,omitempty"`  // of an instant: t, its thread
	Args  map[string]any `json:"args,omitempty"`
}

// Processes of the trace. Each lane is a thread of the first, each task one of the second.
const (
	unitsPID = 1
	tasksPID = 2
)

// WriteChrome writes the trace as Chrome's JSON, which ui.perfetto.dev and chrome://tracing show. Units and tasks are two
// processes. A stage is a slice in its unit's thread, with arrows to the next stage of its job; a job is an asynchronous
// slice from receipt to end; deadlines and misses are instants in the thread of their task. Times count from the first
// receipt.
func (t *Trace) WriteChrome(w io.Writer) error {
	buffer := bufio.NewWriter(w) // keeps the first error for Flush
	c := chrome{buffer, json.NewEncoder(buffer), t.Start}
	buffer.WriteString(`{"displayTimeUnit":"ms","traceEvents":[` + "\n")
	c.encoder.Encode(metadata(unitsPID, 0, "process_name", "units"))
	c.meta(tasksPID, 0, "process_name", "tasks")
	for i, name := range t.Tasks {
		c.meta(tasksPID, i+1, "thread_name", name+": deadlines")
	}
	for i, lane := range t.Lanes {
		c.meta(unitsPID, i+1, "thread_name", lane.Name)
		c.write(event{Name: "thread_sort_index", Phase: "M", PID: unitsPID, TID: i + 1, Args: map[string]any{"sort_index": i}})
	}
	for i, lane := range t.Lanes {
		for _, s := range lane.Spans {
			c.span(i+1, s, t)
		}
	}
	for i, j := range t.Jobs {
		c.job(i, j, t.Tasks[j.Task])
	}
	buffer.WriteString("]}\n")
	return buffer.Flush()
}

type chrome struct {
	*bufio.Writer
	encoder *json.Encoder
	start   int64
}

// write writes an event that is not the first.
func (c *chrome) write(e event) {
	c.WriteByte(',')
	c.encoder.Encode(e)
}

func (c *chrome) meta(pid, tid int, what, name string) { c.write(metadata(pid, tid, what, name)) }

func metadata(pid, tid int, what, name string) event {
	return event{Name: what, Phase: "M", PID: pid, TID: tid, Args: map[string]any{"name": name}}
}

// at returns an instant of the trace in its microseconds.
func (c *chrome) at(ns int64) float64 { return float64(ns-c.start) / 1e3 }

// flows are the phases of the arrows from stage to stage.
var flows = [...]string{core.Pre: "s", core.Infer: "t", core.Post: "f"}

func (c *chrome) span(thread int, s Span, t *Trace) {
	j := t.Jobs[s.Job]
	dur := float64(s.To-s.From) / 1e3
	args := map[string]any{"job": j.Job, "outcome": j.Outcome.String(), "missed": j.Missed}
	if s.Stage == core.Infer {
		args["variant"], args["device"] = j.Variant, j.Device
		if j.PackedWith != "" {
			args["packed_with"] = j.PackedWith
		}
	}
	name := t.Tasks[j.Task] + " " + s.Stage.String()
	c.write(event{Name: name, Cat: "stage", Phase: "X", Ts: c.at(s.From), Dur: &dur, PID: unitsPID, TID: thread, Args: args})
	flow := event{Name: "job", Cat: "job", Phase: flows[s.Stage], Ts: c.at(s.From), PID: unitsPID, TID: thread, ID: flowID(s.Job)}
	if s.Stage == core.Post {
		flow.Bind = "e"
	}
	if s.Stage != core.Pre || j.InferEndedNs > 0 { // no arrow leads to nowhere
		c.write(flow)
	}
}

func (c *chrome) job(i int, j Job, task string) {
	args := map[string]any{
		"job": j.Job, "outcome": j.Outcome.String(), "missed": j.Missed, "variant": j.Variant,
		"deadline_ms": float64(j.DeadlineNs-j.ReceivedNs) / 1e6, "blocked_ms": float64(j.BlockedNs) / 1e6,
		"stamp": fmt.Sprintf("%d.%09d", j.Header.Stamp.Sec, j.Header.Stamp.Nanosec),
	}
	if j.Reason != "" {
		args["reason"] = j.Reason
	}
	thread := j.Task + 1
	e := event{Name: task, Cat: "frame", Phase: "b", Ts: c.at(j.ReceivedNs), PID: tasksPID, TID: thread, ID: flowID(i), Args: args}
	c.write(e)
	e.Phase, e.Ts, e.Args = "e", c.at(j.End()), nil
	c.write(e)
	instant := func(name string, at int64) {
		c.write(event{Name: name, Cat: "deadline", Phase: "i", Ts: c.at(at), PID: tasksPID, TID: thread, Scope: "t",
			Args: map[string]any{"job": j.Job}})
	}
	if j.DeadlineNs >= j.ReceivedNs {
		instant("deadline", j.DeadlineNs)
	}
	if j.Missed {
		what := "late"
		if j.Outcome != msg.OutcomePublished {
			what = j.Outcome.String()
		}
		instant("missed: "+what, j.End())
	}
}

func flowID(job int) string { return fmt.Sprintf("0x%x", job+1) }
