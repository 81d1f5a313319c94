package msg

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func drawHeader(t *rapid.T) Header {
	return Header{
		Stamp:   Time{rapid.Int32().Draw(t, "sec"), rapid.Uint32().Draw(t, "nanosec")},
		FrameID: rapid.String().Draw(t, "frame"),
	}
}

func drawDetection(t *rapid.T) Detection2D {
	f, s := rapid.Float64(), rapid.String()
	d := NewDetection2D(drawHeader(t), s.Draw(t, "class"), f.Draw(t, "score"),
		f.Draw(t, "x"), f.Draw(t, "y"), f.Draw(t, "w"), f.Draw(t, "h"))
	if rapid.Bool().Draw(t, "no result") {
		d.Results = nil
	}
	d.ID = s.Draw(t, "id")
	return d
}

func drawMarker(t *rapid.T) Marker {
	f, s := rapid.Float64(), rapid.String()
	m := Marker{
		Header: drawHeader(t), NS: s.Draw(t, "ns"), ID: rapid.Int32().Draw(t, "id"), Type: MarkerLineStrip,
		Scale: Vector3{X: f.Draw(t, "scale")}, Color: Color{A: rapid.Float32().Draw(t, "alpha")},
		FrameLocked: rapid.Bool().Draw(t, "locked"), Text: s.Draw(t, "text"), MeshFilename: s.Draw(t, "mesh"),
		Texture: CompressedImage{Data: []byte{}}, MeshData: rapid.SliceOf(rapid.Byte()).Draw(t, "data"),
	}
	for range rapid.IntRange(0, 3).Draw(t, "points") {
		m.Points = append(m.Points, Point{X: f.Draw(t, "x")})
		m.Colors = append(m.Colors, Color{R: rapid.Float32().Draw(t, "red")})
	}
	return m
}

func drawTask(t *rapid.T) TaskStatus {
	f, s, u := rapid.Float64(), rapid.String(), rapid.Uint64()
	return TaskStatus{
		Name: s.Draw(t, "name"), Variant: s.Draw(t, "variant"), Priority: rapid.Int32().Draw(t, "priority"),
		DeadlineMs: f.Draw(t, "deadline"), RateHz: f.Draw(t, "rate"), Pending: rapid.Uint32().Draw(t, "pending"),
		Received: u.Draw(t, "received"), Missed: u.Draw(t, "missed"), PostMs: f.Draw(t, "post"),
		Accuracy: f.Draw(t, "accuracy"), PredictedMissRate: f.Draw(t, "predicted"),
	}
}

func drawLine(t *rapid.T) LaneLine {
	f := rapid.Float64()
	l := LaneLine{Confidence: f.Draw(t, "confidence")}
	for range rapid.IntRange(0, 3).Draw(t, "points") {
		l.Points = append(l.Points, LanePoint{f.Draw(t, "x"), f.Draw(t, "y")})
	}
	return l
}

func drawSerialized(t *rapid.T) SerializedMessage {
	return SerializedMessage{Type: rapid.String().Draw(t, "type"), Data: rapid.SliceOf(rapid.Byte()).Draw(t, "data")}
}

