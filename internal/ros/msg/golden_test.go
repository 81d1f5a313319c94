package msg

import (
	"bytes"
	"encoding/hex"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// golden returns the messages that testdata/gen_golden.py encodes, by name.
func golden() map[string]Message {
	return map[string]Message{
		"image_bgr8": &Image{
			Header: header(1700000000, 123456789, "camera"), Height: 2, Width: 3, Encoding: "bgr8", Step: 10,
			Data: []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19},
		},
		"image_mono8_odd": &Image{
			Header: header(-5, 999999999, ""), Height: 1, Width: 1, Encoding: "mono8", IsBigendian: 1, Step: 1,
			Data: []byte{0xff},
		},
		"image_empty": &Image{Data: []byte{}},
		"compressed": &CompressedImage{
			Header: header(1, 2, "front/left"), Format: "bgr8; jpeg compressed bgr8", Data: []byte{0xff, 0xd8, 0xff},
		},
		"string":          &String{Data: "green"},
		"string_empty":    &String{},
		"string_utf8":     &String{Data: "für 灯"},
		"detections_none": &Detection2DArray{Header: header(7, 8, "camera")},
		"detections_two": &Detection2DArray{Header: header(7, 8, "cam"), Detections: []Detection2D{
			{
				Header: header(7, 8, "cam"), Results: hypotheses(""), ID: "track 1",
				BBox: BoundingBox2D{Pose2D{Point2D{320.5, 240.25}, 0.125}, 64, 128},
			},
			{Header: header(7, 9, ""), BBox: BoundingBox2D{Pose2D{Point2D{-1, 0}, 3}, 4, 5}},
		}},
		"detections_lengths": lengths(),
		"markers_none":       &MarkerArray{},
		"markers_two": &MarkerArray{Markers: []Marker{
			{
				Header: header(7, 8, "base_link"), NS: "lane", ID: -3, Type: MarkerLineStrip, Action: MarkerAdd,
				Pose: Pose{Point{1, 2, 3}, Quaternion{0, 0, 0, 1}}, Scale: Vector3{0.02, 0, 0}, Color: Color{0.25, 0.5, 0.75, 1},
				Lifetime: Duration{1, 500_000_000}, FrameLocked: true, Points: []Point{{1, -1, 0}, {2, -1.5, 0.25}},
				Colors: []Color{{1, 0, 0, 1}, {0, 1, 0, 0.5}}, TextureResource: "t", Text: "left",
				Texture:       CompressedImage{Header: header(1, 2, "tex"), Format: "png", Data: []byte{1, 2, 3}},
				UVCoordinates: []UVCoordinate{{0.5, 0.25}}, MeshResource: "package://x", MeshFilename: "m.stl",
				MeshData: []byte{9}, MeshUseEmbeddedMaterials: true,
			},
			{Action: MarkerDeleteAll, Texture: CompressedImage{Data: []byte{}}, MeshData: []byte{}},
		}},
		"job_timing": &JobTiming{
			Header: header(1700000000, 5, "camera"), Task: "traffic_light", Variant: "w100", Device: "cpu",
			PackedWith: "sign", Job: 1<<63 + 1, ReceivedNs: 123456789012345678, SubmittedNs: 123456789012345679,
			DeadlineNs: 123456789012345680, PreStartedNs: 123456789012345681, PreEndedNs: 123456789012345682,
			InferStartedNs: 123456789012345683, InferEndedNs: 123456789012345684,
			PostStartedNs: 123456789012345685, PostEndedNs: 123456789012345686,
			PublishedNs: 123456789012345687, BlockedNs: 123456789012345688, PreWorker: 1, Slot: 2, PostWorker: 1 << 31,
		},
		"job_timing_refused": &JobTiming{
			Header: header(0, 1, "c"), Task: "lane", Job: 1, Outcome: OutcomeRefused, Reason: "no_frame", Missed: true,
			ReceivedNs: -5, SubmittedNs: -4, DeadlineNs: -3, PreStartedNs: -2, PreEndedNs: -1, InferStartedNs: 0,
			InferEndedNs: 1, PostStartedNs: 2, PostEndedNs: 3, PublishedNs: 4, BlockedNs: 5,
		},
		"request_hello": &Job{
			Client: 1 << 63, Task: "lane", ImageTopic: "/car/camera/image_raw", ImageTransport: "raw", DeadlineNs: 33_300_000,
		},
		"request_submit": &Job{
			Kind: JobSubmit, Client: 2, Scheduler: 3, Sequence: 4, Task: "sign", ImageTopic: "/a/compressed",
			ImageTransport: "compressed", DeadlineNs: -1, Header: header(-5, 999999999, "cam"), SentNs: 1700000000123456789,
			ReceivedNs: 123456789012345678,
		},
		"request_dropped": &Job{Kind: JobDropped, Client: 2, Scheduler: 3, Sequence: math.MaxUint64, PublishedNs: -7, Reason: "für 灯"},
		"result_published": &JobResult{
			Client: 2, Scheduler: 3, Sequence: 4, Messages: []SerializedMessage{
				{Type: "std_msgs/msg/String", Data: []byte{0, 1, 0, 0, 4, 0, 0, 0, 'r', 'e', 'd', 0}}, {Type: "odd", Data: []byte{7}}, {Data: []byte{}},
			},
		},
		"result_refused": &JobResult{Client: 1, Scheduler: 1 << 63, Outcome: OutcomeRefused, Reason: "queue_full"},
		"serialized":     &SerializedMessage{Type: "rtmdl/msg/LaneLines", Data: []byte{0, 1, 2, 3, 4}},
		"task_status":    taskStatus("lane", "w50", 3),
		"status": schedulerStatus("skip", "cpu",
			*taskStatus("traffic_light", "w100", 0), *taskStatus("sign", "w25", 7)),
		"status_idle": schedulerStatus("run", "cuda:0"),
		"lanes_none":  &LaneLines{Header: header(7, 8, "camera"), ImageWidth: 640, ImageHeight: 480},
		"lanes": &LaneLines{
			Header: header(1700000000, 123456789, "cam"), ImageWidth: 1280, ImageHeight: 720,
			Left:        LaneLine{Confidence: 0.875, Points: []LanePoint{{320.5, 719.5}, {400.25, 500}, {450, 401.125}}},
			Right:       LaneLine{Confidence: 0.5, Points: []LanePoint{{1000, 720}, {800, 400}}},
			OffsetValid: true, WidthPx: 679.5, OffsetPx: -20.25, OffsetShare: -20.25 / 679.5,
		},
		"lanes_one": &LaneLines{
			Header: header(0, 1, ""), ImageWidth: 1, ImageHeight: 2,
			Right: LaneLine{Confidence: 1, Points: []LanePoint{{1, 2}, {-3, 0}}},
		},
		"camera_info": &CameraInfo{
			Header: header(-5, 999999999, "camera"), Height: 480, Width: 640, DistortionModel: "plumb_bob",
			D: []float64{0.1, -0.25, 1e-300, 0, 5}, K: [9]float64{500, 0, 320.5, 0, 501, 240.25, 0, 0, 1},
			R: [9]float64{1, 2, 3, 4, 5, 6, 7, 8, 9}, P: [12]float64{10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21},
			BinningX: 2, BinningY: 4, ROI: RegionOfInterest{1, 2, 3, 4, true},
		},
		"camera_info_none": &CameraInfo{Header: header(1, 2, "abc")},
		"path_none":        &Path{Header: header(7, 8, "base_link")},
		"path": &Path{Header: header(7, 8, "base_link"), Poses: []PoseStamped{
			{header(7, 8, "base_link"), Pose{Point{1, 2, 3}, Quaternion{0, 0, 0, 1}}},
			{header(7, 9, ""), Pose{Point{-1, 0.5, 0}, Quaternion{0.1, 0.2, 0.3, 0.4}}},
			{header(7, 9, "odd"), Pose{Point{1e300, 0, 0}, Quaternion{}}},
		}},
		"clock": &Clock{Time{-7, 999999999}},
		"parameter_event": &ParameterEvent{
			Stamp: Time{7, 8}, Node: "/car/lane",
			New: []Parameter{
				{"flag", ParameterValue{true}}, {"n", ParameterValue{int64(-7)}}, {"none", ParameterValue{}},
				{"x", ParameterValue{2.5}}, {"text", ParameterValue{"für 灯"}},
			},
			Changed: []Parameter{
				{"b", ParameterValue{[]byte{1, 2, 3}}}, {"bb", ParameterValue{[]bool{true, false}}}, {"is", ParameterValue{[]int64{1, -2}}},
				{"xs", ParameterValue{[]float64{0.5, 1e300}}}, {"ts", ParameterValue{[]string{"a", "", "ccc"}}},
			},
		},
		"diagnostics": &DiagnosticArray{Header: header(7, 8, ""), Status: []DiagnosticStatus{
			{DiagnosticOK, "a", "OK", "cpu", []KeyValue{{"k", "v"}, {"kk", ""}}}, {DiagnosticStale, "bb", "", "", []KeyValue{}},
		}},
		"diagnostics_none": &DiagnosticArray{Header: header(1, 2, "c"), Status: []DiagnosticStatus{}},
		"transition_event": &TransitionEvent{1<<63 + 1, Transition{3, "activate"}, State{2, "inactive"}, State{3, "active"}},
	}
}

