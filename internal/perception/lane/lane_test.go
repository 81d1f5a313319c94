package lane

import (
	"bytes"
	"errors"
	"image"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/draw"
	"rtmdl/internal/perception"
	"rtmdl/internal/ros/msg"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// specModel is a network of which only the description matters.
type specModel struct {
	device.Model
	in, out []device.Spec
	meta    map[string]string
}

func (m *specModel) Inputs() []device.Spec       { return m.in }
func (m *specModel) Outputs() []device.Spec      { return m.out }
func (m *specModel) Metadata() map[string]string { return m.meta }

// The size of the maps of these tests.
const mapWidth, mapHeight = 256, 128

func newModel(width, height int64) *specModel {
	return &specModel{
		in:   []device.Spec{{Name: "image", Shape: []int64{1, 3, height, width}}},
		out:  []device.Spec{{Name: "marking", Shape: []int64{1, 1, height, width}}},
		meta: map[string]string{"labels": "marking", "marking_threshold": "0.5"},
	}
}

func newFinder(t testing.TB) *Finder {
	t.Helper()
	f, err := New(newModel(mapWidth, mapHeight), []string{"marking"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// newFrame returns a black frame.
func newFrame(width, height int) *camera.Frame {
	return camera.FromImage(&msg.Image{
		Width: uint32(width), Height: uint32(height), Encoding: "mono8", Step: uint32(width), Data: make([]byte, width*height),
	}, 1)
}

func TestNewRefusesNetworksThatDoNotFit(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(m *specModel)
		want   error
		text   string
	}{
		{"no inputs", func(m *specModel) { m.in = nil }, perception.ErrContract, "inputs are []"},
		{"two inputs", func(m *specModel) { m.in = append(m.in, m.in[0]) }, perception.ErrContract, "inputs"},
		{"another input", func(m *specModel) { m.in[0].Name = "x" }, perception.ErrContract, "inputs are [{x "},
		{"a batch", func(m *specModel) { m.in[0].Shape[0] = 2 }, perception.ErrContract, "[2 3 128 256]"},
		{"grey pictures", func(m *specModel) { m.in[0].Shape[1] = 1 }, perception.ErrContract, "[1 1 128 256]"},
		{"a tiny input", func(m *specModel) { m.in[0].Shape[2] = 8 }, perception.ErrContract, "256 x 8"},
		{"no outputs", func(m *specModel) { m.out = nil }, perception.ErrContract, "outputs are []"},
		{"another output", func(m *specModel) { m.out[0].Name = "lanes" }, perception.ErrContract, "{lanes "},
		{"a map of another size", func(m *specModel) { m.out[0].Shape[3] = 128 }, perception.ErrContract, "[1 1 128 128]"},
		{"two maps", func(m *specModel) { m.out[0].Shape[1] = 2 }, perception.ErrContract, "[1 2 128 256]"},
		{"no labels", func(m *specModel) { delete(m.meta, "labels") }, perception.ErrLabels, "trained with []"},
		{"other labels", func(m *specModel) { m.meta["labels"] = "left,right" }, perception.ErrLabels, "[left right]"},
		{"no threshold", func(m *specModel) { delete(m.meta, "marking_threshold") }, perception.ErrContract, "marking_threshold = ''"},
		{"no number", func(m *specModel) { m.meta["marking_threshold"] = "high" }, perception.ErrContract, "'high'"},
		{"NaN", func(m *specModel) { m.meta["marking_threshold"] = "NaN" }, perception.ErrContract, "'NaN'"},
		{"a threshold of 1", func(m *specModel) { m.meta["marking_threshold"] = "1" }, perception.ErrContract, "'1'"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := newModel(256, 128)
			test.change(m)
			f, err := New(m, []string{"marking"}, 0)
			if f != nil || !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.text) {
				t.Errorf("error %v", err)
			}
		})
	}
	for _, threshold := range []float64{-0.1, 1.1, math.NaN(), math.Inf(1)} {
		if f, err := New(newModel(256, 128), []string{"marking"}, threshold); f != nil || err == nil {
			t.Errorf("a threshold of %v was accepted", threshold)
		}
	}
	if f, err := New(newModel(256, 128), []string{"marking"}, 0.7); err != nil || f.Threshold() != 0.7 {
		t.Errorf("a threshold of one's own: %v, %v", f, err)
	}
}

func TestABadFrameIsTheCamerasError(t *testing.T) {
	f := newFinder(t)
	bad := camera.FromImage(&msg.Image{Encoding: "bayer_rggb8"}, 1)
	if err := f.Pre(bad, [][]float32{make([]float32, 3*mapWidth*mapHeight)}); !errors.Is(err, camera.ErrEncoding) {
		t.Errorf("pre: %v", err)
	}
	if _, err := f.Post(bad, [][]float32{make([]float32, mapWidth*mapHeight)}); !errors.Is(err, camera.ErrEncoding) {
		t.Errorf("post: %v", err)
	}
}

// stroke draws a line on a map: at row y from `from` down to `to`, centred on x(y), so wide.
type stroke struct {
	from, to int
	width    float64
	x        func(y float64) float64
	p        float32
}

func drawn(strokes ...stroke) []float32 {
	p := make([]float32, mapWidth*mapHeight)
	for _, s := range strokes {
		for y := s.from; y <= s.to; y++ {
			for x := range mapWidth {
				if math.Abs(float64(x)-s.x(float64(y))) <= s.width/2 {
					p[y*mapWidth+x] = s.p
				}
			}
		}
	}
	return p
}

func ray(x, slope float64) func(float64) float64 {
	return func(y float64) float64 { return x + slope*(y-127) }
}

func find(t testing.TB, p []float32, width, height int) Result {
	t.Helper()
	value, err := newFinder(t).Post(newFrame(width, height), [][]float32{p})
	if err != nil {
		t.Fatal(err)
	}
	r := value.(Result)
	check(t, r)
	return r
}

// check holds a result to what is documented of it.
func check(t testing.TB, r Result) {
	t.Helper()
	for name, l := range map[string]Line{"left": r.Left, "right": r.Right} {
		if (l.Confidence > 0) != l.Seen() || !(l.Confidence >= 0 && l.Confidence <= 1) || len(l.Points) == 1 || len(l.Points) > 40 {
			t.Fatalf("%s: confidence %v, %d points", name, l.Confidence, len(l.Points))
		}
		for i, p := range l.Points {
			if !(p.Y > 0 && p.Y < float64(r.Height)) || math.IsNaN(p.X) || math.IsInf(p.X, 0) || i > 0 && p.Y >= l.Points[i-1].Y {
				t.Fatalf("%s: points %v", name, l.Points)
			}
		}
	}
	if o := r.Offset; o != nil && (!r.Left.Seen() || !r.Right.Seen() || !(o.LaneWidth > 0) || math.IsNaN(o.Pixels) || math.IsInf(o.Pixels, 0)) {
		t.Fatalf("offset %+v", o)
	}
}

// farFrom returns the largest distance across between a line of a frame of the map's size and where it was drawn.
func farFrom(l Line, x func(float64) float64) float64 {
	most := 0.0
	for _, p := range l.Points {
		most = max(most, math.Abs(p.X-0.5-x(p.Y-0.5)))
	}
	return most
}

func TestPost(t *testing.T) {
	left, right := ray(60, -0.9), ray(200, 0.7)
	bend := func(y float64) float64 { return 50 + 0.008*(y-127)*(y-127) }
	type line struct {
		x         func(float64) float64 // nil: none
		near, far float64               // rows of its ends, about
		tolerance float64               // pixels across
	}
	none := line{}
	for _, test := range []struct {
		name        string
		p           []float32
		left, right line
		offset      *Offset
	}{
		{"nothing", drawn(), none, none, nil},
		{"two straight lines", drawn(stroke{50, 127, 5, left, 0.9}, stroke{50, 127, 5, right, 0.9}),
			line{left, 127, 50, 0.6}, line{right, 127, 50, 0.6}, &Offset{140, -2.5}},
		{"one line on the left", drawn(stroke{50, 127, 5, left, 0.9}), line{left, 127, 50, 0.6}, none, nil},
		{"one line on the right", drawn(stroke{50, 127, 5, right, 0.9}), none, line{right, 127, 50, 0.6}, nil},
		{"a bend", drawn(stroke{30, 127, 5, bend, 0.9}), line{bend, 127, 30, 0.8}, none, nil},
		{"dashes", drawn(stroke{110, 127, 5, left, 0.9}, stroke{76, 88, 4, left, 0.9}, stroke{60, 66, 3, left, 0.9}),
			line{left, 127, 60, 1}, none, nil},
		{"dashes too far apart", drawn(stroke{100, 127, 5, left, 0.9}, stroke{30, 60, 4, left, 0.9}), line{left, 127, 100, 0.6}, none, nil},
		{"dashes as short as far ones are", drawn(stroke{90, 127, 5, left, 0.9}, stroke{78, 80, 3, left, 0.9}, stroke{70, 71, 3, left, 0.9}),
			line{left, 127, 70, 1}, none, nil},
		{"a speck beyond a long gap is not of the line", drawn(stroke{70, 127, 5, left, 0.9}, stroke{45, 46, 5, left, 0.9}),
			line{left, 127, 70, 0.6}, none, nil},
		{"the nearest of several", drawn(stroke{50, 127, 5, left, 0.9}, stroke{60, 127, 5, ray(20, -1.2), 0.9}, stroke{50, 127, 5, right, 0.9},
			stroke{60, 127, 5, ray(240, 0.9), 0.9}), line{left, 127, 50, 0.6}, line{right, 127, 50, 0.6}, &Offset{140, -2.5}},
		{"a line that leaves the picture sideways", drawn(stroke{50, 127, 5, ray(-30, -1.2), 0.9}), line{ray(-30, -1.2), 100, 50, 0.6}, none, nil},
		{"lines that end above the lower quarter have no offset", drawn(stroke{50, 90, 5, left, 0.9}, stroke{50, 127, 5, right, 0.9}),
			line{left, 90, 50, 0.6}, line{right, 127, 50, 0.6}, nil},
		{"what lies all above the middle is no line", drawn(stroke{20, 60, 5, left, 0.9}), none, none, nil},
		{"what is short is no line", drawn(stroke{110, 127, 5, ray(60, 0), 0.9}), none, none, nil},
		{"a speck below a long gap is not of the line", drawn(stroke{125, 127, 5, left, 0.9}, stroke{50, 105, 5, left, 0.9}),
			line{left, 105, 50, 0.6}, none, nil},
		{"a line that is mostly gaps is none", drawn(stroke{116, 127, 5, left, 0.6}, stroke{86, 89, 5, left, 0.6}, stroke{56, 60, 5, left, 0.6}), none, none, nil},
		{"what is unsure is no line", drawn(stroke{50, 127, 5, left, 0.49}), none, none, nil},
		{"a line that ends in one across", drawn(stroke{60, 127, 5, left, 0.9}, stroke{56, 60, 400, left, 0.9}), line{left, 127, 61, 0.8}, none, nil},
		{"two lines that meet", drawn(stroke{50, 127, 5, ray(60, -0.85), 0.9}, stroke{50, 127, 5, ray(200, 0.95), 0.9}),
			line{ray(60, -0.85), 127, 52, 3}, line{ray(200, 0.95), 127, 55, 3}, &Offset{140, -2.5}},
		{"a line that is cut by the side all along", drawn(stroke{50, 127, 5, ray(0, 0), 0.9}), line{ray(1, 0), 127, 50, 0.1}, none, nil},
		{"a line that goes over to the other beyond a gap", drawn(stroke{10, 127, 5, bend, 0.9}, stroke{50, 127, 5, ray(180, 1), 0.9},
			stroke{10, 40, 5, ray(190, 1.1), 0.9}), line{bend, 127, 41, 0.8}, line{ray(180, 1), 127, 50, 0.6}, &Offset{130, 13}},
		{"all is marked", drawn(stroke{0, 127, 600, left, 1}), none, none, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := find(t, test.p, mapWidth, mapHeight)
			for _, side := range []struct {
				name string
				got  Line
				want line
			}{{"left", r.Left, test.left}, {"right", r.Right, test.right}} {
				if (side.want.x != nil) != side.got.Seen() {
					t.Errorf("%s: %+v", side.name, side.got)
					continue
				}
				if side.want.x == nil {
					continue
				}
				if d := farFrom(side.got, side.want.x); d > side.want.tolerance {
					t.Errorf("%s: %.2f pixels off: %v", side.name, d, side.got.Points)
				}
				near, far := side.got.Points[0].Y-0.5, side.got.Points[len(side.got.Points)-1].Y-0.5
				if math.Abs(near-side.want.near) > 2 || math.Abs(far-side.want.far) > 2 {
					t.Errorf("%s: from %v to %v", side.name, near, far)
				}
			}
			if (r.Offset == nil) != (test.offset == nil) {
				t.Errorf("offset %+v", r.Offset)
			} else if r.Offset != nil && (math.Abs(r.Offset.LaneWidth-test.offset.LaneWidth) > 1.5 || math.Abs(r.Offset.Pixels-test.offset.Pixels) > 1) {
				t.Errorf("offset %+v", *r.Offset)
			}
		})
	}
}

