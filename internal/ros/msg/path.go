package msg

// Path is nav_msgs/Path: a way as a sequence of poses.
type Path struct {
	Header Header
	Poses  []PoseStamped
}

// PoseStamped is geometry_msgs/PoseStamped.
type PoseStamped struct {
	Header Header
	Pose   Pose
}

// minPoseStamped is the smallest size of a PoseStamped on the wire, in bytes.
const minPoseStamped = 8 + 4 + 7*8

// TypeName implements Message.
func (m *Path) TypeName() string { return TypePath }

// MarshalCDR implements Message.
func (m *Path) MarshalCDR(dst []byte) []byte {
	e := newEncoder(dst)
	m.Header.encode(&e)
	e.length(len(m.Poses))
	for i := range m.Poses {
		m.Poses[i].Header.encode(&e)
		m.Poses[i].Pose.encode(&e)
	}
	return e.buf
}

// UnmarshalCDR implements Message. An empty sequence becomes nil. No slice that m had before is written to.
func (m *Path) UnmarshalCDR(src []byte) error {
	d := newDecoder(src)
	m.Header.decode(&d)
	m.Poses = nil
	if n := d.length("poses", minPoseStamped); n > 0 {
		m.Poses = make([]PoseStamped, n)
	}
	for i := range m.Poses {
		m.Poses[i].Header.decode(&d)
		m.Poses[i].Pose.decode(&d, "pose")
		if d.err != nil {
			d.withinElement("poses", i)
			break
		}
	}
	return d.finish(m.TypeName())
}

func (p *Pose) encode(e *encoder) {
	for _, v := range [...]float64{
		p.Position.X, p.Position.Y, p.Position.Z,
		p.Orientation.X, p.Orientation.Y, p.Orientation.Z, p.Orientation.W,
	} {
		e.f64(v)
	}
}

func (p *Pose) decode(d *decoder, field string) {
	for _, v := range [...]*float64{
		&p.Position.X, &p.Position.Y, &p.Position.Z,
		&p.Orientation.X, &p.Orientation.Y, &p.Orientation.Z, &p.Orientation.W,
	} {
		*v = d.f64(field)
	}
}
