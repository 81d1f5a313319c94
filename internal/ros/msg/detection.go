package msg

// Detection2DArray is vision_msgs/Detection2DArray in the layout of vision_msgs 4: what was found in one image.
type Detection2DArray struct {
	Header     Header // of the image
	Detections []Detection2D
}

// Detection2D is vision_msgs/Detection2D: one box and what may be in it.
type Detection2D struct {
	Header  Header
	Results []ObjectHypothesisWithPose // the best first, where rtmdl wrote it
	BBox    BoundingBox2D              // in pixels of the image
	ID      string                     // track of the object over frames; empty: none
}

// ObjectHypothesisWithPose is vision_msgs/ObjectHypothesisWithPose. Its pose is not used by rtmdl: zero.
type ObjectHypothesisWithPose struct {
	Hypothesis ObjectHypothesis
	Pose       PoseWithCovariance
}

// ObjectHypothesis is vision_msgs/ObjectHypothesis.
type ObjectHypothesis struct {
	ClassID string  // text label, such as red
	Score   float64 // confidence, 0 to 1
}

// PoseWithCovariance is geometry_msgs/PoseWithCovariance.
type PoseWithCovariance struct {
	Pose       Pose
	Covariance [36]float64 // 6 x 6, row by row: x, y, z and rotations about X, Y, Z
}

// Pose is geometry_msgs/Pose.
type Pose struct {
	Position    Point      // in metres
	Orientation Quaternion // ROS defaults it to w = 1; here the zero value is all zeros
}

// Point is geometry_msgs/Point, in metres.
type Point struct{ X, Y, Z float64 }

// Quaternion is geometry_msgs/Quaternion.
type Quaternion struct{ X, Y, Z, W float64 }

// BoundingBox2D is vision_msgs/BoundingBox2D: a box given by its centre, in pixels.
type BoundingBox2D struct {
	Center Pose2D
	SizeX  float64 // width, >= 0
	SizeY  float64 // height, >= 0
}

// Pose2D is vision_msgs/Pose2D.
type Pose2D struct {
	Position Point2D
	Theta    float64 // rotation in radians, counter-clockwise
}

// Point2D is vision_msgs/Point2D, in pixels from the upper left corner.
type Point2D struct{ X, Y float64 }

// NewDetection2D returns a detection with one hypothesis, whose orientation is the identity, and the upright box
// with the upper left corner (x, y), in pixels.
func NewDetection2D(header Header, classID string, score, x, y, width, height float64) Detection2D {
	return Detection2D{
		Header: header,
		Results: []ObjectHypothesisWithPose{{
			Hypothesis: ObjectHypothesis{ClassID: classID, Score: score},
			Pose:       PoseWithCovariance{Pose: Pose{Orientation: Quaternion{W: 1}}},
		}},
		BBox: BoundingBox2D{
			Center: Pose2D{Position: Point2D{X: x + width/2, Y: y + height/2}},
			SizeX:  width,
			SizeY:  height,
		},
	}
}

// TypeName implements Message.
func (m *Detection2DArray) TypeName() string { return TypeDetection2DArray }

// MarshalCDR implements Message.
func (m *Detection2DArray) MarshalCDR(dst []byte) []byte {
	e := newEncoder(dst)
	m.Header.encode(&e)
	e.length(len(m.Detections))
	for i := range m.Detections {
		m.Detections[i].encode(&e)
	}
	return e.buf
}

// Smallest sizes on the wire, in bytes; they bound what a forged length can make UnmarshalCDR allocate.
const (
	minDetection2D = 12 + 4 + 5*8 + 4
	minHypothesis  = 4 + 8 + 7*8 + 36*8
)

// UnmarshalCDR implements Message. Empty sequences become nil. No slice that m had before is written to.
func (m *Detection2DArray) UnmarshalCDR(src []byte) error {
	d := newDecoder(src)
	m.Header.decode(&d)
	m.Detections = nil
	if n := d.length("detections", minDetection2D); n > 0 {
		m.Detections = make([]Detection2D, n)
	}
	for i := range m.Detections {
		m.Detections[i].decode(&d)
		if d.err != nil {
			d.withinElement("detections", i)
			break
		}
	}
	return d.finish(m.TypeName())
}

func (m *Detection2D) encode(e *encoder) {
	m.Header.encode(e)
	e.length(len(m.Results))
	for i := range m.Results {
		m.Results[i].encode(e)
	}
	e.f64(m.BBox.Center.Position.X)
	e.f64(m.BBox.Center.Position.Y)
	e.f64(m.BBox.Center.Theta)
	e.f64(m.BBox.SizeX)
	e.f64(m.BBox.SizeY)
	e.str(m.ID)
}

func (m *Detection2D) decode(d *decoder) {
	m.Header.decode(d)
	if n := d.length("results", minHypothesis); n > 0 {
		m.Results = make([]ObjectHypothesisWithPose, n)
	}
	for i := range m.Results {
		m.Results[i].decode(d)
		if d.err != nil {
			d.withinElement("results", i)
			return
		}
	}
	m.BBox.Center.Position.X = d.f64("bbox.center.position.x")
	m.BBox.Center.Position.Y = d.f64("bbox.center.position.y")
	m.BBox.Center.Theta = d.f64("bbox.center.theta")
	m.BBox.SizeX = d.f64("bbox.size_x")
	m.BBox.SizeY = d.f64("bbox.size_y")
	m.ID = d.str("id", "")
}

func (m *ObjectHypothesisWithPose) encode(e *encoder) {
	e.str(m.Hypothesis.ClassID)
	e.f64(m.Hypothesis.Score)
	m.Pose.Pose.encode(e)
	for _, v := range m.Pose.Covariance {
		e.f64(v)
	}
}

func (m *ObjectHypothesisWithPose) decode(d *decoder) {
	m.Hypothesis.ClassID = d.str("hypothesis.class_id", "")
	m.Hypothesis.Score = d.f64("hypothesis.score")
	m.Pose.Pose.decode(d, "pose.pose")
	for i := range m.Pose.Covariance {
		m.Pose.Covariance[i] = d.f64("pose.covariance")
	}
}
