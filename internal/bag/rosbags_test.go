package bag

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rtmdl/internal/ros/msg"
)

// python returns the interpreter of the local ROS prefix, or skips the test.
func python(t *testing.T) string {
	t.Helper()
	name := os.Getenv("ROS_PYTHON")
	if name == "" {
		name = "../../.ros/bin/python"
	}
	path, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Skip("no Python of a local ROS prefix in .ros (make setup makes it)")
	}
	if out, err := exec.Command(path, "-c", "import rosbags").CombinedOutput(); err != nil {
		t.Skipf("the local Python has no rosbags: %s", bytes.TrimSpace(out))
	}
	return path
}

// everyType makes one message of each type that this project writes.
func everyType() []msg.Message {
	header := msg.Header{Stamp: msg.Time{Sec: 1_700_000_000, Nanosec: 5}, FrameID: "camera"}
	return []msg.Message{
		&msg.Image{Header: header, Height: 2, Width: 3, Encoding: "bgr8", Step: 9, Data: make([]byte, 18)},
		&msg.CompressedImage{Header: header, Format: "jpeg", Data: []byte{1, 2, 3}},
		&msg.String{Data: "green"},
		&msg.Detection2DArray{Header: header, Detections: []msg.Detection2D{
			msg.NewDetection2D(header, "red", 0.75, 10, 20, 30, 40),
			msg.NewDetection2D(header, "yellow", 0.5, 1, 2, 3, 4),
		}},
		&msg.JobTiming{Header: header, Task: "traffic_light", Variant: "w100", Job: 3, Missed: true, PublishedNs: 9},
		&msg.TaskStatus{Name: "lane", Variant: "w50", Priority: 1, P99Ms: 3.5},
		&msg.SchedulerStatus{Header: header, LatePolicy: "skip", Tasks: []msg.TaskStatus{{Name: "lane"}, {Name: "sign"}}},
		&msg.LaneLines{Header: header, ImageWidth: 640, Left: msg.LaneLine{Confidence: 0.5, Points: []msg.LanePoint{{X: 1, Y: 2}, {X: 3}}}},
		&msg.CameraInfo{Header: header, DistortionModel: "plumb_bob", D: []float64{1, 2}, K: [9]float64{500}},
		&msg.Path{Header: header, Poses: []msg.PoseStamped{{Header: header}, {}}},
	}
}

func TestRosbagsReadsTheSame(t *testing.T) {
	interpreter := python(t)
	for name, compression := range map[string]Compression{"none": None, "lz4": LZ4, "zstd": ZSTD} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "all.mcap")
			w := create(t, path, Options{Compression: compression, ChunkSize: 2000})
			type line struct {
				Topic, Type, SHA256 string
				Time                int64
				Count               int
				Again               bool
				Reliability, Depth  []int
			}
			var want []line
			messages := everyType()
			ids := make([]TopicID, len(messages))
			for i, m := range messages {
				ids[i] = addTopic(t, w, "/t/"+filepath.Base(m.TypeName()), m.TypeName())
				want = append(want, line{
					Topic: "/t/" + filepath.Base(m.TypeName()), Type: m.TypeName(), Count: 10,
					Reliability: []int{1}, Depth: []int{5},
				})
			}
			for i := range 10 * len(messages) {
				m := messages[i%len(messages)]
				data := m.MarshalCDR(nil)
				write(t, w, ids[i%len(messages)], at(i), data)
				sum := sha256.Sum256(data)
				want = append(want, line{
					Topic: "/t/" + filepath.Base(m.TypeName()), Time: at(i), SHA256: hex.EncodeToString(sum[:]), Again: true,
				})
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			var stderr bytes.Buffer
			command := exec.Command(interpreter, "testdata/read_bag.py", path)
			command.Stderr = &stderr
			out, err := command.Output()
			if err != nil {
				t.Fatalf("%v\n%s", err, stderr.String())
			}
			var got []line
			for decoder := json.NewDecoder(bytes.NewReader(out)); decoder.More(); {
				var l line
				if err := decoder.Decode(&l); err != nil {
					t.Fatal(err)
				}
				got = append(got, l)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("rosbags reads something else (-written +read):\n%s", diff)
			}
		})
	}
}

func TestRosbagsFoldersAreRead(t *testing.T) {
	interpreter := python(t)
	for _, compression := range []string{"none", "storage"} {
		t.Run(compression, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "bag")
			command := exec.Command(interpreter, "testdata/write_bag.py", folder, compression)
			if out, err := command.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			r := open(t, folder)
			topics := r.Topics()
			if len(topics) != 2 || topics[0].Count != 1000 || topics[1].Type != msg.TypeString ||
				!bytes.Contains([]byte(topics[1].QoS), []byte("best_effort")) {
				t.Errorf("topics %+v %+v", topics[0], topics[1])
			}
			n := int64(0)
			for m, err := range r.Messages(t.Context(), Query{}) {
				if err != nil || m.LogTime != n {
					t.Fatalf("message %d: time %d, %v", n, m.LogTime, err)
				}
				var s msg.String
				if m.Topic.Name == "/text" {
					if err := s.UnmarshalCDR(m.Data); err != nil || s.Data != fmt.Sprintf("message %d", n) {
						t.Fatalf("message %d: %q, %v", n, s.Data, err)
					}
				} else if h, err := msg.ReadHeader(m.Data); err != nil || h.Stamp.Sec != int32(n) {
					t.Fatalf("message %d: %+v, %v", n, h, err)
				}
				n++
			}
			if n != 2000 {
				t.Errorf("%d messages", n)
			}
		})
	}
}
