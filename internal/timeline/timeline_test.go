package timeline

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"rtmdl/scheduler/core"
	"rtmdl/scheduler/sim"
	"rtmdl/scheduler/task"
)

func picture(t *testing.T, mode core.Mode, late core.LatePolicy) Picture {
	t.Helper()
	const ms = time.Millisecond
	s := task.NewSet()
	s.Platform.AcceleratorSlots = 2
	for i, name := range []string{"a<b>", `"q" & more than fits here`, "c"} {
		s.Tasks = append(s.Tasks, task.Task{Name: name, Period: time.Duration(20+i) * ms, Deadline: 12 * ms, Variants: []task.Variant{
			{Name: "v", Pre: ms, Infer: time.Duration(5+i) * ms, Post: ms}}})
	}
	p := &Picture{Set: s, Plan: task.NewPlan([]int{0, 0, 0}), Config: sim.ConfigOf(s), Trace: &sim.Trace{}, From: 30 * ms, To: 130 * ms}
	p.Config.Mode, p.Config.Late = mode, late
	simulator, err := sim.New(s, p.Config)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := simulator.Run(p.Plan, sim.Options{Jobs: 20, Trace: p.Trace}); err != nil {
		t.Fatal(err)
	}
	return *p
}

func TestPicturesAreWellFormedAndInsideTheirFrame(t *testing.T) {
	for _, mode := range []core.Mode{core.Split, core.BlackBox} {
		for late := core.LateSkip; late <= core.LateAbort; late++ {
			svg := picture(t, mode, late).SVG()
			decoder := xml.NewDecoder(bytes.NewReader(svg))
			for {
				token, err := decoder.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				start, ok := token.(xml.StartElement)
				if !ok || start.Name.Local != "rect" {
					continue
				}
				var x, w float64
				for _, a := range start.Attr {
					switch a.Name.Local {
					case "x":
						x = parse(t, a.Value)
					case "width":
						w = parse(t, a.Value)
					}
				}
				if x < 0 || x+w > width+0.5 || math.IsNaN(x+w) {
					t.Errorf("%v: a rectangle from %v to %v", mode, x, x+w)
				}
			}
			if !strings.Contains(string(svg), "job 2, ") {
				t.Errorf("%v, %v: job 2 is not there", mode, late)
			}
			if late == core.LateAbort != strings.Contains(string(svg), ">abort<") {
				t.Errorf("%v, %v: aborted jobs", mode, late)
			}
		}
	}
}

func parse(t *testing.T, s string) float64 {
	t.Helper()
	d, err := time.ParseDuration(s + "s") // a decimal number, in the end
	if err != nil {
		t.Fatal(err)
	}
	return d.Seconds()
}
