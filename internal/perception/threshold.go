package perception

import (
	"math"
	"sync/atomic"
)

// Tunable is a Vision whose score threshold can be changed while it runs.
type Tunable interface {
	// SetScoreThreshold takes a threshold as New does: from 0 to 1, 0 being the network's own.
	SetScoreThreshold(t float64)
}

// Threshold is a number that may be changed while others read it. The zero value is 0.
type Threshold struct{ bits atomic.Uint64 }

// Set changes it.
func (t *Threshold) Set(v float64) { t.bits.Store(math.Float64bits(v)) }

// Get returns it.
func (t *Threshold) Get() float64 { return math.Float64frombits(t.bits.Load()) }
