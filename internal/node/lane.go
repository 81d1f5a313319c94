package node

import (
	"errors"
	"fmt"
	"math"
	"path"
	"sync/atomic"

	"go.uber.org/zap"

	"rtmdl/internal/draw"
	"rtmdl/internal/perception/lane"
	"rtmdl/internal/ros"
	"rtmdl/internal/ros/msg"
)

// Lane publishes the lane's lines, and where the camera is known its middle on the ground, and markers for rviz.
type Lane struct {
	lines, path sender  // path is nil where the mounting is not known, and so is markers
	markers     watched // sent only while somebody subscribes
	log         *zap.Logger
	frame       string                      // of the path
	mounted     lane.Camera                 // the mounting; the rest comes by camera_info
	camera      atomic.Pointer[lane.Camera] // nil until a calibration has come
	info        msg.CameraInfo              // the last one; of the subscription's handler alone
}

var _ Publisher = (*Lane)(nil)

// NewLane makes the publisher lane/lines. With the parameter camera_height_m above 0 it also makes lane/path and
// lane/markers, and subscribes to the camera_info beside image_topic. The parameters are camera_height_m, camera_pitch_deg,
// camera_x_m and car_frame; whether they are sound, the node's Params().Err() says.
func NewLane(node *ros.Node) (*Lane, error) {
	p := node.Params()
	l := &Lane{
		log:   node.Log(),
		frame: p.String("car_frame", "frame of lane/path and lane/markers", "base_link"),
		mounted: lane.Camera{
			MountedAt: p.Float("camera_height_m", "of the camera above the ground, in m; 0: not known, no lane/path", 0, 0, 100),
			Pitch:     p.Float("camera_pitch_deg", "how far the camera looks down, in degrees", 0, -89, 89) * math.Pi / 180,
			Forward:   p.Float("camera_x_m", "how far the camera is ahead of the car's origin, in m", 0, -100, 100),
		},
	}
	topic := cameraInfo(p.String("image_topic", "", "camera/image_raw"))
	lines, err := node.Publish(lane.Name+"/lines", msg.TypeLaneLines, ros.Results())
	if err != nil {
		return nil, err
	}
	l.lines = lines
	if l.mounted.MountedAt == 0 {
		return l, nil
	}
	centre, err1 := node.Publish(lane.Name+"/path", msg.TypePath, ros.Results())
	markers, err2 := node.Publish(lane.Name+"/markers", msg.TypeMarkerArray, ros.Results())
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	l.path, l.markers = centre, markers
	if _, err := node.Subscribe(topic, msg.TypeCameraInfo, ros.SensorData(), func(m ros.Message) { l.calibrate(m.Data) }); err != nil {
		return nil, err
	}
	return l, nil
}

// cameraInfo returns the topic of the calibration that belongs to an image topic: beside it, by the convention of
// image_transport.
func cameraInfo(imageTopic string) string { return path.Join(path.Dir(imageTopic), "camera_info") }

// calibrate takes a CameraInfo. It is called on one goroutine. One that can't be used is passed over: the last good
// one holds.
func (l *Lane) calibrate(data []byte) {
	var info msg.CameraInfo
	err := info.UnmarshalCDR(data)
	if err != nil {
		l.log.Warn("a camera_info can't be read", zap.Error(err))
		return
	}
	if info.K == l.info.K && info.Width == l.info.Width && info.Height == l.info.Height {
		return // as nearly always: calibrations come with each picture
	}
	l.info = info
	c := l.mounted
	c.Width, c.Height = int(info.Width), int(info.Height)
	c.FX, c.CX, c.FY, c.CY = info.K[0], info.K[2], info.K[4], info.K[5]
	err = c.Check()
	if info.ROI.XOffset != 0 || info.ROI.YOffset != 0 {
		err = errors.New("its pictures are cut out of larger ones (roi)")
	}
	if err != nil {
		l.log.Warn("no lane/path by this camera_info", zap.Error(err))
		return
	}
	l.camera.Store(&c)
	l.log.Info("camera calibrated", zap.Float64("fx", c.FX), zap.Float64("fy", c.FY), zap.Int("width", c.Width), zap.Int("height", c.Height))
}

