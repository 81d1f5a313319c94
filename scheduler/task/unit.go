package task

import (
	"math"
	"strconv"
	"time"
)

// Bytes is a size in bytes, of 0 to MaxBytes.
type Bytes int64

// MaxBytes is the largest accepted size.
const MaxBytes Bytes = 1e15

// Millionths is a factor in millionths: 1_100_000 is 1.1.
type Millionths int64

// One is the factor 1.
const One Millionths = 1e6

// Float returns m as a number, 1 for One.
func (m Millionths) Float() float64 { return float64(m) / float64(One) }

// String returns m as a decimal number, "1.1" for 1_100_000.
func (m Millionths) String() string { return formatMillionths(int64(m)) }

// Rate is a share of one, from 0 to 1: an accuracy or a miss rate.
type Rate float64

// String returns r in as few digits as tell it from any other.
func (r Rate) String() string { return strconv.FormatFloat(float64(r), 'g', -1, 64) }

// valid is false for NaN, too.
func (r Rate) valid() bool { return r >= 0 && r <= 1 }

// MaxTime is the largest accepted time of a file: 10^9 ms.
const MaxTime = 1e9 * time.Millisecond

// MaxFactor is the largest accepted slowdown, bound and guard: 1000.
const MaxFactor = 1000 * One

// MaxCV is the largest accepted coefficient of variation.
const MaxCV = 100

// Milliseconds returns d as the number of ms that a file has for it.
func Milliseconds(d time.Duration) float64 { return float64(d) / 1e6 }

// FromMilliseconds returns ms rounded to the nearest ns. It is for numbers
// that are computed; the reader of files rounds nothing. ms must be within
// MaxTime either way.
func FromMilliseconds(ms float64) time.Duration { return time.Duration(math.Round(ms * 1e6)) }

// ToMillionths returns x rounded to the nearest millionth, within MaxFactor.
func ToMillionths(x float64) Millionths { return Millionths(math.Round(x * 1e6)) }
