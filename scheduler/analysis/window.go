package analysis

// stream is the arrivals of one stage of one task at a resource: instances a
// period t apart, each late by 0 to j, each with work c. All in ns.
type stream struct{ c, t, j int64 }

// arrivals is the most instances within a closed window of length w.
func (s stream) arrivals(w int64) int64 { return (w+s.j)/s.t + 1 }

// window is the time for which a stage may wait at a resource of m identical
// units. Of a time in which it waits without pause all units are busy, with
// nothing that is less urgent than it but what was running at the beginning.
type window struct {
	m       int64
	blocked int64    // work of others that may be running at the beginning
	more    []stream // what is more urgent, equals included
	limit   int64    // longer than this counts as unbounded
}

// wait is the least w >= from with
//
//	m*w = blocked + own + sum over more of arrivals(w)*c
//
// (George et al. 1996, theorem 15, for m = 1), rounded down as no unit idles
// for part of a ns. Arrivals at the end count: they come before the dispatch.
func (w *window) wait(own, from int64, extra *stream) (int64, bool) {
	for at := from; ; {
		work := w.blocked + own
		for _, s := range w.more {
			work += s.arrivals(at) * s.c
		}
		if extra != nil {
			work += extra.arrivals(at) * extra.c
		}
		next := work / w.m
		if next <= at {
			return at, true
		}
		if next > w.limit {
			return 0, false
		}
		at = next
	}
}

// response bounds the time from the nominal release of an instance of s to its
// end, and that from its arrival. Where instances may overtake one another
// (jitter of a period or more) their number does not tell how early they were
// due, so that the first bound is taken over all of them at once.
func (w *window) response(s stream, overtake bool) (fromNominal, fromArrival int64, ok bool) {
	utilised := float64(s.c) / float64(s.t)
	for _, o := range w.more {
		utilised += float64(o.c) / float64(o.t)
	}
	if utilised >= float64(w.m)*(1-1e-12) {
		return 0, 0, false
	}
	// The longest time without pause, in which the number of instances is counted.
	longest, ok := w.wait(0, 0, &s)
	if !ok {
		return 0, 0, false
	}
	if overtake {
		end := longest + s.c
		return end + s.j, end, true
	}
	start := int64(0)
	for q := int64(0); q < s.arrivals(longest); q++ {
		if start, ok = w.wait(q*s.c, start, nil); !ok {
			return 0, 0, false
		}
		// Instance q is due at q*t - j after the beginning, or later.
		end := start + s.c
		fromNominal = max(fromNominal, end+s.j-q*s.t)
		fromArrival = max(fromArrival, end-max(0, q*s.t-s.j))
	}
	return fromNominal, fromArrival, true
}
