package report

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rtmdl/internal/ros/msg"
)

// edited reports on the standard run, with some messages changed or dropped.
func edited(t *testing.T, edit func(*message)) (*Report, string) {
	t.Helper()
	b := newBuilder(t)
	b.edit = edit
	r, _, html := makeReport(t, b.standard().close())
	return r, html
}

func TestDamagedMessagesAreCountedAndNamed(t *testing.T) {
	r, html := edited(t, func(m *message) {
		switch image, ok := m.content.(*msg.CompressedImage); {
		case ok && (m.frame == 2 || m.frame == 3):
			image.Data = image.Data[:2000]
		case m.topic == "scheduler/job_timing" && (m.frame == 4 || m.frame == 5):
			m.data = m.content.MarshalCDR(nil)
			m.data = m.data[:len(m.data)-20]
		}
	})
	if f := r.Tasks[0]; f.Frames != 18 || f.Published != 14 || f.Missed != 5 {
		t.Errorf("figures %+v", f)
	}
	want(t, html, "Problems in the recording",
		"The image of frame 1700000000.200000000 can&#39;t be shown: compressed image is damaged",
		"2 of the messages on /scheduler/job_timing can&#39;t be decoded; the first: decode rtmdl/msg/JobTiming: "+
			"blocked_ns at byte",
		"of these without a job timing 2 ✗ not received, or the timing was not recorded: 1700000000.400000000, 1700000000.500000000",
		"results in the bag 16 ✗ 2 are of frames that no timing calls published",
		"20 ✗ but 20 ended by it, and 18 timings until then",
	)
	if len(r.page.Pictures) != 12 { // with their neighbours instead
		t.Errorf("%d pictures", len(r.page.Pictures))
	}
}

func TestSumsThatDoNotAddUpAreNamed(t *testing.T) {
	_, html := edited(t, func(m *message) {
		if j, ok := m.content.(*msg.JobTiming); ok {
			switch m.frame {
			case 0:
				j.Missed = true // in time
			case 1:
				j.Outcome = 9
			case 2:
				j.Header.Stamp.Sec += 5
			}
		}
		if s, ok := m.content.(*msg.SchedulerStatus); ok {
			s.Tasks[0].Received++
		}
		if m.frame == 6 && m.topic == "traffic_light/detections" {
			m.drop = true
		}
	})
	want(t, html,
		"job timings 20 ✗ 1 of frames that are not in the bag: 1700000005.200000000",
		"sum of the outcomes 19 ✗ 1 timings have an outcome that is unknown to this version",
		"✗ 2 timings say &#39;missed&#39; against their own instants",
		"results in the bag 15 ✗ 2 published ones are missing (not recorded?): 1700000005.200000000, 1700000000.600000000; "+
			"2 are of frames that no timing calls published: 1700000000.100000000, 1700000000.200000000",
		"21 ✗ but its outcomes and 0 pending add up to 20",
	)
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	without := func(topics ...string) func(*message) {
		return func(m *message) {
			for _, topic := range topics {
				m.drop = m.drop || strings.HasPrefix(m.topic, topic)
			}
		}
	}
	t.Run("no timings", func(t *testing.T) {
		r, html := edited(t, without("scheduler/"))
		want(t, html, "traffic_light: no job timings. Latencies and misses are unknown", "16 results in the bag",
			"No scheduler/status", "results in the bag 16 no timings to compare with")
		if f := r.Tasks[0]; f.Frames != 16 || f.Published != 16 || f.Outcomes["published"] != 16 || f.Missed != 0 {
			t.Errorf("figures %+v", f)
		}
	})
	t.Run("no detections", func(t *testing.T) {
		r, html := edited(t, without("traffic_light/"))
		want(t, html, "traffic_light: no topic with its results", "25 % missed")
		if strings.Contains(html, "What it saw") || r.Tasks[0].AgeP99Ms != nil || len(r.page.Pictures) != 12 {
			t.Errorf("age %v, %d pictures", r.Tasks[0].AgeP99Ms, len(r.page.Pictures))
		}
	})
	t.Run("no camera", func(t *testing.T) {
		r, html := edited(t, without("camera"))
		want(t, html, "No camera images in the bag", "All frames (20)", "– 0.001 1700000000.000000000 published 5.00 red")
		if r.BagFrames != 0 || len(r.page.Pictures) != 0 {
			t.Errorf("%d frames, %d pictures", r.BagFrames, len(r.page.Pictures))
		}
	})
	t.Run("only the camera", func(t *testing.T) {
		r, html := edited(t, without("scheduler", "traffic_light"))
		want(t, html, "No task left a trace in the bag", "All frames (20)", "2 0.100 1700000000.100000000")
		if r.Tasks == nil || len(r.Tasks) != 0 || len(r.page.Pictures) != 12 {
			t.Errorf("tasks %v, %d pictures", r.Tasks, len(r.page.Pictures))
		}
	})
	t.Run("only the status", func(t *testing.T) {
		r, html := edited(t, without("camera", "scheduler/job_timing", "traffic_light"))
		want(t, html, "traffic_light: no job timings", "frames received, by the scheduler&#39;s last status 20")
		if r.Tasks[0].DeadlineMs != 100 {
			t.Errorf("deadline %v", r.Tasks[0].DeadlineMs)
		}
	})
}

