package bag

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rtmdl/internal/ros/msg"
)

// TestOurDefinitionsAreThoseOfTheMessagePackage compares the copies here with msgs/msg.
func TestOurDefinitionsAreThoseOfTheMessagePackage(t *testing.T) {
	files, err := filepath.Glob("../../msgs/msg/*.msg")
	if err != nil || len(files) == 0 {
		t.Fatalf("no message definitions found: %v", err)
	}
	for _, file := range files {
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".msg")
		if got, err := Embedded("rtmdl", name); err != nil || got != string(want) {
			t.Errorf("%s is not what msgs/msg has (%v); run: go generate ./internal/bag", name, err)
		}
	}
}

func TestSchemasAreComplete(t *testing.T) {
	for _, typeName := range msg.TypeNames() {
		text, err := SchemaText(typeName)
		if err != nil {
			t.Errorf("%s: %v", typeName, err)
		}
		if n := strings.Count(text, strings.Repeat("=", 80)+"\nMSG: "); typeName == msg.TypeDetection2DArray && n != 12 {
			t.Errorf("%s: %d further types, want 12:\n%s", typeName, n, text)
		}
	}
	want := "std_msgs/Header header\nuint32 height\nuint32 width\nstring encoding\nuint8 is_bigendian\nuint32 step\n" +
		"uint8[] data\n" + strings.Repeat("=", 80) + "\nMSG: std_msgs/Header\nbuiltin_interfaces/Time stamp\n" +
		"string frame_id\n" + strings.Repeat("=", 80) + "\nMSG: builtin_interfaces/Time\nint32 sec\nuint32 nanosec\n"
	if text, _ := SchemaText(msg.TypeImage); text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}

func TestGather(t *testing.T) {
	files := map[string]string{
		"a/Root": "# comment other/X y\nuint8 K=3 # constant\nPart[<=3] parts\nb/msg/Far far\n" +
			"string<=5[] s \"x\"\nint32[2] n [1, 2]\n\nb/Far again",
		"a/Part":   "Part2 p\n",
		"a/Part2":  "float64 x\n",
		"b/Far":    "Near n\n",
		"b/Near":   "bool ok\n",
		"c/Loop":   "c/Loop2 x\n",
		"c/Loop2":  "c/Loop x\n",
		"c/Broken": "c/none/x/y z\n",
		"c/Evil":   "../../etc/passwd z\n",
		"c/Lost":   "c/Nowhere z\n",
	}
	lost := errors.New("lost")
	lookup := func(pkg, name string) (string, error) {
		if text, ok := files[pkg+"/"+name]; ok {
			return text, nil
		}
		return "", lost
	}
	line := strings.Repeat("=", 80) + "\nMSG: "
	want := files["a/Root"] + "\n" + line + "a/Part\nPart2 p\n" + line + "b/Far\nNear n\n" + line + "a/Part2\nfloat64 x\n" +
		line + "b/Near\nbool ok\n"
	if got, err := Gather("a/msg/Root", lookup); err != nil || got != want {
		t.Errorf("error %v, got\n%s\nwant\n%s", err, got, want)
	}
	if got, err := Gather("c/Loop", lookup); err != nil || strings.Count(got, line) != 1 {
		t.Errorf("types that contain each other: %v\n%s", err, got)
	}
	for typeName, text := range map[string]string{
		"c/msg/Broken": "definition of c/Broken, line 1", "c/msg/Evil": "no message type", "c/msg/Lost": "lost",
		"../x/y": "no message type", "x": "no message type", "": "no message type", "a/srv/Root": "no message type",
	} {
		if _, err := Gather(typeName, lookup); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: error %v, want %q", typeName, err, text)
		}
	}
	if _, err := Gather("c/msg/Lost", lookup); !errors.Is(err, lost) {
		t.Errorf("the lookup's error is not wrapped: %v", err)
	}
}
