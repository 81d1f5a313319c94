package replay

import (
	"fmt"
	"time"

	"rtmdl/internal/bag"
)

// part is what is played of a bag, in its log times.
type part struct {
	bag.Query       // of its messages
	end       int64 // when it is over: the bag's last message, or To
}

// choose returns the part that the options name of a bag that begins and ends at log times.
func choose(first, last int64, o Options) (part, error) {
	length := time.Duration(last - first)
	switch {
	case o.Start < 0:
		return part{}, fmt.Errorf("the start is %v, and can't be before the bag's beginning", o.Start)
	case o.Start > length:
		return part{}, fmt.Errorf("%w: the start is %v, but the bag is only %v long", ErrNothing, o.Start, length)
	case o.Duration < 0:
		return part{}, fmt.Errorf("the duration is %v, and must be above 0", o.Duration)
	}
	p := part{bag.Query{Topics: o.Topics, From: first + int64(o.Start)}, last}
	if o.Duration > 0 && o.Duration < length-o.Start { // otherwise the last message belongs to it
		p.To = p.From + int64(o.Duration)
		p.end = p.To
	}
	return p, nil
}