func TestStampsOfAnOldRecording(t *testing.T) {
	b := newBuilder(t)
	b.stampBack = 400 * 24 * 3600 * 1000 * millisecond
	r, _, html := makeReport(t, b.standard().close())
	if r.Tasks[0].AgeP99Ms != nil || r.Tasks[0].P99Ms != 120 {
		t.Errorf("figures %+v", r.Tasks[0])
	}
	want(t, html, "the stamps of its frames are more than an hour away", "– age of results p99")
}

func TestAnUnfinishedBagIsReportedAsFarAsItGoes(t *testing.T) {
	path := newBuilder(t).standard().close()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data[:len(data)*6/10], 0o600); err != nil {
		t.Fatal(err)
	}
	r, _, html := makeReport(t, path)
	want(t, html, "The bag is not whole: bag is not finished (the last record is cut)", "What is intact is reported.")
	if r.BagFrames < 5 || r.BagFrames > 19 {
		t.Errorf("%d frames", r.BagFrames)
	}
	if strings.Contains(html, filepath.Dir(path)) {
		t.Error("the report names the folder that it was made in")
	}
}

func TestTextsOfABagAreNoMarkup(t *testing.T) {
	const evil = `"><script>alert(1)</script><b x='`
	_, html := edited(t, func(m *message) {
		switch x := m.content.(type) {
		case *msg.Detection2DArray:
			for i := range x.Detections {
				x.Detections[i].Results[0].Hypothesis.ClassID = evil + strings.Repeat("x", 100)
				x.Detections[i].Results[0].Hypothesis.Score = math.NaN()
				x.Detections[i].BBox.SizeX = math.Inf(1)
			}
		case *msg.String:
			x.Data = evil
		case *msg.JobTiming:
			x.Task, x.Variant, x.Device, x.Reason = evil, evil, evil, evil
		}
	})
	if strings.Count(html, "<script") != 2 || strings.Contains(html, "<script>alert") || // ours, with the timeline
		strings.Contains(html, "<b x=") {
		t.Error("a text of the bag became markup")
	}
}

