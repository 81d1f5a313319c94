package replay

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rtmdl/internal/bag"
)

func TestPartsOfABag(t *testing.T) {
	const first, last = 1_700_000_000_000_000_000, 1_700_000_001_950_000_000
	topics := []string{"/text"}
	for _, test := range []struct {
		name            string
		start, duration time.Duration
		from, to, end   int64 // after first
	}{
		{"everything", 0, 0, 0, 0, 1_950_000_000},
		{"from a start", time.Second, 0, 1_000_000_000, 0, 1_950_000_000},
		{"up to a duration", 0, time.Second, 0, 1_000_000_000, 1_000_000_000},
		{"in the middle", 500 * time.Millisecond, time.Second, 500_000_000, 1_500_000_000, 1_500_000_000},
		{"the last message alone", 1950 * time.Millisecond, 0, 1_950_000_000, 0, 1_950_000_000},
		{"all that is left, to the nanosecond", time.Second, 950 * time.Millisecond, 1_000_000_000, 0, 1_950_000_000},
		{"a nanosecond less", time.Second, 950*time.Millisecond - 1, 1_000_000_000, 1_949_999_999, 1_949_999_999},
		{"more than is left", time.Second, 1<<63 - 1, 1_000_000_000, 0, 1_950_000_000},
		{"as little as can be", 0, 1, 0, 1, 1},
	} {
		want := part{bag.Query{Topics: topics, From: first + test.from}, first + test.end}
		if test.to > 0 {
			want.To = first + test.to
		}
		got, err := choose(first, last, Options{Topics: topics, Start: test.start, Duration: test.duration})
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(part{})); err != nil || diff != "" {
			t.Errorf("%s: error %v, (-want +got):\n%s", test.name, err, diff)
		}
	}
}

func TestPartsThatABagDoesNotHave(t *testing.T) {
	for _, test := range []struct {
		o       Options
		want    string
		nothing bool
	}{
		{Options{Start: 2 * time.Second}, "nothing to play: the start is 2s, but the bag is only 1.95s long", true},
		{Options{Start: -1}, "the start is -1ns, and can't be before the bag's beginning", false},
		{Options{Duration: -time.Second}, "the duration is -1s, and must be above 0", false},
	} {
		_, err := choose(0, 1_950_000_000, test.o)
		if err == nil || err.Error() != test.want || errors.Is(err, ErrNothing) != test.nothing {
			t.Errorf("got  %v\nwant %s", err, test.want)
		}
	}
}