func TestConfidenceIsTheMeanAlongTheLine(t *testing.T) {
	whole := find(t, drawn(stroke{50, 127, 5, ray(60, -0.9), 0.75}), mapWidth, mapHeight).Left
	dashed := find(t, drawn(stroke{108, 127, 5, ray(60, -0.9), 0.75}, stroke{68, 87, 5, ray(60, -0.9), 0.75}), mapWidth, mapHeight).Left
	if math.Abs(whole.Confidence-0.75) > 1e-6 || math.Abs(dashed.Confidence-0.75*40/60) > 1e-6 {
		t.Errorf("%v and %v", whole.Confidence, dashed.Confidence)
	}
}

func TestLinesAreInPixelsOfTheFrame(t *testing.T) {
	p := drawn(stroke{50, 127, 5, ray(60, -0.9), 0.9}, stroke{50, 127, 5, ray(200, 0.7), 0.9})
	small, large := find(t, p, mapWidth, mapHeight), find(t, p, 4*mapWidth, 3*mapHeight)
	for i, s := range small.Left.Points {
		if l := large.Left.Points[i]; math.Abs(l.X-4*s.X) > 1e-9 || math.Abs(l.Y-3*s.Y) > 1e-9 {
			t.Fatalf("%v became %v", s, l)
		}
	}
	if large.Width != 4*mapWidth || large.Height != 3*mapHeight || math.Abs(large.Offset.Pixels-4*small.Offset.Pixels) > 1e-9 ||
		math.Abs(large.Offset.Share()-small.Offset.Share()) > 1e-9 {
		t.Errorf("%+v became %+v", small.Offset, large.Offset)
	}
}

