package pack

// Shared accounts for the work of up to two inferences that share the
// accelerator. The zero value is an idle accelerator. Whenever the set of
// running ones changes, the work left of each is reduced by what it has done
// since the last change, at the slowdown that it had until then.
type Shared struct {
	since int64 // of the last change
	left  [2]int64
	slow  [2]Factor // 0 where nothing runs
}

// Settle brings the work left of all up to now; call it before each change.
func (s *Shared) Settle(now int64) {
	if t := now - s.since; t > 0 {
		for u, a := range s.slow {
			if a != 0 {
				s.left[u] = max(0, s.left[u]-Done(t, a))
			}
		}
	}
	s.since = now
}

// Left returns the work that is left on a unit at now, without a change.
func (s *Shared) Left(unit int, now int64) int64 {
	return max(0, s.left[unit]-Done(now-s.since, s.slow[unit]))
}

// Begin lets work run alone on a unit that is free; Settle before.
func (s *Shared) Begin(unit int, work int64) { s.left[unit], s.slow[unit] = work, One }

// Slow sets the slowdowns of two that run; Settle before.
func (s *Shared) Slow(first, second Factor) { s.slow[0], s.slow[1] = first, second }

// Leave frees a unit and lets the other one, if it runs, go on alone; Settle
// before.
func (s *Shared) Leave(unit int) {
	s.slow[unit] = 0
	if s.slow[1-unit] != 0 {
		s.slow[1-unit] = One
	}
}

// Running reports whether a unit runs.
func (s *Shared) Running(unit int) bool { return s.slow[unit] != 0 }

// End returns when a unit that runs ends if nothing changes after the last
// change.
func (s *Shared) End(unit int) int64 { return s.since + Stretch(s.left[unit], s.slow[unit]) }
