package ros

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzParameterFile gives ROS's parser of parameter files whatever comes, and reads what it makes of it: a value of a type that
// a parameter can have, or an error of one line.
func FuzzParameterFile(f *testing.F) {
	whole, err := os.ReadFile("../../config/suite.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	for _, text := range []string{
		"", "/**:\n  ros__parameters:\n    a: 1\n    b: {c: [1.5, .nan], d: text}\n", "node:\n  ros__parameters: {a: [true, false], b: [x, 'y']}\n",
		"/car/*:\n  lane:\n    ros__parameters:\n      image_topic: \"front\"\n", "a: [", "&x a: *x\n", "/**:\n  ros__parameters:\n    a: !!str 1\n    a: []\n",
		"/**:\n  ros__parameters:\n    a: 0x7fffffffffffffff\n    b: 99999999999999999999\n    c: 1e999\n",
	} {
		f.Add([]byte(text))
	}
	file := filepath.Join(f.TempDir(), "parameters.yaml")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		found, err := parseOverrides([]string{"--ros-args", "--params-file", file})
		if err != nil {
			if strings.TrimSpace(err.Error()) == "" {
				t.Error("an error without a word")
			}
			return
		}
		for _, o := range found {
			switch o.value.(type) {
			case nil, bool, int64, float64, string, []bool, []int64, []float64, []string:
			default:
				t.Errorf("%s of %s is a %T", o.name, o.pattern, o.value)
			}
		}
	})
}