func TestWhatIsNoNumberIsNotMarked(t *testing.T) {
	for name, bad := range map[string]float32{"NaN": float32(math.NaN()), "-Inf": float32(math.Inf(-1)), "0": 0} {
		p := drawn(stroke{0, 127, 600, ray(0, 0), bad}, stroke{50, 127, 5, ray(60, -0.9), 0.9})
		if d := farFrom(find(t, p, mapWidth, mapHeight).Left, ray(60, -0.9)); d > 0.6 {
			t.Errorf("beside %s: %.2f pixels off", name, d)
		}
	}
	l := find(t, drawn(stroke{50, 127, 5, ray(60, -0.9), float32(math.Inf(1))}), mapWidth, mapHeight).Left
	if l.Confidence != 1 || farFrom(l, ray(60, -0.9)) > 0.6 {
		t.Errorf("+Inf: %+v", l)
	}
}

func TestPaintDrawsWhatWasSeen(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 256, 128))
	Result{Width: 256, Height: 128, Left: Line{1, []Point{{20, 120}, {100, 40}}}, Right: Line{1, []Point{{220, 120}, {150, 40}}}}.Paint(img)
	for name, at := range map[string]image.Point{Left: {60, 79}, Right: {185, 80}} {
		if got := img.RGBAAt(at.X, at.Y); got != draw.ClassColor(name) {
			t.Errorf("%s: %v", name, got)
		}
	}
	empty := image.NewRGBA(image.Rect(0, 0, 256, 128))
	Result{Width: 256, Height: 128}.Paint(empty)
	if !bytes.Equal(empty.Pix, make([]byte, len(empty.Pix))) {
		t.Error("nothing was seen, and something was drawn")
	}
}