func header(sec int32, nanosec uint32, frame string) Header {
	return Header{Stamp: Time{sec, nanosec}, FrameID: frame}
}

func hypothesis(class string, score float64, pose Pose, start float64) ObjectHypothesisWithPose {
	h := ObjectHypothesisWithPose{Hypothesis: ObjectHypothesis{class, score}, Pose: PoseWithCovariance{Pose: pose}}
	for i := range h.Pose.Covariance {
		h.Pose.Covariance[i] = start + float64(i)
	}
	return h
}

func hypotheses(tail string) []ObjectHypothesisWithPose {
	return []ObjectHypothesisWithPose{
		hypothesis("red"+tail, 0.875, Pose{Point{1, 2, 3}, Quaternion{0, 0, 0, 1}}, 100),
		hypothesis("yellow", 1e-300, Pose{Point{-1, 0.5, 0}, Quaternion{0.1, 0.2, 0.3, 0.4}}, -7),
	}
}

// lengths has strings of every length modulo 8, so that every alignment occurs.
func lengths() *Detection2DArray {
	m := &Detection2DArray{Header: header(7, 8, "c")}
	for n := range 9 {
		m.Detections = append(m.Detections, Detection2D{
			Header: header(1, 2, strings.Repeat("c", n)), Results: hypotheses(strings.Repeat("d", n)),
			BBox: BoundingBox2D{Pose2D{Point2D{float64(n), 0}, 0}, 1, 1}, ID: strings.Repeat("i", n),
		})
	}
	return m
}

