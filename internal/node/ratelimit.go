package node

import (
	"strings"
	"sync"
)

// rateLimit lets one log line a second through for each cause (the words before the first colon).
type rateLimit struct {
	mu     sync.Mutex // guards causes
	causes map[string]*cause
}

type cause struct {
	next    int64 // monotonic clock
	skipped uint64
}

// allow reports whether to log at an instant of the monotonic clock, and how many of this cause were not logged
// since the last time.
func (l *rateLimit) allow(reason string, now int64) (skipped uint64, ok bool) {
	word, _, _ := strings.Cut(reason, ":")
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.causes == nil {
		l.causes = map[string]*cause{}
	}
	c := l.causes[word]
	if c == nil {
		c = &cause{}
		l.causes[word] = c
	}
	if now < c.next {
		c.skipped++
		return 0, false
	}
	skipped = c.skipped
	*c = cause{next: now + 1e9}
	return skipped, true
}
