package replay

import (
	"context"
	"time"

	"rtmdl/internal/monotonic"
)

// pace makes log times come due during one pass, and tells them meanwhile. It belongs to one goroutine.
type pace struct {
	from  int64     // log time of the beginning
	rate  float64   // log time in a time of playing
	began time.Time // when the beginning was played; zero: not yet
	tell  func(logTime int64) error
	step  int64 // log time from one telling to the next, in ns; 0: nothing is told
	told  int64 // what was told last, in ns after from
	next  int64 // what is told next, likewise
}

// newPace makes a pass that begins with the first call of until or finish. hertz is how often log times are told in a second of
// playing; 0: never.
func newPace(from int64, rate, hertz float64, tell func(logTime int64) error) *pace {
	p := &pace{from: from, rate: rate, tell: tell}
	if hertz > 0 {
		// At least a nanosecond, and at most years, where rates are absurd.
		p.step = int64(min(max(rate*float64(time.Second)/hertz, 1), 1e17))
	}
	return p
}

// until returns when a log time is due, and tells those that come due until then, it included. Of those that are over already
// only the last is told. The error is that of telling, or of ctx when it ended.
func (p *pace) until(ctx context.Context, logTime int64) error {
	if p.began.IsZero() {
		p.began = time.Now()
		if err := p.say(0); err != nil {
			return err
		}
	}
	to := logTime - p.from
	for p.step > 0 && p.next <= to {
		if err := p.sleep(ctx, p.next); err != nil {
			return err
		}
		elapsed := int64(float64(time.Since(p.began)) * p.rate)
		if err := p.say(max(p.next, min(elapsed, to))); err != nil {
			return err
		}
	}
	return p.sleep(ctx, to)
}

// finish is until for the end of a pass, which is told in any case.
func (p *pace) finish(ctx context.Context, logTime int64) error {
	if err := p.until(ctx, logTime); err != nil || p.told == logTime-p.from {
		return err
	}
	return p.say(logTime - p.from)
}

// say tells a time in ns after the beginning.
func (p *pace) say(at int64) error {
	if p.step == 0 {
		return nil
	}
	p.told, p.next = at, (at/p.step+1)*p.step
	return p.tell(p.from + at)
}

// sleep waits for a time in ns after the beginning.
func (p *pace) sleep(ctx context.Context, at int64) error {
	if !monotonic.Sleep(ctx, time.Until(p.began.Add(time.Duration(float64(at)/p.rate)))) {
		return ctx.Err()
	}
	return nil
}
