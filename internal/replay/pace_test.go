package replay

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The tests play in synctest's time, in which waiting is exact and takes none.
const from = 1_700_000_000_000_000_000

// listener notes what is told, and when.
type listener struct {
	began time.Time
	times []int64 // log times in ms after from
	at    []int64 // in ms of playing
	err   error
}

func (l *listener) tell(logTime int64) error {
	l.times = append(l.times, (logTime-from)/1e6)
	l.at = append(l.at, time.Since(l.began).Milliseconds())
	return l.err
}

// play waits for log times in ms after from, finishes with the last, and returns when that was.
func (l *listener) play(t *testing.T, rate, hertz float64, ms ...int64) time.Duration {
	l.began = time.Now()
	p := newPace(from, rate, hertz, l.tell)
	for _, at := range ms {
		if err := p.until(t.Context(), from+at*1e6); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.finish(t.Context(), from+ms[len(ms)-1]*1e6); err != nil {
		t.Fatal(err)
	}
	return time.Since(l.began)
}

func TestLogTimesAreToldWhenTheyAreDue(t *testing.T) {
	for _, test := range []struct {
		name        string
		rate, hertz float64
		times, at   []int64
	}{
		{"at the bag's speed", 1, 10, []int64{0, 100, 200, 300, 350}, []int64{0, 100, 200, 300, 350}},
		{"at twice the speed, as often in a second of playing", 2, 10, []int64{0, 200, 350}, []int64{0, 100, 175}},
		{"at half the speed", 0.5, 10, []int64{0, 50, 100, 150, 200, 250, 300, 350}, []int64{0, 100, 200, 300, 400, 500, 600, 700}},
		{"rarely", 1, 0.001, []int64{0, 350}, []int64{0, 350}},
		{"so rarely that it is never", 1, 1e-300, []int64{0, 350}, []int64{0, 350}},
		{"not at all", 1, 0, nil, nil},
	} {
		synctest.Test(t, func(t *testing.T) {
			var l listener
			took := l.play(t, test.rate, test.hertz, 0, 120, 130, 350)
			if diff := cmp.Diff(test.times, l.times); diff != "" {
				t.Errorf("%s: told (-want +got):\n%s", test.name, diff)
			}
			if diff := cmp.Diff(test.at, l.at); diff != "" {
				t.Errorf("%s: told at (-want +got):\n%s", test.name, diff)
			}
			if want := time.Duration(350 / test.rate * 1e6); took != want {
				t.Errorf("%s: took %v, want %v", test.name, took, want)
			}
		})
	}
}

func TestPlayingBeginsWhenTheFirstMessageIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := listener{began: time.Now()}
		p := newPace(from, 1, 10, l.tell)
		time.Sleep(250 * time.Millisecond) // as where it takes long to be read
		if err := p.finish(t.Context(), from+200*1e6); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([][]int64{{0, 100, 200}, {250, 350, 450}}, [][]int64{l.times, l.at}); diff != "" {
			t.Errorf("told, and when (-want +got):\n%s", diff)
		}
	})
}

func TestTheFirstTimeIsToldBeforeALateFirstMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l listener
		l.play(t, 1, 4, 600)
		if diff := cmp.Diff([]int64{0, 250, 500, 600}, l.times); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
	})
}

func TestOfTimesThatAreOverOnlyTheLastIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := listener{began: time.Now()}
		p := newPace(from, 1, 10, l.tell)
		for _, at := range []int64{0, 450, 1000, 1200} {
			if err := p.until(t.Context(), from+at*1e6); err != nil {
				t.Fatal(err)
			}
			if at == 0 {
				time.Sleep(730 * time.Millisecond) // as where a message takes long to be sent
			}
		}
		if diff := cmp.Diff([]int64{0, 450, 730, 800, 900, 1000, 1100, 1200}, l.times); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
	})
}

func TestAPassEndsWithItsContextOrWithWhatCantBeTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l listener
		ctx, cancel := context.WithTimeout(t.Context(), 250*time.Millisecond)
		defer cancel()
		p := newPace(from, 1, 10, l.tell)
		if err := p.until(ctx, from+1e9); !errors.Is(err, context.DeadlineExceeded) || len(l.times) != 3 {
			t.Errorf("error %v after %d times, want the context's after 3", err, len(l.times))
		}
		l = listener{err: errors.New("no network")}
		if err := newPace(from, 1, 10, l.tell).until(t.Context(), from+1e9); !errors.Is(err, l.err) || len(l.times) != 1 {
			t.Errorf("error %v after %d times, want '%v' after the first", err, len(l.times), l.err)
		}
	})
}
