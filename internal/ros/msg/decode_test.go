package msg

import (
	"encoding/binary"
	"errors"
	"runtime"
	"testing"
)

// TestEveryPrefixIsTruncated cuts every golden message at every length. That a timing may end before its units is for
// TestATimingWithoutUnits.
func TestEveryPrefixIsTruncated(t *testing.T) {
	for name, m := range golden() {
		data := m.MarshalCDR(nil)
		for n := range data {
			if without := len(data) - unitsSize; m.TypeName() == TypeJobTiming && n >= without && n <= without+maxPadding {
				continue
			}
			err := New(m.TypeName()).UnmarshalCDR(data[:n])
			var decodeErr *DecodeError
			if !errors.Is(err, ErrTruncated) || !errors.As(err, &decodeErr) {
				t.Fatalf("%s cut to %d of %d bytes: error %v, want ErrTruncated", name, n, len(data), err)
			}
			if decodeErr.Type != m.TypeName() || decodeErr.Field == "" || decodeErr.Offset < 0 {
				t.Fatalf("%s cut to %d bytes: error without its place: %v", name, n, err)
			}
		}
	}
}

func TestPaddingOfMiddlewaresIsAccepted(t *testing.T) {
	for name, m := range golden() {
		data := m.MarshalCDR(nil)
		for range maxPadding {
			data = append(data, 0)
			if err := New(m.TypeName()).UnmarshalCDR(data); err != nil {
				t.Errorf("%s with padding: %v", name, err)
			}
		}
		data = append(data, 0)
		if err := New(m.TypeName()).UnmarshalCDR(data); !errors.Is(err, ErrTrailingBytes) {
			t.Errorf("%s with a byte too many: error %v, want ErrTrailingBytes", name, err)
		}
	}
}

// unitsSize is that of the units at the end of a timing.
const unitsSize = 12

func TestATimingWithoutUnits(t *testing.T) {
	want := *golden()["job_timing"].(*JobTiming)
	data := want.MarshalCDR(nil)
	got := JobTiming{PreWorker: 7, Slot: 8, PostWorker: 9} // of a message before
	want.PreWorker, want.Slot, want.PostWorker = 0, 0, 0
	for padding := range maxPadding + 1 {
		if err := got.UnmarshalCDR(data[:len(data)-unitsSize+padding]); err != nil || got != want {
			t.Errorf("with %d bytes of padding: %+v, %v", padding, got, err)
		}
	}
}

func TestDecodeErrorsNameTheirPlace(t *testing.T) {
	detections := golden()["detections_two"].MarshalCDR(nil)
	status := golden()["status"].MarshalCDR(nil)
	timing := golden()["job_timing"].MarshalCDR(nil)
	tests := []struct {
		name string
		m    Message
		data []byte
		want error
		text string
	}{
		{
			"nothing at all", new(Image), nil, ErrTruncated,
			"decode sensor_msgs/msg/Image: encapsulation at byte 0: truncated",
		},
		{
			"XCDR2", new(String), []byte{0, 7, 0, 0, 1, 0, 0, 0, 0}, ErrBadEncapsulation,
			"decode std_msgs/msg/String: encapsulation at byte 0: encapsulation is not classic CDR",
		},
		{
			"parameter list", new(Image), []byte{0, 3, 0, 0, 1, 0, 0, 0, 0}, ErrBadEncapsulation,
			"decode sensor_msgs/msg/Image: encapsulation at byte 0: encapsulation is not classic CDR",
		},
		{
			"string without its zero byte", new(String), []byte{0, 1, 0, 0, 2, 0, 0, 0, 'a', 'b'}, ErrBadString,
			"decode std_msgs/msg/String: data at byte 8: string is not terminated by a zero byte",
		},
		{
			"forged length of a string", new(String), []byte{0, 1, 0, 0, 255, 255, 255, 255, 'a', 0}, ErrTruncated,
			"decode std_msgs/msg/String: data at byte 4: truncated",
		},
		{
			"nested field", new(Detection2DArray), detections[:800], ErrTruncated,
			"decode vision_msgs/msg/Detection2DArray: detections[0].bbox.size_x at byte 796: truncated",
		},
		{
			"header of an element", new(Detection2DArray), detections[:30], ErrTruncated,
			"decode vision_msgs/msg/Detection2DArray: detections at byte 20: truncated",
		},
		{
			"point of a line", new(LaneLines), golden()["lanes"].MarshalCDR(nil)[:68], ErrTruncated,
			"decode rtmdl/msg/LaneLines: left.points at byte 36: truncated",
		},
		{
			"pose of a path", new(Path), golden()["path"].MarshalCDR(nil)[:256], ErrTruncated,
			"decode nav_msgs/msg/Path: poses[2].pose at byte 252: truncated",
		},
		{
			"task of a status", new(SchedulerStatus), status[:len(status)-70], ErrTruncated,
			"decode rtmdl/msg/SchedulerStatus: tasks[1].loss at byte 420: truncated",
		},
		{
			"bool of 2", new(JobTiming), patched(timing, missedOffset(timing), 2), ErrBadBool,
			"decode rtmdl/msg/JobTiming: missed at byte 93: bool is neither 0 nor 1",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := test.m.UnmarshalCDR(test.data)
			if !errors.Is(err, test.want) || err.Error() != test.text {
				t.Errorf("got  %v\nwant %v", err, test.text)
			}
		})
	}
}