// drawMessage draws any message; empty sequences are nil, as decoders leave them.
func drawMessage(t *rapid.T) Message {
	s, u, i := rapid.String(), rapid.Uint32(), rapid.Int64()
	switch typeName := rapid.SampledFrom(TypeNames()).Draw(t, "type"); typeName {
	case TypeImage:
		return &Image{
			drawHeader(t), u.Draw(t, "height"), u.Draw(t, "width"), s.Draw(t, "encoding"),
			rapid.Uint8().Draw(t, "big"), u.Draw(t, "step"), rapid.SliceOf(rapid.Byte()).Draw(t, "data"),
		}
	case TypeCompressedImage:
		return &CompressedImage{drawHeader(t), s.Draw(t, "format"), rapid.SliceOf(rapid.Byte()).Draw(t, "data")}
	case TypeString:
		return &String{s.Draw(t, "data")}
	case TypeDetection2DArray:
		m := &Detection2DArray{Header: drawHeader(t)}
		for range rapid.IntRange(0, 3).Draw(t, "detections") {
			m.Detections = append(m.Detections, drawDetection(t))
		}
		return m
	case TypeMarkerArray:
		m := &MarkerArray{}
		for range rapid.IntRange(0, 3).Draw(t, "markers") {
			m.Markers = append(m.Markers, drawMarker(t))
		}
		return m
	case TypeJobTiming:
		return &JobTiming{
			Header: drawHeader(t), Task: s.Draw(t, "task"), Variant: s.Draw(t, "variant"), Device: s.Draw(t, "device"),
			PackedWith: s.Draw(t, "packed"), Job: rapid.Uint64().Draw(t, "job"),
			Outcome: Outcome(rapid.Uint8().Draw(t, "outcome")), Reason: s.Draw(t, "reason"),
			Missed: rapid.Bool().Draw(t, "missed"), ReceivedNs: i.Draw(t, "received"), BlockedNs: i.Draw(t, "blocked"),
			PreWorker: u.Draw(t, "pre"), Slot: u.Draw(t, "slot"), PostWorker: u.Draw(t, "post"),
		}
	case TypeJob:
		return &Job{
			Kind: JobKind(rapid.Uint8().Draw(t, "kind")), Client: rapid.Uint64().Draw(t, "client"), Sequence: rapid.Uint64().Draw(t, "sequence"),
			Task: s.Draw(t, "task"), ImageTopic: s.Draw(t, "topic"), ImageTransport: s.Draw(t, "transport"),
			DeadlineNs: i.Draw(t, "deadline"), Header: drawHeader(t),
			ReceivedNs: i.Draw(t, "received"), Reason: s.Draw(t, "reason"),
		}
	case TypeJobResult:
		m := &JobResult{
			Client: rapid.Uint64().Draw(t, "client"), Scheduler: rapid.Uint64().Draw(t, "scheduler"),
			Outcome: Outcome(rapid.Uint8().Draw(t, "outcome")), Reason: s.Draw(t, "reason"),
		}
		for range rapid.IntRange(0, 3).Draw(t, "messages") {
			m.Messages = append(m.Messages, drawSerialized(t))
		}
		return m
	case TypeSerializedMessage:
		m := drawSerialized(t)
		return &m
	case TypeTaskStatus:
		m := drawTask(t)
		return &m
	case TypeLaneLines:
		f := rapid.Float64()
		return &LaneLines{
			Header: drawHeader(t), ImageWidth: u.Draw(t, "width"), ImageHeight: u.Draw(t, "height"), Left: drawLine(t),
			Right: drawLine(t), OffsetValid: rapid.Bool().Draw(t, "valid"), WidthPx: f.Draw(t, "lane"),
			OffsetPx: f.Draw(t, "offset"), OffsetShare: f.Draw(t, "share"),
		}
	case TypeCameraInfo:
		m := &CameraInfo{
			Header: drawHeader(t), Height: u.Draw(t, "height"), Width: u.Draw(t, "width"), DistortionModel: s.Draw(t, "model"),
			BinningX: u.Draw(t, "binning"), ROI: RegionOfInterest{Width: u.Draw(t, "roi"), DoRectify: rapid.Bool().Draw(t, "rectify")},
		}
		for range rapid.IntRange(0, 3).Draw(t, "distortions") {
			m.D = append(m.D, rapid.Float64().Draw(t, "d"))
		}
		for _, matrix := range [][]float64{m.K[:], m.R[:], m.P[:]} {
			matrix[rapid.IntRange(0, 8).Draw(t, "at")] = rapid.Float64().Draw(t, "element")
		}
		return m
	case TypePath:
		m := &Path{Header: drawHeader(t)}
		for range rapid.IntRange(0, 3).Draw(t, "poses") {
			f := rapid.Float64()
			m.Poses = append(m.Poses, PoseStamped{drawHeader(t), Pose{
				Position: Point{X: f.Draw(t, "x"), Y: f.Draw(t, "y")}, Orientation: Quaternion{Z: f.Draw(t, "qz"), W: f.Draw(t, "qw")},
			}})
		}
		return m
	case TypeClock:
		return &Clock{Time{rapid.Int32().Draw(t, "sec"), u.Draw(t, "nanosec")}}
	case TypeParameterEvent:
		m := &ParameterEvent{Node: s.Draw(t, "node")}
		for range rapid.IntRange(0, 3).Draw(t, "parameters") {
			m.New = append(m.New, Parameter{s.Draw(t, "name"), ParameterValue{rapid.SliceOf(s).Draw(t, "texts")}})
			m.Changed = append(m.Changed, Parameter{s.Draw(t, "name"), ParameterValue{rapid.SliceOf(rapid.Bool()).Draw(t, "bools")}})
		}
		return m
	case TypeDiagnosticArray:
		m := &DiagnosticArray{Header: drawHeader(t), Status: []DiagnosticStatus{}}
		for range rapid.IntRange(0, 3).Draw(t, "parts") {
			m.Status = append(m.Status, DiagnosticStatus{
				DiagnosticLevel(rapid.Uint8().Draw(t, "level")), s.Draw(t, "name"), s.Draw(t, "message"), s.Draw(t, "hardware"),
				[]KeyValue{{s.Draw(t, "key"), s.Draw(t, "value")}},
			})
		}
		return m
	case TypeTransitionEvent:
		return &TransitionEvent{
			rapid.Uint64().Draw(t, "timestamp"), Transition{rapid.Uint8().Draw(t, "id"), s.Draw(t, "transition")},
			State{1, s.Draw(t, "start")}, State{2, s.Draw(t, "goal")},
		}
	default:
		m := &SchedulerStatus{
			Header: drawHeader(t), LatePolicy: s.Draw(t, "policy"), Device: s.Draw(t, "device"),
			CPUWorkers: u.Draw(t, "workers"), CPUUtilisation: rapid.Float64().Draw(t, "cpu"),
			Plan: s.Draw(t, "plan"), PlanNumber: u.Draw(t, "number"), LossBound: rapid.Float64().Draw(t, "bound"),
		}
		for range rapid.IntRange(0, 3).Draw(t, "tasks") {
			m.Tasks = append(m.Tasks, drawTask(t))
		}
		return m
	}
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawMessage(t)
		got := New(m.TypeName())
		if err := got.UnmarshalCDR(m.MarshalCDR(nil)); err != nil {
			t.Fatalf("decode: %v", err)
		}
		if diff := cmp.Diff(m, got); diff != "" {
			t.Fatalf("message changed (-want +got):\n%s", diff)
		}
	})
}

func TestNanosRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ns := rapid.Int64Range(-(1<<31)*1e9, (1<<31)*1e9-1).Draw(t, "ns")
		at := TimeFromNanos(ns)
		if at.Nanos() != ns || at.Nanosec >= 1e9 {
			t.Fatalf("%d became %+v, %d", ns, at, at.Nanos())
		}
	})
	for _, ns := range []int64{-1 << 63, 1<<63 - 1} {
		if at := TimeFromNanos(ns); at.Nanosec >= 1e9 || (ns < 0) != (at.Sec < 0) {
			t.Errorf("%d became %+v", ns, at)
		}
	}
}