// noise is a map of independent pixels, so many of which are marked.
func noise(seed uint64, share float64) []float32 {
	random := rand.New(rand.NewPCG(seed, 1))
	p := make([]float32, mapWidth*mapHeight)
	for i := range p {
		if random.Float64() < share {
			p[i] = 0.5 + random.Float32()/2
		}
	}
	return p
}

func TestThinNoiseIsNoLine(t *testing.T) {
	for seed := range uint64(20) {
		if r := find(t, noise(seed, 0.002), mapWidth, mapHeight); r.Left.Seen() || r.Right.Seen() {
			t.Errorf("seed %d: %+v", seed, r)
		}
	}
}

func TestThickNoiseIsBounded(t *testing.T) {
	for _, share := range []float64{0.01, 0.1, 0.5, 0.9, 1} {
		p := noise(1, share)
		find(t, p, mapWidth, mapHeight)
		for y := range mapHeight {
			if n := len(markedRuns(nil, p[y*mapWidth:(y+1)*mapWidth], 0.5)); n > maxRuns {
				t.Errorf("%d runs in a row", n)
			}
		}
		// A row's runs go to different lines, so the lines have no more nodes than there are runs.
		nodes := 0
		for _, l := range trace(p, mapWidth, mapHeight, 0.5).lines {
			nodes += len(l.nodes)
		}
		if nodes > maxRuns*mapHeight {
			t.Errorf("%d nodes", nodes)
		}
	}
}

