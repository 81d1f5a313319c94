package lane

import (
	"errors"
	"fmt"
	"math"
)

// ErrCamera is returned for a camera by which pixels can't be told in metres.
var ErrCamera = errors.New("camera")

// Camera says how a camera projects and how it is mounted. The ground is taken to be flat, the camera not to be
// rolled, and the picture not to be distorted: use a rectified one where the lens is wide.
type Camera struct {
	// Width and Height are of the pictures that the numbers below are for, in pixels. Frames of another size are taken
	// to be the same pictures, scaled.
	Width, Height int
	// FX, FY, CX and CY are the matrix K of sensor_msgs/CameraInfo, in pixels; there the middle of the upper left pixel
	// is (0, 0).
	FX, FY, CX, CY float64
	MountedAt      float64 // height above the ground, in metres, > 0
	Pitch          float64 // in radians, positive: looking down; between -pi/2 and pi/2
	Forward        float64 // metres from the origin of the car's frame forward to the camera
}

// Check returns an error that wraps ErrCamera and says what is wrong, or nil.
func (c *Camera) Check() error {
	positive := func(v float64) bool { return v > 0 && !math.IsInf(v, 1) }
	switch {
	case c.Width < 1 || c.Height < 1:
		return fmt.Errorf("%w: calibrated for pictures of %d x %d pixels", ErrCamera, c.Width, c.Height)
	case !positive(c.FX) || !positive(c.FY):
		return fmt.Errorf("%w: focal lengths %v and %v: must be above 0 (the camera is not calibrated)", ErrCamera, c.FX, c.FY)
	case math.IsNaN(c.CX+c.CY) || math.IsInf(c.CX+c.CY, 0):
		return fmt.Errorf("%w: principal point (%v, %v): must be numbers", ErrCamera, c.CX, c.CY)
	case !positive(c.MountedAt):
		return fmt.Errorf("%w: height %v m: must be above 0", ErrCamera, c.MountedAt)
	case !(math.Abs(c.Pitch) < math.Pi/2):
		return fmt.Errorf("%w: pitch %v: must be between -pi/2 and pi/2", ErrCamera, c.Pitch)
	case math.IsNaN(c.Forward) || math.IsInf(c.Forward, 0):
		return fmt.Errorf("%w: %v m ahead of the car's origin: must be a number", ErrCamera, c.Forward)
	}
	return nil
}

// Metres is a point on the ground in the car's frame (REP 103): X forward, Y to the left.
type Metres struct{ X, Y float64 }

// farthest is where the ground is told no more: where the next pixel up lies farther by more than this share.
const farthest = 0.1

// Ground returns where a point of a width x height frame lies on the ground. It reports false for what lies above the
// horizon, or so close below it that a pixel more or less changes the distance by more than a tenth.
func (c *Camera) Ground(p Point, width, height int) (Metres, bool) {
	scaleX, scaleY := float64(width)/float64(c.Width), float64(height)/float64(c.Height)
	// The ray in the camera's frame, 1 along its axis: x to the right, y down. Points have (0.5, 0.5) in the middle
	// of the first pixel, and K has (0, 0) there.
	x := ((p.X / scaleX) - 0.5 - c.CX) / c.FX
	y := ((p.Y / scaleY) - 0.5 - c.CY) / c.FY
	sin, cos := math.Sincos(c.Pitch)
	forward, down := cos-y*sin, sin+y*cos
	// One pixel of the frame is 1/(scaleY FY) of y; the distance goes with 1/down.
	if !(forward > 0 && down > 1/(farthest*scaleY*c.FY)) { // written so that NaN fails
		return Metres{}, false
	}
	return Metres{c.Forward + c.MountedAt*forward/down, -c.MountedAt * x / down}, true
}

// centrePoints is how many points a centre line has.
const centrePoints = 20

// Centre returns the middle of the lane from the nearest to the farthest place where both lines are seen, in equal
// steps forward: at each the middle between the left and the right line, straight across. It returns nil unless both
// lines are seen over some length, with the left one on the left all along.
func (c *Camera) Centre(r Result) []Metres {
	left, right := c.OnGround(r.Left, r), c.OnGround(r.Right, r)
	if len(left) < 2 || len(right) < 2 {
		return nil
	}
	near := max(left[0].X, right[0].X)
	far := min(left[len(left)-1].X, right[len(right)-1].X)
	if !(far > near) {
		return nil
	}
	middle := make([]Metres, centrePoints)
	for i := range middle {
		x := near + (far-near)*float64(i)/(centrePoints-1)
		l, r := across(left, x), across(right, x)
		if !(l > r) {
			return nil
		}
		middle[i] = Metres{x, (l + r) / 2}
	}
	return middle
}

// OnGround returns the part of one of a result's lines whose place on the ground can be told, X strictly rising.
func (c *Camera) OnGround(l Line, r Result) []Metres {
	var on []Metres
	for _, p := range l.Points {
		m, ok := c.Ground(p, r.Width, r.Height)
		if !ok {
			break // the rest is farther
		}
		if len(on) == 0 || m.X > on[len(on)-1].X {
			on = append(on, m)
		}
	}
	return on
}

// across returns Y of a line at X, which lies within it.
func across(line []Metres, x float64) float64 {
	i := 1
	for i < len(line)-1 && line[i].X < x {
		i++
	}
	a, b := line[i-1], line[i]
	return a.Y + (b.Y-a.Y)*min(max((x-a.X)/(b.X-a.X), 0), 1)
}