// missedOffset finds the bool in front of the eleven instants: it differs between two encodings.
func missedOffset(timing []byte) int {
	var m JobTiming
	if err := m.UnmarshalCDR(timing); err != nil {
		panic(err)
	}
	m.Missed = !m.Missed
	for i, b := range m.MarshalCDR(nil) {
		if b != timing[i] {
			return i
		}
	}
	panic("no difference")
}

func patched(data []byte, at int, b byte) []byte {
	data = append([]byte(nil), data...)
	data[at] = b
	return data
}

func TestStringOfLengthZeroReadsAsEmpty(t *testing.T) {
	m := String{Data: "old"}
	if err := m.UnmarshalCDR([]byte{0, 1, 0, 0, 0, 0, 0, 0}); err != nil || m.Data != "" {
		t.Errorf("got %q, %v", m.Data, err)
	}
}

// TestForgedLengthsAllocateLittle sets each aligned word of a message to huge numbers in turn.
func TestForgedLengthsAllocateLittle(t *testing.T) {
	for name, m := range golden() {
		data := m.MarshalCDR(nil)
		target := New(m.TypeName())
		for at := encapsulationSize; at+4 <= len(data); at += 4 {
			for _, forged := range []uint32{1 << 16, 1 << 24, 1<<31 - 1, 1<<32 - 1} {
				bad := append([]byte(nil), data...)
				binary.LittleEndian.PutUint32(bad[at:], forged)
				var before, after runtime.MemStats
				if at < 64 {
					runtime.ReadMemStats(&before)
				}
				_ = target.UnmarshalCDR(bad)
				if at < 64 {
					runtime.ReadMemStats(&after)
					if grown := after.TotalAlloc - before.TotalAlloc; grown > 64<<10 {
						t.Fatalf("%s: %d at byte %d made the decoder allocate %d bytes", name, forged, at, grown)
					}
				}
			}
		}
	}
}

func TestDecodingIntoAUsedMessageReplacesAllFields(t *testing.T) {
	var m Detection2DArray
	if err := m.UnmarshalCDR(golden()["detections_two"].MarshalCDR(nil)); err != nil {
		t.Fatal(err)
	}
	old := m.Detections
	if err := m.UnmarshalCDR(golden()["detections_none"].MarshalCDR(nil)); err != nil {
		t.Fatal(err)
	}
	if m.Detections != nil || len(old) != 2 || old[0].ID != "track 1" {
		t.Errorf("detections left over: %v; the earlier ones: %v", m.Detections, old)
	}
}
