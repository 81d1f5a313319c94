package accuracy

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mask reads rows of dots and crosses; it returns their width too.
func mask(rows ...string) ([]bool, int) {
	var m []bool
	for _, r := range rows {
		for _, c := range r {
			m = append(m, c == 'x')
		}
	}
	return m, len(rows[0])
}

func TestCompareMasks(t *testing.T) {
	for _, test := range []struct {
		name         string
		found, truth []string
		want         Overlap
		iou, f1      float64
	}{
		{"nothing", []string{"....", "...."}, []string{"....", "...."}, Overlap{}, math.NaN(), math.NaN()},
		{"the same", []string{"x...", ".x.."}, []string{"x...", ".x.."}, Overlap{2, 2, 2, 2, 2, 2}, 1, 1},
		{"nothing found", []string{"...."}, []string{"xx.."}, Overlap{0, 2, 0, 0, 2, 0}, 0, 0},
		{"nothing there", []string{"xx.."}, []string{"...."}, Overlap{0, 2, 2, 0, 0, 0}, 0, 0},
		{"two beside it", []string{"x....."}, []string{"..x..."}, Overlap{0, 2, 1, 1, 1, 1}, 0, 1},
		{"three beside it", []string{"x....."}, []string{"...x.."}, Overlap{0, 2, 1, 0, 1, 0}, 0, 0},
		{"two and two is too far", []string{"x..", "...", "..."}, []string{"...", "...", "..x"}, Overlap{0, 2, 1, 0, 1, 0}, 0, 0},
		{"no way round the edge", []string{"...x", "...."}, []string{"....", "x..."}, Overlap{0, 2, 1, 0, 1, 0}, 0, 0},
		{"half of it, and as much too far", []string{"xx......xx"}, []string{"xxxxxx...."}, Overlap{2, 8, 4, 2, 6, 4}, 0.25, 2 * 0.5 * (4.0 / 6) / (0.5 + 4.0/6)},
	} {
		t.Run(test.name, func(t *testing.T) {
			found, width := mask(test.found...)
			truth, _ := mask(test.truth...)
			got := CompareMasks(found, truth, width, 2)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			same := func(a, b float64) bool { return math.Abs(a-b) < 1e-12 || math.IsNaN(a) && math.IsNaN(b) }
			if !same(got.IoU(), test.iou) || !same(got.F1(), test.f1) {
				t.Errorf("IoU %v, F1 %v", got.IoU(), got.F1())
			}
		})
	}
	a := Overlap{1, 2, 3, 4, 5, 6}
	if diff := cmp.Diff(Overlap{2, 4, 6, 8, 10, 12}, SumOverlaps([]Overlap{a, a})); diff != "" {
		t.Error(diff)
	}
}

func TestReadLanes(t *testing.T) {
	folder := t.TempDir()
	write := func(text string) {
		if err := os.WriteFile(filepath.Join(folder, "index.csv"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("file,mask,split,source,width\nimages/a.jpg,masks/a.png,val,tape,3\n")
	got, err := ReadLanes(folder)
	want := []Masked{{filepath.Join(folder, "images/a.jpg"), filepath.Join(folder, "masks/a.png"), "val", "tape"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
	for text, want := range map[string]string{
		"file,mask,split\n":                          "no column source",
		"file,mask,split,source\na,b,c,d\na,b,c,d\n": "line 3: a stands there twice",
	} {
		write(text)
		if _, err := ReadLanes(folder); !errors.Is(err, ErrIndex) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v", err)
		}
	}
}
