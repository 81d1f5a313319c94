package node

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rtmdl/internal/perception"
	trafficlight "rtmdl/internal/perception/traffic_light"
	"rtmdl/internal/ros/msg"
)

// drawDetections draws boxes inside a frame, as Post makes them: corners that are float32 of the network, scaled.
func drawDetections(t *rapid.T) []perception.Detection {
	var found []perception.Detection
	scale := rapid.Float64Range(0.1, 10).Draw(t, "scale")
	for range rapid.IntRange(0, 5).Draw(t, "detections") {
		corner := func(name string) float64 { return float64(rapid.Float32Range(0, 2000).Draw(t, name)) * scale }
		x1, y1 := corner("x1"), corner("y1")
		x2, y2 := max(x1, corner("x2")), max(y1, corner("y2"))
		found = append(found, perception.Detection{
			Label: rapid.SampledFrom([]string{"red", "green", ""}).Draw(t, "label"), Score: rapid.Float64Range(0, 1).Draw(t, "score"),
			X: x1, Y: y1, Width: x2 - x1, Height: y2 - y1,
		})
	}
	return found
}

func TestAResultThatCrossedIsPublishedAsItWouldHaveBeen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := msg.Header{Stamp: msg.Time{Sec: rapid.Int32().Draw(t, "sec"), Nanosec: 5}, FrameID: "camera"}
		want, err := EncodeTrafficLight(h, trafficlight.Result{
			Detections: drawDetections(t), State: rapid.SampledFrom([]string{"red", "unknown"}).Draw(t, "state"),
		})
		if err != nil {
			t.Fatal(err)
		}
		value, err := DecodeTrafficLight(msg.Serialize(want))
		if err != nil {
			t.Fatal(err)
		}
		got, err := EncodeTrafficLight(h, value)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestMessagesThatAreNoResultAreRefused(t *testing.T) {
	array := &msg.Detection2DArray{Detections: []msg.Detection2D{{}}}
	whole := msg.Serialize([]msg.Message{&msg.Detection2DArray{}, &msg.String{}})
	cut := msg.Serialize([]msg.Message{&msg.Detection2DArray{}, &msg.String{Data: "red"}})
	cut[1].Data = cut[1].Data[:6]
	for name, messages := range map[string][]msg.SerializedMessage{
		"none": nil, "one": whole[:1], "three": append(whole[:2:2], whole[0]), "in another order": {whole[1], whole[0]},
		"no hypothesis": msg.Serialize([]msg.Message{array, &msg.String{}}), "cut": cut,
	} {
		if value, err := DecodeTrafficLight(messages); err == nil {
			t.Errorf("%s: %v", name, value)
		}
	}
}
