package ros

import (
	"bytes"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/tiiuae/rclgo/pkg/rclgo"
	"github.com/tiiuae/rclgo/pkg/rclgo/types"
	"pgregory.net/rapid"

	"rtmdl/internal/ros/msg"
	rtmdl_msg "rtmdl/msgs/rtmdl/msg"
)

// TestOurCodecWritesWhatTheBindingsWrite compares the hand-written codec with ROS's own, which the generated
// bindings call: any difference in a field's name, order or type shows in the bytes.
func TestOurCodecWritesWhatTheBindingsWrite(t *testing.T) {
	for _, test := range []struct {
		ours     msg.Message
		bindings types.Message
	}{
		{&msg.JobTiming{}, rtmdl_msg.NewJobTiming()},
		{&msg.Job{}, rtmdl_msg.NewJob()},
		{&msg.JobResult{}, rtmdl_msg.NewJobResult()},
		{&msg.SerializedMessage{}, rtmdl_msg.NewSerializedMessage()},
		{&msg.TaskStatus{}, rtmdl_msg.NewTaskStatus()},
		{&msg.SchedulerStatus{}, rtmdl_msg.NewSchedulerStatus()},
		{&msg.LaneLines{}, rtmdl_msg.NewLaneLines()},
	} {
		t.Run(test.ours.TypeName(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				fill(t, reflect.ValueOf(test.bindings).Elem())
				ours := reflect.ValueOf(test.ours).Elem()
				assign(t, ours, reflect.ValueOf(test.bindings).Elem())
				want, err := rclgo.Serialize(test.bindings)
				if err != nil {
					t.Fatal(err)
				}
				got := test.ours.MarshalCDR(nil)
				zeroPadding(want, test.ours)
				if !bytes.Equal(got, want) {
					t.Fatalf("%+v\nour codec  %x\nROS writes %x", test.ours, got, want)
				}
				if !readsAs(want, test.ours) {
					t.Fatalf("%+v is not read back", test.ours)
				}
			})
		})
	}
}

// zeroPadding clears what ROS leaves to chance: bytes that mean nothing, since the message reads the same with any
// value in them.
func zeroPadding(data []byte, m msg.Message) {
	for i, was := range data {
		if was == 0 {
			continue
		}
		data[i] = ^was
		meansNothing := readsAs(data, m)
		data[i] = was
		if meansNothing {
			data[i] = 0
		}
	}
}

func readsAs(data []byte, m msg.Message) bool {
	back := reflect.New(reflect.TypeOf(m).Elem()).Interface().(msg.Message)
	return back.UnmarshalCDR(data) == nil && reflect.DeepEqual(back, m)
}

// fill draws a value for every field. Texts have no zero byte, with which they end in C.
func fill(t *rapid.T, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.Zero(v.Type()))
		if n := rapid.IntRange(0, 3).Draw(t, "n"); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
		}
		for i := range v.Len() {
			fill(t, v.Index(i))
		}
	case reflect.String:
		v.SetString(rapid.StringMatching(`[a-z_/: ü]{0,9}`).Draw(t, "text"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Float64:
		v.SetFloat(rapid.Float64Range(-math.MaxFloat64, math.MaxFloat64).Draw(t, "float"))
	default:
		if v.CanInt() {
			v.SetInt(rapid.Int64().Draw(t, "int") >> (64 - v.Type().Bits()))
		} else {
			v.SetUint(rapid.Uint64().Draw(t, "uint") >> (64 - v.Type().Bits()))
		}
	}
}

// assign copies field by field, in order; the names may differ in case.
func assign(t *rapid.T, to, from reflect.Value) {
	switch from.Kind() {
	case reflect.Struct:
		if to.NumField() != from.NumField() {
			t.Fatalf("%v has %d fields, %v has %d", to.Type(), to.NumField(), from.Type(), from.NumField())
		}
		for i := range from.NumField() {
			if ours, theirs := to.Type().Field(i).Name, from.Type().Field(i).Name; !strings.EqualFold(ours, theirs) {
				t.Fatalf("field %d of %v is %s, and %s in the bindings", i, to.Type(), ours, theirs)
			}
			assign(t, to.Field(i), from.Field(i))
		}
	case reflect.Slice:
		to.Set(reflect.Zero(to.Type()))
		if from.Len() > 0 || to.Type().Elem().Kind() == reflect.Uint8 { // bytes are windows of what is read, never nil
			to.Set(reflect.MakeSlice(to.Type(), from.Len(), from.Len()))
		}
		for i := range from.Len() {
			assign(t, to.Index(i), from.Index(i))
		}
	default:
		to.Set(from.Convert(to.Type()))
	}
}