func taskStatus(name, variant string, n uint64) *TaskStatus {
	return &TaskStatus{
		Name: name, Variant: variant, Priority: -int32(n), DeadlineMs: 33.3, RateHz: 29.97, Pending: uint32(n),
		Received: n + 1, Published: n + 2, Replaced: n + 3, Expired: n + 4, Refused: n + 5, Cancelled: n + 6,
		Failed: n + 7, Missed: math.MaxUint64, P50Ms: 0.5, P99Ms: 0.99, PreMs: 1.25, InferMs: 8.5,
		PostMs: math.Copysign(0, -1), Accuracy: 0.875, Loss: 0.0625, PredictedMissRate: 0.1,
	}
}

func schedulerStatus(policy, device string, tasks ...TaskStatus) *SchedulerStatus {
	return &SchedulerStatus{
		Header: header(3, 4, ""), LatePolicy: policy, Device: device, CPUWorkers: 1, AcceleratorSlots: 2,
		CPUUtilisation: 0.25, AcceleratorUtilisation: 1.0 / 3, Tasks: tasks,
		Plan: "optimal", PlanNumber: 7, Load: 1.5, Rung: 2, PredictedMissRate: 0.01, PredictedLoss: 0.02, LossBound: 0.015,
	}
}

func readHex(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "golden", name+".hex"))
	if err != nil {
		t.Fatal(err)
	}
	data, err := hex.DecodeString(strings.ReplaceAll(string(text), "\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestGoldenBytesOfAnotherImplementation(t *testing.T) {
	for name, m := range golden() {
		t.Run(name, func(t *testing.T) {
			want := readHex(t, name)
			if got := m.MarshalCDR(nil); !bytes.Equal(got, want) {
				t.Errorf("encoded\n%s\nwant\n%s", hex.Dump(got), hex.Dump(want))
			}
			for _, order := range []string{"", "_be"} {
				got := New(m.TypeName())
				if err := got.UnmarshalCDR(readHex(t, name+order)); err != nil {
					t.Errorf("decode%s: %v", order, err)
				} else if diff := cmp.Diff(m, got); diff != "" {
					t.Errorf("decoded%s differs (-want +got):\n%s", order, diff)
				}
			}
		})
	}
}

func TestAppendingKeepsWhatIsThere(t *testing.T) {
	for name, m := range golden() {
		for n := range 9 {
			prefix := bytes.Repeat([]byte{0xaa}, n)
			got := m.MarshalCDR(append([]byte(nil), prefix...))
			if !bytes.Equal(got[:n], prefix) || !bytes.Equal(got[n:], m.MarshalCDR(nil)) {
				t.Errorf("%s: appended to %d bytes, the message is another one", name, n)
			}
		}
	}
}