func TestTheSameMapGivesTheSameLines(t *testing.T) {
	p := noise(7, 0.3)
	if diff := cmp.Diff(find(t, p, 640, 360), find(t, p, 640, 360)); diff != "" {
		t.Error(diff)
	}
}

func TestMapsOfOtherSizes(t *testing.T) {
	for _, size := range [][2]int{{16, 16}, {64, 32}, {512, 256}, {32, 256}} {
		f, err := New(newModel(int64(size[0]), int64(size[1])), []string{"marking"}, 0)
		if err != nil {
			t.Fatal(err)
		}
		p := make([]float32, size[0]*size[1])
		for y := range size[1] { // a column at a quarter of the width
			p[y*size[0]+size[0]/4] = 1
		}
		value, err := f.Post(newFrame(100, 100), [][]float32{p})
		if err != nil {
			t.Fatal(err)
		}
		r := value.(Result)
		check(t, r)
		if want := 100 * (float64(size[0]/4) + 0.5) / float64(size[0]); !r.Left.Seen() || math.Abs(r.Left.Points[0].X-want) > 1e-6 {
			t.Errorf("%v: %+v", size, r.Left)
		}
	}
}

func FuzzPost(f *testing.F) {
	f.Add([]byte{}, uint16(640), uint16(480))
	f.Add([]byte{255, 128, 3}, uint16(1), uint16(1))
	f.Add([]byte("\x00\x00\xff\xff\x00\x80\x90\x01"), uint16(160), uint16(120))
	f.Fuzz(func(t *testing.T, data []byte, width, height uint16) {
		// The bytes are repeated over the map; some stand for what is no probability.
		p := make([]float32, mapWidth*mapHeight)
		special := map[byte]float32{1: float32(math.NaN()), 2: float32(math.Inf(1)), 3: float32(math.Inf(-1)), 4: -1, 5: 1e30}
		for i := range p {
			if len(data) == 0 {
				break
			}
			b := data[i%len(data)]
			v, ok := special[b]
			if !ok {
				v = float32(b) / 255
			}
			p[i] = v
		}
		find(t, p, int(width%2000)+1, int(height%2000)+1)
	})
}

func BenchmarkPost(b *testing.B) {
	for name, p := range map[string][]float32{
		"nothing":   drawn(),
		"two lines": drawn(stroke{50, 127, 5, ray(60, -0.9), 0.9}, stroke{50, 127, 5, ray(200, 0.7), 0.9}),
		"noise":     noise(1, 0.3),
		"all":       noise(1, 1),
	} {
		b.Run(name, func(b *testing.B) {
			f, frame, out := newFinder(b), newFrame(640, 480), [][]float32{p}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.Post(frame, out); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestAtIsStraightBetweenVertices(t *testing.T) {
	l := Line{Points: []Point{{10, 100}, {20, 90}, {20, 80}}}
	for y, want := range map[float64]float64{100: 10, 95: 15, 90: 20, 81: 20, 80: 20} {
		if x := l.At(y); x != want {
			t.Errorf("at %v: %v, not %v", y, x, want)
		}
	}
	for _, y := range []float64{101, 79} {
		if x := l.At(y); !math.IsNaN(x) {
			t.Errorf("at %v: %v", y, x)
		}
	}
	if x := (Line{}).At(1); !math.IsNaN(x) {
		t.Errorf("no line, and at 1: %v", x)
	}
}
