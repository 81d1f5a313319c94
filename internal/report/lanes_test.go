package report

import (
	"bytes"
	"image/jpeg"
	"testing"

	"rtmdl/internal/draw"
	"rtmdl/internal/ros/msg"
)

func TestLanesAreCountedAndDrawn(t *testing.T) {
	b := newBuilder(t)
	b.task = "lane"
	b.edit = func(m *message) {
		switch d := m.content.(type) {
		case *msg.Detection2DArray: // its left line is always seen, its right one in every second frame
			l := &msg.LaneLines{Header: d.Header, ImageWidth: 320, ImageHeight: 240}
			l.Left = msg.LaneLine{Confidence: 0.75, Points: []msg.LanePoint{{X: 100, Y: 230}, {X: 100, Y: 30}}}
			if m.frame%2 == 0 {
				l.Right = msg.LaneLine{Confidence: 0.5, Points: []msg.LanePoint{{X: 200, Y: 230}, {X: 200, Y: 30}}}
			}
			m.topic, m.content = "lane/lines", l
		case *msg.String:
			m.drop = true
		}
	}
	r, _, html := makeReport(t, b.standard().close())
	want(t, html, "left 16 16 0.75 0.75", "right 8 8 0.50 0.50", "In 16 frames there is something.",
		"results in the bag 16 ✓ one for each of the 16 published frames")
	img, err := jpeg.Decode(bytes.NewReader(r.page.Pictures[0].jpeg))
	if err != nil {
		t.Fatal(err)
	}
	colour := draw.ClassColor("left")
	red, green, blue, _ := img.At(100, 150).RGBA()
	for _, d := range []int{int(red>>8) - int(colour.R), int(green>>8) - int(colour.G), int(blue>>8) - int(colour.B)} {
		if d < -60 || d > 60 { // a JPEG, and a thin line
			t.Errorf("the left line is (%d, %d, %d), and must be about %v", red>>8, green>>8, blue>>8, colour)
			break
		}
	}
}
