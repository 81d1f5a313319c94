package msg

// LaneLines is rtmdl/LaneLines: the borders of the lane that the camera is in, as seen in one picture.
type LaneLines struct {
	Header      Header // of the source frame, bit for bit
	ImageWidth  uint32 // of the source frame, in pixels; all lengths below are in its pixels
	ImageHeight uint32
	Left        LaneLine
	Right       LaneLine
	OffsetValid bool    // both lines were seen near the lower edge; else the rest is 0
	WidthPx     float64 // of the lane at the picture's lower edge
	OffsetPx    float64 // middle of the picture less middle of the lane there; positive: right of the lane's middle
	OffsetShare float64 // OffsetPx / WidthPx
}

// LaneLine is rtmdl/LaneLine: one border of a lane.
type LaneLine struct {
	Confidence float64     // 0 to 1; 0: no line was seen
	Points     []LanePoint // vertices from the nearest to the farthest; none, or two at least
}

// LanePoint is rtmdl/LanePoint, in pixels from the upper left corner of the picture.
type LanePoint struct{ X, Y float64 }

// lanePointSize is the size of a LanePoint on the wire, in bytes.
const lanePointSize = 16

// TypeName implements Message.
func (m *LaneLines) TypeName() string { return TypeLaneLines }

// MarshalCDR implements Message.
func (m *LaneLines) MarshalCDR(dst []byte) []byte {
	e := newEncoder(dst)
	m.Header.encode(&e)
	e.u32(m.ImageWidth)
	e.u32(m.ImageHeight)
	m.Left.encode(&e)
	m.Right.encode(&e)
	e.boolean(m.OffsetValid)
	e.f64(m.WidthPx)
	e.f64(m.OffsetPx)
	e.f64(m.OffsetShare)
	return e.buf
}

// UnmarshalCDR implements Message. Empty sequences become nil. No slice that m had before is written to.
func (m *LaneLines) UnmarshalCDR(src []byte) error {
	d := newDecoder(src)
	m.Header.decode(&d)
	m.ImageWidth = d.u32("image_width")
	m.ImageHeight = d.u32("image_height")
	m.Left.decode(&d, "left")
	m.Right.decode(&d, "right")
	m.OffsetValid = d.boolean("offset_valid")
	m.WidthPx = d.f64("width_px")
	m.OffsetPx = d.f64("offset_px")
	m.OffsetShare = d.f64("offset_share")
	return d.finish(m.TypeName())
}

func (m *LaneLine) encode(e *encoder) {
	e.f64(m.Confidence)
	e.length(len(m.Points))
	for _, p := range m.Points {
		e.f64(p.X)
		e.f64(p.Y)
	}
}

func (m *LaneLine) decode(d *decoder, field string) {
	if d.err != nil {
		return
	}
	m.Confidence = d.f64("confidence")
	m.Points = nil
	if n := d.length("points", lanePointSize); n > 0 {
		m.Points = make([]LanePoint, n)
	}
	for i := range m.Points {
		m.Points[i].X = d.f64("x")
		m.Points[i].Y = d.f64("y")
		if d.err != nil {
			d.withinElement("points", i)
			break
		}
	}
	d.within(field)
}
