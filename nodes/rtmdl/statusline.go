package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// statusLine shows progress on standard error: in place on a terminal, a line every few seconds elsewhere.
type statusLine struct {
	out      io.Writer
	terminal bool
	pace     every
	mu       sync.Mutex // guards what follows
	last     string
	shown    bool
}

func newStatusLine(quiet bool) *statusLine {
	l := &statusLine{out: os.Stderr, terminal: term.IsTerminal(int(os.Stderr.Fd())), pace: every{span: 5 * time.Second}}
	l.pace.last = time.Now()
	if quiet {
		l.out = io.Discard
	}
	return l
}

func (l *statusLine) show(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last, l.shown = fmt.Sprintf(format, args...), false
	switch {
	case l.terminal:
		fmt.Fprintf(l.out, "\r%s\x1b[K", l.last)
	case l.pace.due():
		fmt.Fprintln(l.out, l.last)
		l.shown = true
	}
}

func (l *statusLine) warn(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.terminal {
		fmt.Fprint(l.out, "\r\x1b[K")
	}
	fmt.Fprintln(os.Stderr, "warning:", text)
}

// end leaves the last state standing.
func (l *statusLine) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.last == "" || l.shown:
	case l.terminal:
		fmt.Fprintln(l.out)
	default:
		fmt.Fprintln(l.out, l.last)
	}
}

// clear leaves nothing on a terminal: what follows says it all.
func (l *statusLine) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.terminal && l.last != "" {
		fmt.Fprint(l.out, "\r\x1b[K")
	}
}
