package main

import (
	"testing"
	"time"
)

func TestSecondsAreNumbersOrDurations(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "90": 90 * time.Second, "1.95": 1950 * time.Millisecond, ".5": time.Second / 2, "-3": -3 * time.Second,
		"1m30s": 90 * time.Second, "250ms": time.Second / 4, "-1h": -time.Hour, "0.000000001": 1,
	} {
		var s seconds
		if err := s.Set(text); err != nil || time.Duration(s) != want {
			t.Errorf("%q is %v, want %v (error %v)", text, time.Duration(s), want, err)
		}
		var again seconds
		if err := again.Set(s.String()); err != nil || again != s {
			t.Errorf("%q is told as %q, and that read as %v (error %v)", text, s.String(), time.Duration(again), err)
		}
	}
	for _, text := range []string{"", "soon", "1m30", "5 s", "nan", "inf", "99999999999999", "1e400"} {
		s := seconds(7)
		if err := s.Set(text); err == nil || s != 7 {
			t.Errorf("%q is taken as %v", text, time.Duration(s))
		}
	}
}
