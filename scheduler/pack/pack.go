// Package pack is the packing rule: whether an inference may join another one
// on the accelerator, and the arithmetic of inferences that share it.
//
// Times are whole nanoseconds, slowdowns whole millionths. Nothing overflows:
// products have 128 bits, and a time that would exceed Forever is Forever.
package pack

// Factor is a slowdown, bound or guard in millionths. Slowdowns are One or
// more; all are at most MaxFactor.
type Factor int64

const (
	// One is the factor 1.
	One Factor = 1e6
	// MaxFactor is the largest accepted factor, 1000.
	MaxFactor = 1000 * One
	// Forever is the largest time, some 73 years, and the longest duration.
	Forever int64 = 1 << 61
)

// Rule is how much packing may cost.
type Rule struct {
	Bound Factor // by how much joiners may stretch a more urgent inference
	Guard Factor // by how much the excess of a slowdown over 1 is enlarged
	Style Style  // the zero value is the rule of this package
	// Careful books what inferences that share the accelerator have done at
	// the slowdowns enlarged by the guard. The bound then holds whoever joins,
	// one after the other, for slowdowns no worse than the guard covers and
	// nominal times. Otherwise it is booked as the table says, and one that was
	// slowed down more than that is believed to have less left than it has.
	Careful bool
}

// Inference is an inference as the rule sees it. Times but Deadline are
// nominal durations.
type Inference struct {
	Infer    int64  // its time alone
	Left     int64  // of that, the work that is left now; all of it before it starts
	Post     int64  // of its job's last stage
	Start    int64  // the instant at which it started, of a running one
	Deadline int64  // of its job, an instant
	Slow     Factor // beside the other one, from the table
}

// MayJoin reports whether c, which is ready, may join r, which runs alone, at
// the instant now. With P the slowdowns enlarged by the guard, the two have to
// get on faster together than one after the other, and
//
//   - where r is the more urgent (rule a), r may end neither later than the
//     bound allows for its whole time on the accelerator nor so late that its
//     post would miss the deadline;
//   - where c is the more urgent (rule b), c has to end sooner than by waiting
//     for r, and so that its post meets the deadline.
//
// Predicted ends are those with nobody else joining.
func (rule Rule) MayJoin(now int64, r, c *Inference, runningIsMoreUrgent bool) bool {
	if rule.Style != Guarded {
		return rule.Style.mayJoin(rule.Bound, r, c, runningIsMoreUrgent)
	}
	pr, pc := rule.guarded(r.Slow), rule.guarded(c.Slow)
	if !gains(pr, pc) {
		return false
	}
	if runningIsMoreUrgent {
		end := predictedEnd(now, r.Left, c.Left, pr, pc)
		return end-r.Start <= Stretch(r.Infer, One+rule.Bound) && end+r.Post <= r.Deadline
	}
	end := predictedEnd(now, c.Left, r.Left, pc, pr)
	return end < now+r.Left+c.Infer && end+c.Post <= c.Deadline
}

// Booked is the slowdown at which the progress of an inference that shares the
// accelerator is booked, for one of the table.
func (rule Rule) Booked(a Factor) Factor {
	if rule.Careful {
		return rule.guarded(a)
	}
	return a
}

// guarded enlarges the excess of a slowdown over 1: 10^6 + ceil((A - 10^6) *
// (10^6 + guard) / 10^6).
func (rule Rule) guarded(a Factor) Factor {
	return One + Factor(Stretch(int64(a-One), One+rule.Guard))
}

// gains reports whether two inferences at these slowdowns do more work in a
// time than one alone: 1/p + 1/q > 1, as (p + q)*10^6 > p*q.
func gains(p, q Factor) bool {
	return less(uint64(p), uint64(q), uint64(p+q), uint64(One))
}

// predictedEnd returns when x ends, with work wx left at slowdown px, beside y
// with wy and py; once y has ended x goes on alone.
func predictedEnd(now, wx, wy int64, px, py Factor) int64 {
	tx, ty := Stretch(wx, px), Stretch(wy, py)
	if tx <= ty {
		return now + tx
	}
	return now + ty + max(0, wx-Done(ty, px))
}
