package msg

// CameraInfo is sensor_msgs/CameraInfo: how a camera projects.
type CameraInfo struct {
	Header          Header
	Height          uint32 // of the pictures that the calibration is for, in pixels
	Width           uint32
	DistortionModel string // such as plumb_bob; empty: none
	D               []float64
	K               [9]float64  // 3 x 3, row by row: fx 0 cx, 0 fy cy, 0 0 1, in pixels; fx 0: not calibrated
	R               [9]float64  // 3 x 3: rectification
	P               [12]float64 // 3 x 4: projection of rectified pictures
	BinningX        uint32      // 0 and 1: no binning
	BinningY        uint32
	ROI             RegionOfInterest
}

// RegionOfInterest is sensor_msgs/RegionOfInterest; all zeros: the whole picture.
type RegionOfInterest struct {
	XOffset, YOffset, Height, Width uint32 // in pixels
	DoRectify                       bool
}

// TypeName implements Message.
func (m *CameraInfo) TypeName() string { return TypeCameraInfo }

// MarshalCDR implements Message.
func (m *CameraInfo) MarshalCDR(dst []byte) []byte {
	e := newEncoder(dst)
	m.Header.encode(&e)
	e.u32(m.Height)
	e.u32(m.Width)
	e.str(m.DistortionModel)
	e.length(len(m.D))
	for _, matrix := range [...][]float64{m.D, m.K[:], m.R[:], m.P[:]} {
		for _, v := range matrix {
			e.f64(v)
		}
	}
	e.u32(m.BinningX)
	e.u32(m.BinningY)
	for _, v := range [...]uint32{m.ROI.XOffset, m.ROI.YOffset, m.ROI.Height, m.ROI.Width} {
		e.u32(v)
	}
	e.boolean(m.ROI.DoRectify)
	return e.buf
}

// UnmarshalCDR implements Message. An empty D becomes nil. No slice that m had before is written to.
func (m *CameraInfo) UnmarshalCDR(src []byte) error {
	d := newDecoder(src)
	m.Header.decode(&d)
	m.Height = d.u32("height")
	m.Width = d.u32("width")
	m.DistortionModel = d.str("distortion_model", m.DistortionModel)
	m.D = nil
	if n := d.length("d", 8); n > 0 {
		m.D = make([]float64, n)
	}
	for _, matrix := range [...]struct {
		name   string
		values []float64
	}{{"d", m.D}, {"k", m.K[:]}, {"r", m.R[:]}, {"p", m.P[:]}} {
		for i := range matrix.values {
			matrix.values[i] = d.f64(matrix.name)
		}
	}
	m.BinningX = d.u32("binning_x")
	m.BinningY = d.u32("binning_y")
	m.ROI.XOffset = d.u32("roi.x_offset")
	m.ROI.YOffset = d.u32("roi.y_offset")
	m.ROI.Height = d.u32("roi.height")
	m.ROI.Width = d.u32("roi.width")
	m.ROI.DoRectify = d.boolean("roi.do_rectify")
	return d.finish(m.TypeName())
}
