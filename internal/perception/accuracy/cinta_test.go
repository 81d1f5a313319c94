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

func writeIndex(t *testing.T, frames, boxes string) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "cinta"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"frames.csv": frames, "boxes.csv": boxes} {
		if err := os.WriteFile(filepath.Join(folder, "cinta", name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func TestReadCinta(t *testing.T) {
	folder := writeIndex(t,
		"file,split,scene,augmented\ncinta/val/1.jpg,val,000,1\ncinta/test/2.jpg,test,001,0\n",
		"file,split,state,x,y,w,h\ncinta/test/2.jpg,test,red,1.5,2,3,4\ncinta/test/2.jpg,test,green,5,6,7,8\n")
	got, err := ReadCinta(folder)
	if err != nil {
		t.Fatal(err)
	}
	want := []Labelled{
		{File: filepath.Join(folder, "cinta/val/1.jpg"), Split: "val", Scene: "000", Altered: true},
		{File: filepath.Join(folder, "cinta/test/2.jpg"), Split: "test", Scene: "001", Truth: []perception.Detection{
			{Label: "red", X: 1.5, Y: 2, Width: 3, Height: 4}, {Label: "green", X: 5, Y: 6, Width: 7, Height: 8},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestABadIndexIsNamed(t *testing.T) {
	const frames, boxes = "file,split,scene,augmented\na.jpg,test,1,0\n", "file,state,x,y,w,h\na.jpg,red,1,2,3,4\n"
	for _, test := range []struct{ name, frames, boxes, want string }{
		{"a column that is missing", "file,split,scene\n", boxes, "frames.csv has no column augmented"},
		{"an empty file", frames, "", "boxes.csv: EOF"},
		{"a short line", frames, boxes + "a.jpg,red\n", "boxes.csv: record on line 3"},
		{"no number", frames, boxes + "a.jpg,red,1,2,x,4\n", "boxes.csv: line 3: w: "},
		{"an unknown photo", frames, boxes + "b.jpg,red,1,2,3,4\n", "boxes.csv: line 3: b.jpg is not among the frames"},
		{"a photo that comes twice", frames + "a.jpg,val,1,0\n", boxes, "frames.csv: line 3: a.jpg stands there twice"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := ReadCinta(writeIndex(t, test.frames, test.boxes))
			if !errors.Is(err, ErrIndex) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v", err)
			}
		})
	}
	if _, err := ReadCinta(t.TempDir()); !errors.Is(err, ErrIndex) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without an index: error %v", err)
	}
}
