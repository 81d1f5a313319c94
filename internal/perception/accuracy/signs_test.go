package accuracy

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rtmdl/internal/perception"
)

var twoLabels = []string{"stop", "give_way"}

// writeTables writes files into a new folder.
func writeTables(t *testing.T, tables map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, content := range tables {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func TestReadSignFrames(t *testing.T) {
	folder := writeTables(t, map[string]string{
		"frames.csv": "file,split,gtsdb_index,n_boxes\ntrain/1.jpg,train,1,0\ntest/2.jpg,test,2,2\n",
		"boxes.csv":  "file,split,class,x,y,w,h\ntest/2.jpg,test,1,1.5,2,3,4\ntest/2.jpg,test,0,5,6,7,8\n",
	})
	got, err := ReadSignFrames(folder, twoLabels)
	if err != nil {
		t.Fatal(err)
	}
	want := []Labelled{
		{File: filepath.Join(folder, "train/1.jpg"), Split: "train"},
		{File: filepath.Join(folder, "test/2.jpg"), Split: "test", Truth: []perception.Detection{
			{Label: "give_way", X: 1.5, Y: 2, Width: 3, Height: 4}, {Label: "stop", X: 5, Y: 6, Width: 7, Height: 8},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReadSignCrops(t *testing.T) {
	folder := writeTables(t, map[string]string{
		"index.csv": "file,split,class,track,source\nval/1/a.jpg,val,1,00007,x\nval/background/b.jpg,val,-1,gtsdb_1,x\nofficial/c.jpg,official_test,0,,x\n",
	})
	got, err := ReadSignCrops(folder, twoLabels)
	if err != nil {
		t.Fatal(err)
	}
	want := []Crop{
		{File: filepath.Join(folder, "val/1/a.jpg"), Split: "val", Track: "1/00007", Label: "give_way"},
		{File: filepath.Join(folder, "official/c.jpg"), Split: "official_test", Label: "stop"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestABadIndexOfSignsIsNamed(t *testing.T) {
	const frames, crops = "file,split\na.jpg,test\n", "file,split,class,track\n"
	for _, test := range []struct{ name, boxes, crops, want string }{
		{"no number", "file,class,x,y,w,h\na.jpg,stop,1,2,3,4\n", crops + "a.jpg,val,stop,1\n", "line 2: class: "},
		{"no such class", "file,class,x,y,w,h\na.jpg,2,1,2,3,4\n", crops + "a.jpg,val,2,1\n", "line 2: class: 2: there are labels for 0 to 1"},
		{"no sign", "file,class,x,y,w,h\na.jpg,-1,1,2,3,4\n", crops + "a.jpg,val,-2,1\n", "there are labels for 0 to 1"},
		{"a column that is missing", "file,x,y,w,h\n", "file,split,class\n", " has no column "},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := writeTables(t, map[string]string{"frames.csv": frames, "boxes.csv": test.boxes, "index.csv": test.crops})
			_, err1 := ReadSignFrames(folder, twoLabels)
			_, err2 := ReadSignCrops(folder, twoLabels)
			for _, err := range []error{err1, err2} {
				if !errors.Is(err, ErrIndex) || !strings.Contains(err.Error(), test.want) {
					t.Errorf("error %v", err)
				}
			}
		})
	}
}
