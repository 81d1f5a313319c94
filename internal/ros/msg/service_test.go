package msg

import (
	"bytes"
	"testing"
)

// FuzzRequests reads requests of services: whatever comes, none panics.
func FuzzRequests(f *testing.F) {
	f.Add([]byte{0, 1, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 'a', 0})
	f.Add((&ParameterEvent{New: []Parameter{{"x", ParameterValue{[]string{"y"}}}}}).MarshalCDR(nil))
	f.Fuzz(func(_ *testing.T, data []byte) {
		var names Names
		var set Parameters
		for _, m := range []interface{ UnmarshalCDR([]byte) error }{
			&names, &set, new(ListParametersRequest), new(Transition), new(Bool), new(LoadModelRequest),
		} {
			_ = m.UnmarshalCDR(data)
		}
	})
}

func TestAForgedLengthAllocatesLittle(t *testing.T) {
	data := append([]byte{0, 1, 0, 0}, bytes.Repeat([]byte{0xff}, 64)...)
	var names Names
	if err := names.UnmarshalCDR(data); err == nil || len(names) != 0 {
		t.Errorf("%d names, error %v", len(names), err)
	}
}
