package msg

// MarkerArray is visualization_msgs/MarkerArray: shapes for rviz.
type MarkerArray struct{ Markers []Marker }

// Marker is visualization_msgs/Marker: a shape that stays until another one of its namespace and ID replaces it, it
// is deleted, or its lifetime is over.
type Marker struct {
	Header Header
	NS     string
	ID     int32
	Type   int32 // MarkerLineStrip and so on
	Action int32 // MarkerAdd or MarkerDeleteAll
	Pose   Pose
	Scale  Vector3 // of a line strip: X is its width, in metres
	Color  Color

	Lifetime    Duration // zero: for ever
	FrameLocked bool     // the shape moves with its frame

	Points []Point // of a line strip, in metres
	Colors []Color // by point; nil: Color for all

	TextureResource string
	Texture         CompressedImage
	UVCoordinates   []UVCoordinate
	Text            string
	MeshResource    string
	MeshFilename    string // mesh_file.filename
	MeshData        []byte // mesh_file.data; after UnmarshalCDR a window of its source: read only

	MeshUseEmbeddedMaterials bool
}

// Some of the types and actions of a marker.
const (
	MarkerLineStrip = 4
	MarkerAdd       = 0
	MarkerDeleteAll = 3
)

// Vector3 is geometry_msgs/Vector3.
type Vector3 struct{ X, Y, Z float64 }

// Color is std_msgs/ColorRGBA: each from 0 to 1; A = 0 is invisible.
type Color struct{ R, G, B, A float32 }

// Duration is builtin_interfaces/Duration.
type Duration struct {
	Sec     int32
	Nanosec uint32
}

// UVCoordinate is visualization_msgs/UVCoordinate: a place in a texture, each from 0 to 1.
type UVCoordinate struct{ U, V float32 }

// TypeName implements Message.
func (m *MarkerArray) TypeName() string { return TypeMarkerArray }

// MarshalCDR implements Message.
func (m *MarkerArray) MarshalCDR(dst []byte) []byte {
	e := newEncoder(dst)
	e.length(len(m.Markers))
	for i := range m.Markers {
		m.Markers[i].encode(&e)
	}
	return e.buf
}

// minMarker is the smallest size on the wire, in bytes.
const minMarker = 200

// UnmarshalCDR implements Message. Empty sequences become nil. No slice that m had before is written to.
func (m *MarkerArray) UnmarshalCDR(src []byte) error {
	d := newDecoder(src)
	m.Markers = nil
	if n := d.length("markers", minMarker); n > 0 {
		m.Markers = make([]Marker, n)
	}
	for i := range m.Markers {
		m.Markers[i].decode(&d)
		if d.err != nil {
			d.withinElement("markers", i)
			break
		}
	}
	return d.finish(m.TypeName())
}

func (m *Marker) encode(e *encoder) {
	m.Header.encode(e)
	e.str(m.NS)
	e.i32(m.ID)
	e.i32(m.Type)
	e.i32(m.Action)
	m.Pose.encode(e)
	for _, v := range [...]float64{m.Scale.X, m.Scale.Y, m.Scale.Z} {
		e.f64(v)
	}
	m.Color.encode(e)
	e.i32(m.Lifetime.Sec)
	e.u32(m.Lifetime.Nanosec)
	e.boolean(m.FrameLocked)
	e.length(len(m.Points))
	for _, p := range m.Points {
		e.f64(p.X)
		e.f64(p.Y)
		e.f64(p.Z)
	}
	e.length(len(m.Colors))
	for i := range m.Colors {
		m.Colors[i].encode(e)
	}
	e.str(m.TextureResource)
	m.Texture.Header.encode(e)
	e.str(m.Texture.Format)
	e.bytes(m.Texture.Data)
	e.length(len(m.UVCoordinates))
	for _, c := range m.UVCoordinates {
		e.f32(c.U)
		e.f32(c.V)
	}
	e.str(m.Text)
	e.str(m.MeshResource)
	e.str(m.MeshFilename)
	e.bytes(m.MeshData)
	e.boolean(m.MeshUseEmbeddedMaterials)
}

func (m *Marker) decode(d *decoder) {
	m.Header.decode(d)
	m.NS = d.str("ns", "")
	m.ID = d.i32("id")
	m.Type = d.i32("type")
	m.Action = d.i32("action")
	m.Pose.decode(d, "pose")
	for _, v := range [...]*float64{&m.Scale.X, &m.Scale.Y, &m.Scale.Z} {
		*v = d.f64("scale")
	}
	m.Color.decode(d)
	m.Lifetime.Sec = d.i32("lifetime.sec")
	m.Lifetime.Nanosec = d.u32("lifetime.nanosec")
	m.FrameLocked = d.boolean("frame_locked")
	if n := d.length("points", 3*8); n > 0 {
		m.Points = make([]Point, n)
	}
	for i := range m.Points {
		q := &m.Points[i]
		q.X, q.Y, q.Z = d.f64("points.x"), d.f64("points.y"), d.f64("points.z")
	}
	if n := d.length("colors", 4*4); n > 0 {
		m.Colors = make([]Color, n)
	}
	for i := range m.Colors {
		m.Colors[i].decode(d)
	}
	m.TextureResource = d.str("texture_resource", "")
	m.Texture.Header.decode(d)
	m.Texture.Format = d.str("texture.format", "")
	m.Texture.Data = d.bytes("texture.data")
	if n := d.length("uv_coordinates", 2*4); n > 0 {
		m.UVCoordinates = make([]UVCoordinate, n)
	}
	for i := range m.UVCoordinates {
		m.UVCoordinates[i] = UVCoordinate{d.f32("uv_coordinates.u"), d.f32("uv_coordinates.v")}
	}
	m.Text = d.str("text", "")
	m.MeshResource = d.str("mesh_resource", "")
	m.MeshFilename = d.str("mesh_file.filename", "")
	m.MeshData = d.bytes("mesh_file.data")
	m.MeshUseEmbeddedMaterials = d.boolean("mesh_use_embedded_materials")
}

func (c *Color) encode(e *encoder) {
	for _, v := range [...]float32{c.R, c.G, c.B, c.A} {
		e.f32(v)
	}
}

func (c *Color) decode(d *decoder) {
	for _, v := range [...]*float32{&c.R, &c.G, &c.B, &c.A} {
		*v = d.f32("color")
	}
}
