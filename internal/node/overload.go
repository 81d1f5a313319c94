package node

import (
	"go.uber.org/zap"

	"rtmdl/internal/ros/msg"
)

// overload warns of tasks that can't keep up: one that misses more than half of its deadlines over the last
// periods. It warns once, and again only after the task had recovered.
type overload struct {
	log   *zap.Logger
	tasks map[string]*misses
}

// overloadPeriods is how many statuses it looks back: 5 s.
const overloadPeriods = 5

// misses are the totals of a task as the last statuses told them, the oldest first.
type misses struct {
	received, missed []uint64
	warned           bool
}

// look takes the next status.
func (o *overload) look(s msg.SchedulerStatus) {
	if o.tasks == nil {
		o.tasks = map[string]*misses{}
	}
	for _, t := range s.Tasks {
		m := o.tasks[t.Name]
		if m == nil {
			m = &misses{}
			o.tasks[t.Name] = m
		}
		m.received, m.missed = append(m.received, t.Received), append(m.missed, t.Missed)
		if len(m.received) <= overloadPeriods {
			continue
		}
		received, missed := t.Received-m.received[0], t.Missed-m.missed[0]
		m.received, m.missed = m.received[1:], m.missed[1:]
		late := received >= overloadPeriods && 2*missed > received
		if late && !m.warned {
			o.log.Warn("more than half of the deadlines are missed", zap.String("task", t.Name),
				zap.Uint64("missed", missed), zap.Uint64("received", received), zap.Float64("rate_hz", t.RateHz),
				zap.Float64("deadline_ms", t.DeadlineMs), zap.Float64("pre_ms", t.PreMs), zap.Float64("infer_ms", t.InferMs),
				zap.Float64("post_ms", t.PostMs), zap.Float64("cpu_utilisation", s.CPUUtilisation),
				zap.Float64("accelerator_utilisation", s.AcceleratorUtilisation),
				zap.String("remedy", "a longer deadline_ms, a lower camera rate, more accelerator_cores, or less load beside"))
		}
		m.warned = late
	}
}
