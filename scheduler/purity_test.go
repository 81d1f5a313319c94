package scheduler

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// allowed are the packages that non-test files under scheduler/ may import,
// besides one another. None of them does I/O, knows what time it is or draws
// random numbers; of time only what is in allowedOfTime may be used.
var allowed = []string{"cmp", "errors", "fmt", "math", "math/bits", "slices", "sort", "strconv", "strings", "time"}

var allowedOfTime = []string{"Duration", "Nanosecond", "Microsecond", "Millisecond", "Second", "Minute", "Hour"}

// allowedToo are what single packages may import besides: task reads and
// writes YAML files.
var allowedToo = map[string][]string{"task": {"bytes", "io", "os", "regexp", "unicode", "unicode/utf8", "gopkg.in/yaml.v3"}}

const ownPrefix = "rtmdl/scheduler/"

func TestSchedulerImportsNothingButTheAllowList(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files++
		for _, problem := range impurities(t, path, nil) {
			t.Error(problem)
		}
		return nil
	})
	if err != nil || files < 2 {
		t.Errorf("%d files, %v", files, err)
	}
}

// impurities lists what a file, or src if it is not nil, must not contain.
func impurities(t *testing.T, path string, src any) (problems []string) {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, src, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	bad := func(n ast.Node, what string) {
		problems = append(problems, fset.Position(n.Pos()).String()+": "+what)
	}
	for _, spec := range file.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(allowed, name) && !slices.Contains(allowedToo[filepath.Dir(path)], name) && !strings.HasPrefix(name, ownPrefix) {
			bad(spec, "imports "+name)
		}
		if spec.Name != nil {
			bad(spec, "imports "+name+" under another name")
		}
	}
	for _, group := range file.Comments {
		for _, c := range group.List {
			if strings.HasPrefix(c.Text, "//go:linkname") {
				bad(c, "go:linkname")
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			bad(n, "starts a goroutine")
		case *ast.ChanType:
			bad(n, "has a channel")
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && x.Name == "time" && !slices.Contains(allowedOfTime, n.Sel.Name) {
				bad(n, "uses time."+n.Sel.Name)
			}
			if x, ok := n.X.(*ast.Ident); ok && x.Name == "fmt" && strings.HasPrefix(n.Sel.Name, "Print") {
				bad(n, "uses fmt."+n.Sel.Name)
			}
		}
		return true
	})
	return problems
}

func TestTheAllowListTestSeesWhatIsForbidden(t *testing.T) {
	for name, src := range map[string]string{
		"cgo":       `package p; import "C"`,
		"a clock":   `package p; import "time"; var now = time.Now()`,
		"a rename":  `package p; import tm "time"; var now = tm.Now()`,
		"a timer":   `package p; import "time"; func f() { time.Sleep(1) }`,
		"random":    `package p; import "math/rand/v2"; var x = rand.Int()`,
		"goroutine": `package p; func f() { go f() }`,
		"channel":   `package p; var c chan int`,
		"sync":      `package p; import "sync"; var m sync.Mutex`,
		"ROS":       `package p; import "rtmdl/internal/ros"; var _ = ros.X`,
		"others":    `package p; import "gopkg.in/yaml.v3"; var _ = yaml.X`,
		"printing":  `package p; import "fmt"; func f() { fmt.Println() }`,
	} {
		if len(impurities(t, name+".go", src)) == 0 {
			t.Errorf("%s is let through", name)
		}
	}
	if got := impurities(t, "pure.go", `package p; import "time"; var d = 3 * time.Second`); len(got) > 0 {
		t.Error(got)
	}
}

func TestSchedulerBuildsWithoutCgo(t *testing.T) {
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go command")
	}
	for _, arch := range []string{"amd64", "arm64"} {
		cmd := exec.Command(tool, "build", "./...")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", arch, err, out)
		}
	}
}