func TestSeveralTasksAndVehicles(t *testing.T) {
	b := newBuilder(t)
	b.namespace = "/car1"
	b.standard()
	b.task = "sign"
	for i := range 20 {
		b.job(i, msg.OutcomePublished, 30, "w25", "", "stop")
	}
	r, dir, html := makeReport(t, b.close())
	if len(r.Tasks) != 2 || r.Tasks[0].Name != "sign" || r.Tasks[1].Name != "traffic_light" || r.Tasks[0].P99Ms != 30 {
		t.Errorf("tasks %+v", r.Tasks)
	}
	want(t, html, "All frames (40)", "task outcome", "3 boxes · sign 30.0 ms, traffic_light 15.0 ms")
	_ = dir

	b = newBuilder(t)
	b.namespace = "/car1"
	b.standard()
	b.namespace = "/car2"
	for i := range 20 {
		b.job(i, msg.OutcomePublished, 30, "w25", "", "red")
	}
	r, _, _ = makeReport(t, b.close())
	if len(r.Tasks) != 2 || r.Tasks[0].Name != "/car1/traffic_light" || r.Tasks[1].Published != 20 {
		t.Errorf("tasks %+v", r.Tasks)
	}
}

func TestUncompressedCameraAndOthers(t *testing.T) {
	b := newBuilder(t)
	b.edit = func(m *message) {
		if image, ok := m.content.(*msg.CompressedImage); ok && m.topic == b.camera {
			m.topic, m.content = "camera/image_raw", &msg.Image{
				Header: image.Header, Width: 1280, Height: 720, Step: 3840, Encoding: "bgr8", Data: make([]byte, 3840*720),
			}
		}
	}
	b.write("camera/image_raw", 0, began-5, &msg.Image{Header: msg.Header{FrameID: "x"}})
	b.standard()
	b.write("other/image_raw", 0, began, &msg.Image{})
	b.write("traffic_light/debug_image", 0, began, &msg.Image{})
	r, _, html := makeReport(t, b.close())
	if r.BagFrames != 21 || len(r.page.Pictures) != 11 || r.page.Pictures[1].Width != 960 || r.page.Pictures[1].Height != 540 {
		t.Errorf("%d frames, %d pictures", r.BagFrames, len(r.page.Pictures))
	}
	want(t, html, "The image of frame 0.000000000 can&#39;t be shown: image sizes do not fit together: unknown encoding",
		"/other/image_raw has 1 more images; the report looks at /camera/image_raw.",
		"of these without a job timing 1 ✗")
	if strings.Contains(html, "debug_image has") {
		t.Error("the debug image is taken for a camera")
	}
}

func TestLongRuns(t *testing.T) {
	b := newBuilder(t)
	b.photos = []string{"red"}
	for i := range 4000 {
		outcome := msg.OutcomePublished
		if i%100 == 50 {
			outcome = msg.OutcomeExpired
		}
		b.job(i, outcome, 10+int64(i%97), "w100", "")
	}
	r, _, html := makeReport(t, b.close())
	if r.Tasks[0].Frames != 4000 {
		t.Errorf("%d frames", r.Tasks[0].Frames)
	}
	want(t, html, "All frames (3000 of more)", "1000 more lines are left out.")
	if strings.Contains(html, "<circle") || !strings.Contains(html, `class="span late"`) || !strings.Contains(html, `class="lost"`) {
		t.Error("a long run is not drawn in columns")
	}
	if len(html) > 3<<20 {
		t.Errorf("%d bytes of HTML", len(html))
	}
}

// FuzzFromBag reports on mutated bags: whatever is in one, there is a report or an error.
func FuzzFromBag(f *testing.F) {
	b := newBuilder(f)
	b.edit = func(m *message) {
		if image, ok := m.content.(*msg.CompressedImage); ok {
			image.Data = image.Data[:0]
		}
	}
	data, err := os.ReadFile(b.standard().close())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data[:len(data)-200]) // no index, so that mutated messages are not refused by a checksum
	path := filepath.Join(f.TempDir(), "x.mcap")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if r, err := FromBag(t.Context(), path, Options{OutDir: t.TempDir()}); (r == nil) == (err == nil) {
			t.Errorf("report %v and error %v", r, err)
		}
	})
}
