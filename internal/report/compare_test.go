package report

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rtmdl/internal/ros/msg"
)

// TestTwoRunsAreCompared compares the standard run with one of 40 frames, half as quick and with fewer misses.
func TestTwoRunsAreCompared(t *testing.T) {
	b := newBuilder(t)
	for i := range 40 {
		if i < 4 {
			b.job(i, msg.OutcomeExpired, 60, "w50", "")
			continue
		}
		b.job(i, msg.OutcomePublished, 80, "w50", "")
	}
	dir := t.TempDir()
	r, err := FromBag(t.Context(), newBuilder(t).standard().close(), Options{OutDir: dir, Compare: b.close()})
	if err != nil {
		t.Fatal(err)
	}
	html, err := os.ReadFile(filepath.Join(dir, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	want(t, string(html), "Compared with run.mcap the other, recorded 2023-11-14 22:13:20 UTC 3.9 s traffic_light",
		"frames received 20 40 -20", "missed 25 % (5) 10 % (4) &#43;15 points", "published 80 % (16) 90 % (36) -10 points",
		"replaced 5 % (1) 0 % (0) &#43;5 points expired 5 % (1) 10 % (4) -5 points refused", "deadline 100 ms 100 ms 0",
		"latency p50 40 ms 80 ms -40 ms (-50 %)", "latency p99 120 ms 80 ms &#43;40 ms (&#43;50 %)",
		"jobs of variant w100 52.63 % (10) 0 % (0) &#43;52.63 points jobs of variant w50 47.37 % (9) 100 % (40) -52.63 points")
	for _, cell := range []string{`<td class="n wrong">&#43;15 points`, `<td class="n ok">-5 points`, `<td class="n ok">-40 ms`, `<td class="n ">-52.63`} {
		if !strings.Contains(string(html), cell) {
			t.Errorf("no %s", cell)
		}
	}
	for _, curve := range []string{"this", "other"} {
		if !strings.Contains(string(html), `class="curve `+curve+`"`) {
			t.Errorf("no curve of %s", curve)
		}
	}
	if r.Compared.Name != "run.mcap" || r.Compared.Tasks[0].Missed != 4 || r.Tasks[0].Missed != 5 {
		t.Errorf("%+v", r.Compared)
	}
	figures, err := os.ReadFile(filepath.Join(dir, "report.json"))
	if err != nil || !bytes.Contains(figures, []byte(`"compared_with": {`)) {
		t.Errorf("%s, %v", figures, err)
	}
	var summary bytes.Buffer
	if err := r.Summary(&summary); err != nil || !strings.Contains(summary.String(), "traffic_light: missed                25 % (5)") {
		t.Errorf("%s, %v", &summary, err)
	}
}

func TestTheCurveIsTheShareThatWasPublished(t *testing.T) {
	var a task
	for i := range int64(4) { // two of four frames are published, after 10 and 30 ms
		j := timing{JobTiming: msg.JobTiming{ReceivedNs: 1, Outcome: msg.OutcomeExpired}}
		if i < 2 {
			j.Outcome, j.PublishedNs = msg.OutcomePublished, 1+(10+20*i)*millisecond
		}
		a.timings = append(a.timings, j)
	}
	c := newChart(220, 40, 100, "", "", "")
	svg := string(cumulative(&a, &a, 32))
	for _, at := range []struct{ ms, percent float64 }{{9.9, 0}, {10, 25}, {29.9, 25}, {30, 50}, {40, 50}} {
		x := float64(int(at.ms/40*320)) * 40 / 320 // a step of the curve, not later
		if point := " " + number(c.x(x)) + " " + number(c.y(at.percent)); !strings.Contains(svg, point) {
			t.Errorf("at %v ms it is not %v %%: no%s", at.ms, at.percent, point)
		}
	}
	if cumulative(&a, &task{}, 32) != "" {
		t.Error("a curve of nothing")
	}
}

func TestATaskOfOneRunOnlyIsSaid(t *testing.T) {
	sign := newBuilder(t)
	sign.task = "sign"
	sign.job(0, msg.OutcomePublished, 10, "w25", "")
	r, err := FromBag(t.Context(), newBuilder(t).standard().close(), Options{Compare: sign.close()})
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := r.page.writeComparison(&text); err != nil || !strings.Contains(text.String(), "sign is in the other run only\ntraffic_light is in this run only\n") {
		t.Errorf("%s, %v", &text, err)
	}
}

func TestTheOtherBagHasToBeOne(t *testing.T) {
	_, err := FromBag(t.Context(), newBuilder(t).standard().close(), Options{Compare: filepath.Join(t.TempDir(), "none.mcap")})
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "none.mcap") {
		t.Errorf("%v", err)
	}
}