// Publish implements Publisher. Once a calibration has come, each frame has a path too, in the car's frame, an empty
// one where the lane's middle is not known.
func (l *Lane) Publish(header msg.Header, value any) error {
	result, ok := value.(lane.Result)
	if !ok {
		return fmt.Errorf("a lane's result is a %T", value)
	}
	err := l.lines.Send(laneLines(header, result))
	c := l.camera.Load()
	if c == nil {
		return err
	}
	inCar, centre := msg.Header{Stamp: header.Stamp, FrameID: l.frame}, c.Centre(result)
	err = errors.Join(err, l.path.Send(lanePath(inCar, centre)))
	if l.markers.Subscribers() > 0 {
		err = errors.Join(err, l.markers.Send(laneMarkers(inCar,
			strip{lane.Left, c.OnGround(result.Left, result)}, strip{lane.Right, c.OnGround(result.Right, result)}, strip{"centre", centre})))
	}
	return err
}

// EncodeLane returns a lane.Result as the message of a frame.
func EncodeLane(header msg.Header, value any) ([]msg.Message, error) {
	result, ok := value.(lane.Result)
	if !ok {
		return nil, fmt.Errorf("a lane's result is a %T", value)
	}
	return []msg.Message{laneLines(header, result)}, nil
}

// DecodeLane undoes EncodeLane.
func DecodeLane(messages []msg.SerializedMessage) (any, error) {
	var m msg.LaneLines
	if err := msg.Deserialize(messages, &m); err != nil {
		return nil, err
	}
	return laneResult(&m), nil
}

// laneLines returns a result as a message.
func laneLines(header msg.Header, r lane.Result) *msg.LaneLines {
	line := func(l lane.Line) msg.LaneLine {
		m := msg.LaneLine{Confidence: l.Confidence}
		for _, p := range l.Points {
			m.Points = append(m.Points, msg.LanePoint(p))
		}
		return m
	}
	m := &msg.LaneLines{
		Header: header, ImageWidth: uint32(r.Width), ImageHeight: uint32(r.Height), Left: line(r.Left), Right: line(r.Right),
	}
	if o := r.Offset; o != nil {
		m.OffsetValid, m.WidthPx, m.OffsetPx, m.OffsetShare = true, o.LaneWidth, o.Pixels, o.Share()
	}
	return m
}

// laneResult returns a message as the result that laneLines made it of.
func laneResult(m *msg.LaneLines) lane.Result {
	line := func(m msg.LaneLine) lane.Line {
		l := lane.Line{Confidence: m.Confidence}
		for _, p := range m.Points {
			l.Points = append(l.Points, lane.Point(p))
		}
		return l
	}
	r := lane.Result{Width: int(m.ImageWidth), Height: int(m.ImageHeight), Left: line(m.Left), Right: line(m.Right)}
	if m.OffsetValid {
		r.Offset = &lane.Offset{LaneWidth: m.WidthPx, Pixels: m.OffsetPx}
	}
	return r
}

// lanePath returns points on the ground as a path, each pose looking at the next one.
func lanePath(header msg.Header, points []lane.Metres) *msg.Path {
	m := &msg.Path{Header: header}
	for i, p := range points {
		from, to := points[min(i, len(points)-2)], points[min(i+1, len(points)-1)]
		sin, cos := math.Sincos(math.Atan2(to.Y-from.Y, to.X-from.X) / 2)
		m.Poses = append(m.Poses, msg.PoseStamped{Header: header, Pose: msg.Pose{
			Position: msg.Point{X: p.X, Y: p.Y}, Orientation: msg.Quaternion{Z: sin, W: cos},
		}})
	}
	return m
}

// strip is a line on the ground with its name, by which it gets its colour.
type strip struct {
	name   string
	points []lane.Metres
}

// stripWidth is how wide lines are in rviz, in metres.
const stripWidth = 0.03

// laneMarkers returns lines as shapes that take the place of those of the frame before.
func laneMarkers(header msg.Header, strips ...strip) *msg.MarkerArray {
	array := &msg.MarkerArray{Markers: []msg.Marker{{Header: header, Action: msg.MarkerDeleteAll}}}
	for _, s := range strips {
		if len(s.points) < 2 {
			continue
		}
		c := draw.ClassColor(s.name)
		m := msg.Marker{
			Header: header, NS: s.name, Type: msg.MarkerLineStrip, Action: msg.MarkerAdd, Scale: msg.Vector3{X: stripWidth},
			Pose:  msg.Pose{Orientation: msg.Quaternion{W: 1}},
			Color: msg.Color{R: float32(c.R) / 255, G: float32(c.G) / 255, B: float32(c.B) / 255, A: 1},
		}
		for _, p := range s.points {
			m.Points = append(m.Points, msg.Point{X: p.X, Y: p.Y})
		}
		array.Markers = append(array.Markers, m)
	}
	return array
}
