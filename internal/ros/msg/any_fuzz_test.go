package msg

import (
	"bytes"
	"slices"
	"testing"
)

// FuzzAnyMessage feeds mutated golden messages to all decoders, the first byte choosing one: none may panic, and what one accepts
// must come out the same after encoding and decoding it again.
func FuzzAnyMessage(f *testing.F) {
	types := TypeNames()
	for name, m := range golden() {
		for _, order := range []string{"", "_be"} {
			f.Add(append([]byte{byte(slices.Index(types, m.TypeName()))}, readHex(f, name+order)...))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) == 0 {
			return
		}
		typeName := types[int(data[0])%len(types)]
		m := New(typeName)
		if m.UnmarshalCDR(data[1:]) != nil {
			return
		}
		encoded := m.MarshalCDR(nil)
		again := New(typeName)
		if err := again.UnmarshalCDR(encoded); err != nil {
			t.Fatalf("%s: can't decode what was encoded: %v", typeName, err)
		}
		if !bytes.Equal(again.MarshalCDR(nil), encoded) { // bytes, since NaN differs from itself
			t.Fatalf("%s: changed on its way: %+v became %+v", typeName, m, again)
		}
	})
}
