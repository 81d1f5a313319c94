package report

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image/jpeg"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rtmdl/internal/bag"
	"rtmdl/internal/ros/msg"
)

// makeReport reports on a bag into a fresh folder and returns the folder, too, and the HTML as text.
func makeReport(t *testing.T, path string) (r *Report, dir, html string) {
	t.Helper()
	dir = t.TempDir()
	r, err := FromBag(t.Context(), path, Options{OutDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	return r, dir, string(data)
}

// want checks that the HTML's text, tags and white space reduced to single spaces, has all the parts.
func want(t *testing.T, html string, parts ...string) {
	t.Helper()
	text := regexp.MustCompile(`(?s)<style>.*?</style>|<script.*?</script>|<[^>]*>`).ReplaceAllString(html, " ")
	text = strings.Join(strings.Fields(text), " ")
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("the report lacks %q; it says:\n%.3000s", part, text)
			return
		}
	}
}

const standardJSON = `{
  "duration_s": 1.999,
  "bag_frames": 20,
  "tasks": [
    {
      "name": "traffic_light",
      "frames": 20,
      "jobs": 19,
      "published": 16,
      "missed": 5,
      "miss_rate": 0.25,
      "deadline_ms": 100,
      "p50_ms": 40,
      "p99_ms": 120,
      "max_ms": 120,
      "age_p99_ms": 120.5,
      "variants": {
        "w100": 10,
        "w50": 9
      },
      "outcomes": {
        "cancelled": 0,
        "expired": 1,
        "failed": 1,
        "published": 16,
        "refused": 1,
        "replaced": 1
      }
    }
  ]
}
`

