package handoff

import (
	"crypto/rand"
	"encoding/binary"
)

// newInstance draws the number of a client or a server, which nobody else has: not 0.
func newInstance() uint64 {
	var b [8]byte
	for {
		_, _ = rand.Read(b[:]) // never fails
		if id := binary.LittleEndian.Uint64(b[:]); id != 0 {
			return id
		}
	}
}
