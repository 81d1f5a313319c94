package msg

import (
	"bytes"
	"testing"
)

// fuzzDecoder feeds mutated golden messages to one decoder: it must never panic, and what it accepts must come
// out the same after encoding and decoding it again.
func fuzzDecoder(f *testing.F, typeName string) {
	f.Helper()
	for name, m := range golden() {
		if m.TypeName() == typeName {
			f.Add(readHex(f, name))
			f.Add(readHex(f, name+"_be"))
		}
	}
	f.Add([]byte{0, 1, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		m := New(typeName)
		if m.UnmarshalCDR(data) != nil {
			return
		}
		encoded := m.MarshalCDR(nil)
		again := New(typeName)
		if err := again.UnmarshalCDR(encoded); err != nil {
			t.Fatalf("can't decode what was encoded: %v", err)
		}
		if !bytes.Equal(again.MarshalCDR(nil), encoded) { // bytes, since NaN differs from itself
			t.Fatalf("message changed on its way: %+v became %+v", m, again)
		}
	})
}

func FuzzImage(f *testing.F)             { fuzzDecoder(f, TypeImage) }
func FuzzCompressedImage(f *testing.F)   { fuzzDecoder(f, TypeCompressedImage) }
func FuzzString(f *testing.F)            { fuzzDecoder(f, TypeString) }
func FuzzDetection2DArray(f *testing.F)  { fuzzDecoder(f, TypeDetection2DArray) }
func FuzzMarkerArray(f *testing.F)       { fuzzDecoder(f, TypeMarkerArray) }
func FuzzJobTiming(f *testing.F)         { fuzzDecoder(f, TypeJobTiming) }
func FuzzTaskStatus(f *testing.F)        { fuzzDecoder(f, TypeTaskStatus) }
func FuzzSchedulerStatus(f *testing.F)   { fuzzDecoder(f, TypeSchedulerStatus) }
func FuzzJob(f *testing.F)               { fuzzDecoder(f, TypeJob) }
func FuzzJobResult(f *testing.F)         { fuzzDecoder(f, TypeJobResult) }
func FuzzSerializedMessage(f *testing.F) { fuzzDecoder(f, TypeSerializedMessage) }
func FuzzLaneLines(f *testing.F)         { fuzzDecoder(f, TypeLaneLines) }
func FuzzCameraInfo(f *testing.F)        { fuzzDecoder(f, TypeCameraInfo) }
func FuzzPath(f *testing.F)              { fuzzDecoder(f, TypePath) }
func FuzzClock(f *testing.F)             { fuzzDecoder(f, TypeClock) }
func FuzzParameterEvent(f *testing.F)    { fuzzDecoder(f, TypeParameterEvent) }
func FuzzDiagnosticArray(f *testing.F)   { fuzzDecoder(f, TypeDiagnosticArray) }
func FuzzTransitionEvent(f *testing.F)   { fuzzDecoder(f, TypeTransitionEvent) }