func TestFiguresOfAKnownRun(t *testing.T) {
	r, dir, html := makeReport(t, newBuilder(t).standard().close())
	got, err := os.ReadFile(filepath.Join(dir, "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(standardJSON, string(got)); diff != "" {
		t.Errorf("report.json (-want +got):\n%s", diff)
	}
	want(t, html,
		"run.mcap recorded 2023-11-14 22:13:20 UTC 2 s 20 frames on /camera/image_raw/compressed",
		"variant w100: 10 jobs variant w50: 9 jobs inference on cpu late policy skip",
		"25 % missed: 4 not published, 1 late 16 of 20 frames published 40 ms latency p50 120 ms latency p99, max 120 ms",
		"camera frames in the bag 20", "of these without a job timing 0 ✓ the node received every frame",
		"job timings 20 ✓ each of a frame in the bag published 16 replaced 1 expired 1 refused 1 queue is full (1) "+
			"failed 1 decode: &lt;b&gt;not&lt;/b&gt; a JPEG (1) sum of the outcomes 20 ✓ every timing has one",
		"published in time 15 ✓ and 5 missed make 20",
		"results in the bag 16 ✓ one for each of the 16 published frames",
		"frames received, by the scheduler&#39;s last status 20 ✓ 20 timings until then",
		"waiting for pre 4.00 12.00 12.00 16", "infer 20.00 60.00 60.00 16",
		"receipt to publishing 40.00 120.00 120.00 16", "of it ready, but blocked 2.00 6.00 6.00 16",
		"red 7 7 0.54 0.60", "yellow 5 5 0.50 0.50", "green 3 3 0.50 0.50", "In 12 frames there is something.",
		"yellow 5 red 4 unknown 4 green 3",
		"All frames (20)", "16 1.500 1700000001.500000000 late 120.00 unknown",
		"17 1.600 1700000001.600000000 replaced", "3 0.200 1700000000.200000000 published 15.00 green "+
			"green 0.50 (120, 45, 80 × 140); red 0.60 (180, 45, 80 × 140)",
	)
	if strings.Contains(html, "Problems in the recording") || strings.Contains(html, "What this report can") {
		t.Error("a whole bag is reported with problems")
	}
	if n := strings.Count(html, "<circle"); n != 16 {
		t.Errorf("%d dots on the timeline", n)
	}
	if len(r.page.Pictures) != 12 {
		t.Errorf("%d pictures", len(r.page.Pictures))
	}
	var summary bytes.Buffer
	if err := r.Summary(&summary); err != nil {
		t.Fatal(err)
	}
	wantSummary := `run.mcap: 2 s, 20 frames on /camera/image_raw/compressed
traffic_light: 20 frames = 16 published + 1 replaced + 1 expired + 1 refused + 1 failed; 5 missed (25 %) with a deadline of 100 ms
traffic_light: latency p50 40, p99 120, max 120 ms; age of results p99 120.5 ms
seen, by frames: red in 7, yellow in 5, green in 3; 12 pictures
look at ` + dir + `/report.html (figures in report.json, pictures in frames/)
`
	if diff := cmp.Diff(wantSummary, summary.String()); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}

func TestThePageStandsAlone(t *testing.T) {
	_, _, html := makeReport(t, newBuilder(t).standard().close())
	if !strings.Contains(html, `content="default-src 'none';`) {
		t.Error("the page does not forbid itself to load anything")
	}
	for _, pattern := range []string{`(?i)<script[^>]*src`, `(?i)fetch|XMLHttp|import\(|innerHTML`, `(?i)<link`, `(?i)https?://`, `src="[^d]`, `(?i)@import`, `url\(`, `ZgotmplZ`} {
		if found := regexp.MustCompile(pattern).FindString(html); found != "" {
			t.Errorf("the page has %q", found)
		}
	}
}

func TestPicturesAreWrittenAndOldOnesRemoved(t *testing.T) {
	path := newBuilder(t).standard().close()
	dir := t.TempDir()
	frames := filepath.Join(dir, "frames")
	if err := os.Mkdir(frames, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"099_5.jpg", "mine.jpg"} {
		if err := os.WriteFile(filepath.Join(frames, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, err := FromBag(t.Context(), path, Options{OutDir: dir, MaxPictures: 3})
	if err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(frames)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		names = append(names, file.Name())
	}
	// One of each third, with boxes; of a state that was not shown just before; the surest, or the middle one.
	wantNames := []string{"001_1700000000200000000.jpg", "002_1700000000900000000.jpg", "003_1700000001400000000.jpg", "mine.jpg"}
	if diff := cmp.Diff(wantNames, names); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	data, err := os.ReadFile(filepath.Join(frames, names[0]))
	if err != nil {
		t.Fatal(err)
	}
	if img, err := jpeg.Decode(bytes.NewReader(data)); err != nil || img.Bounds().Dx() != 320 {
		t.Errorf("picture: %v", err)
	}
	if p := r.page.Pictures[0]; p.State != "green" || p.Boxes != 2 || p.Note != "15.0 ms" {
		t.Errorf("picture %+v", p)
	}
	r, err = FromBag(t.Context(), path, Options{MaxPictures: -1})
	if err != nil || len(r.page.Pictures) != 0 {
		t.Errorf("without pictures: %d, %v", len(r.page.Pictures), err)
	}
}

func TestTheSameBagGivesTheSameFiles(t *testing.T) {
	path := newBuilder(t).standard().close()
	_, _, first := makeReport(t, path)
	_, _, second := makeReport(t, path)
	if first != second {
		t.Error("the second report differs from the first")
	}
}

func TestProgressAndCancelling(t *testing.T) {
	path := newBuilder(t).standard().close()
	var last, total uint64
	_, err := FromBag(t.Context(), path, Options{Progress: func(d, n uint64) { last, total = d, n }})
	if err != nil || last != 73 || total != 73 {
		t.Errorf("progress %d of %d, %v", last, total, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := FromBag(ctx, path, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestWhatIsNoBagIsAnError(t *testing.T) {
	dir := t.TempDir()
	if _, err := FromBag(t.Context(), filepath.Join(dir, "none.mcap"), Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	path := filepath.Join(dir, "x.db3")
	if err := os.WriteFile(path, []byte("SQLite format 3\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := FromBag(t.Context(), path, Options{}); !errors.Is(err, bag.ErrNotMCAP) {
		t.Errorf("SQLite: %v", err)
	}
	if err := os.WriteFile(path, []byte("\x89MCAP0\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := FromBag(t.Context(), path, Options{}); !errors.Is(err, bag.ErrTruncated) {
		t.Errorf("only magic: %v", err)
	}
}

// TestRunsWithoutAnythingPublished guards against figures that JSON has no words for.
func TestRunsWithoutAnythingPublished(t *testing.T) {
	b := newBuilder(t)
	for i := range 3 {
		b.image(i)
		b.job(i, msg.OutcomeExpired, 10, "w100", "")
	}
	r, dir, html := makeReport(t, b.close())
	data, err := os.ReadFile(filepath.Join(dir, "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	var parsed map[string]any
	if err := json.Unmarshal(data, &parsed); err != nil {
		t.Fatal(err)
	}
	task := parsed["tasks"].([]any)[0].(map[string]any)
	if task["p99_ms"] != 0.0 || task["miss_rate"] != 1.0 || task["age_p99_ms"] != nil || r.Tasks[0].Missed != 3 {
		t.Errorf("figures %v", task)
	}
	want(t, html, "100 % missed: 3 not published, 0 late", "traffic_light: no topic with its results")
}
