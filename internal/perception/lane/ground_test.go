package lane

import (
	"errors"
	"math"
	"testing"
)

// mounted is a camera of 640 x 480 pixels whose middle looks at the horizon, or down by a pitch in degrees.
func mounted(height, pitch float64) Camera {
	return Camera{Width: 640, Height: 480, FX: 500, FY: 500, CX: 319.5, CY: 239.5, MountedAt: height, Pitch: pitch * math.Pi / 180}
}

// seen projects a point on the ground into the picture: the way back.
func seen(c Camera, m Metres) Point {
	sin, cos := math.Sincos(c.Pitch)
	forward, down := m.X-c.Forward, c.MountedAt
	z, y := forward*cos+down*sin, -forward*sin+down*cos
	return Point{c.CX + 0.5 - c.FX*m.Y/z, c.CY + 0.5 + c.FY*y/z}
}

func near(a, b Metres) bool { return math.Hypot(a.X-b.X, a.Y-b.Y) < 1e-9 }

func TestGroundByKnownGeometry(t *testing.T) {
	level, down := mounted(0.2, 0), mounted(0.2, 45)
	ahead := mounted(0.2, 45)
	ahead.Forward = 0.3
	for _, test := range []struct {
		name   string
		camera Camera
		at     Point
		want   Metres
	}{
		{"45 degrees below the horizon, straight ahead", level, Point{320, 240 + 500}, Metres{0.2, 0}},
		{"twice as far as high", level, Point{320, 240 + 250}, Metres{0.4, 0}},
		{"to the right is negative", level, Point{320 + 250, 240 + 250}, Metres{0.4, -0.2}},
		{"to the left", level, Point{320 - 500, 240 + 500}, Metres{0.2, 0.2}},
		{"looking down by 45 degrees, the middle", down, Point{320, 240}, Metres{0.2, 0}},
		{"the camera ahead of the car's origin", ahead, Point{320, 240}, Metres{0.5, 0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, ok := test.camera.Ground(test.at, 640, 480)
			if !ok || !near(got, test.want) {
				t.Errorf("%v, %v", got, ok)
			}
		})
	}
}

func TestGroundIsTheWayBack(t *testing.T) {
	for _, pitch := range []float64{-5, 0, 12, 30} {
		c := mounted(0.25, pitch)
		c.Forward = -0.1
		for _, want := range []Metres{{0.3, 0}, {0.5, 0.4}, {1, -0.7}, {3, 0.1}} {
			if got, ok := c.Ground(seen(c, want), 640, 480); !ok || !near(got, want) {
				t.Errorf("pitch %v: %v became %v, %v", pitch, want, got, ok)
			}
			p := seen(c, want)
			if got, ok := c.Ground(Point{p.X / 2, p.Y / 4}, 320, 120); !ok || !near(got, want) {
				t.Errorf("pitch %v, in a smaller frame: %v became %v, %v", pitch, want, got, ok)
			}
		}
	}
}

func TestThereIsNoGroundAboveTheHorizon(t *testing.T) {
	level := mounted(0.2, 0)
	for _, test := range []struct {
		name   string
		camera Camera
		at     Point
	}{
		{"the sky", level, Point{320, 100}},
		{"the horizon", level, Point{320, 240}},
		{"so near to it that a pixel counts for more than a tenth", level, Point{320, 249}},
		{"below the camera and behind it", mounted(0.2, 80), Point{320, 479}},
		{"no number", level, Point{320, math.NaN()}},
	} {
		if got, ok := test.camera.Ground(test.at, 640, 480); ok {
			t.Errorf("%s: %v", test.name, got)
		}
	}
	if _, ok := level.Ground(Point{320, 251}, 640, 480); !ok {
		t.Error("11 pixels below the horizon there is no ground")
	}
}

func TestCheckNamesWhatIsWrong(t *testing.T) {
	good := mounted(0.2, 10)
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(c *Camera){
		"not calibrated":      func(c *Camera) { c.FX, c.FY = 0, 0 },
		"no size":             func(c *Camera) { c.Width = 0 },
		"focal length NaN":    func(c *Camera) { c.FY = math.NaN() },
		"focal length Inf":    func(c *Camera) { c.FX = math.Inf(1) },
		"principal point NaN": func(c *Camera) { c.CX = math.NaN() },
		"on the ground":       func(c *Camera) { c.MountedAt = 0 },
		"pitch of 90 degrees": func(c *Camera) { c.Pitch = math.Pi / 2 },
		"pitch NaN":           func(c *Camera) { c.Pitch = math.NaN() },
		"ahead by Inf":        func(c *Camera) { c.Forward = math.Inf(1) },
	} {
		c := good
		spoil(&c)
		if err := c.Check(); !errors.Is(err, ErrCamera) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// lineOf is a line as the camera sees it.
func lineOf(c Camera, points ...Metres) Line {
	l := Line{Confidence: 1}
	for _, m := range points {
		l.Points = append(l.Points, seen(c, m))
	}
	return l
}

func TestCentre(t *testing.T) {
	c := mounted(0.2, 10)
	left, right := lineOf(c, Metres{0.4, 0.3}, Metres{1, 0.3}, Metres{3, 0.5}), lineOf(c, Metres{0.5, -0.2}, Metres{1, -0.2}, Metres{2, -0.3})
	for _, test := range []struct {
		name        string
		left, right Line
		first, last Metres // of the centre; zero: none
	}{
		{"where both are seen", left, right, Metres{0.5, 0.05}, Metres{2, 0.05}},
		{"no left line", Line{}, right, Metres{}, Metres{}},
		{"no right line", left, Line{}, Metres{}, Metres{}},
		{"no line", Line{}, Line{}, Metres{}, Metres{}},
		{"lines that cross", right, left, Metres{}, Metres{}},
		{"one ends before the other begins", lineOf(c, Metres{0.3, 0.3}, Metres{0.45, 0.3}), right, Metres{}, Metres{}},
		{"the part above the horizon does not count", Line{1, append(append([]Point{}, left.Points...), Point{300, 10})}, right,
			Metres{0.5, 0.05}, Metres{2, 0.05}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := c.Centre(Result{Width: 640, Height: 480, Left: test.left, Right: test.right})
			if test.last == (Metres{}) {
				if got != nil {
					t.Errorf("%v", got)
				}
				return
			}
			if len(got) != centrePoints || !near(got[0], test.first) || !near(got[len(got)-1], test.last) {
				t.Fatalf("%v", got)
			}
			for i := 1; i < len(got); i++ {
				if got[i].X <= got[i-1].X {
					t.Errorf("not forward: %v", got)
				}
			}
		})
	}
}
