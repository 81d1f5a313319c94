package mutants

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var (
	enabled = flag.Bool("mutants", false, "run the tests against each mutant (minutes)")
	only    = flag.Int("mutant", -1, "the number of the only mutant to run")
)

// tests are the packages that have to notice.
var tests = []string{"./core", "./pack", "./sim"}

// TestMutants makes each mutant by an overlay of the one file that it changes,
// so that nothing is written into the sources.
func TestMutants(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range list {
		name := fmt.Sprintf("%02d %s %s", i, m.file, m.what)
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(root, m.file)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(text), m.old); n != 1 {
				t.Fatalf("%q is there %d times, want once", m.old, n)
			}
			if !*enabled || *only >= 0 && *only != i {
				return
			}
			changed := filepath.Join(t.TempDir(), "mutant.go")
			if err := os.WriteFile(changed, []byte(strings.Replace(string(text), m.old, m.new, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			overlay, err := json.Marshal(map[string]map[string]string{"Replace": {path: changed}})
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(filepath.Dir(changed), "overlay.json")
			if err := os.WriteFile(file, overlay, 0o600); err != nil {
				t.Fatal(err)
			}
			run := func(args ...string) (string, error) {
				cmd := exec.Command("go", args...)
				cmd.Dir = root
				cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
				out, err := cmd.CombinedOutput()
				return string(out), err
			}
			if out, err := run(append([]string{"build", "-overlay", file}, tests...)...); err != nil {
				t.Fatalf("the mutant does not build:\n%s", out)
			}
			out, err := run(append([]string{"test", "-overlay", file, "-failfast", "-timeout", "60s"}, tests...)...)
			if err == nil {
				t.Errorf("nobody notices:\n%s", out)
				return
			}
			for line := range strings.Lines(out) {
				if strings.HasPrefix(line, "--- FAIL") || strings.HasPrefix(line, "panic:") {
					t.Log(strings.TrimSpace(line))
				}
			}
		})
	}
	if len(list) < 30 {
		t.Errorf("%d mutants, want 30", len(list))
	}
}
