package ros

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// paramsOf returns a node's parameters as the command line gives them.
func paramsOf(t *testing.T, node string, rosArgs ...string) *Params {
	t.Helper()
	o, err := parseOverrides(append([]string{"--ros-args"}, rosArgs...))
	if err != nil {
		t.Fatal(err)
	}
	return newParams(node, o.forNode(node))
}

func paramsFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "params.yaml")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestParametersOfTheCommandLine(t *testing.T) {
	p := paramsOf(t, "/n", "-p", "text:=camera/image_raw", "-p", "switch:=true", "-p", "whole:=-7", "-p", "number:=2.5",
		"-p", "whole_number:=3", "-p", "list:=[1, 2]", "-p", "empty:=[]", "-p", "group.inner.name:=x", "-p", "quoted:='12'",
		"-p", "n:own:=1", "-p", "other:own:=2", "-p", "twice:=1", "-p", "twice:=2")
	got := []any{
		p.String("text", "", ""), p.Bool("switch", "", false), p.Int("whole", "", 0, -10, 10), p.Float("number", "", 0, 0, 10),
		p.Float("whole_number", "", 0, 0, 10), p.Ints("list", "", nil, 0, 9), p.Ints("empty", "", []int64{5}, 0, 9),
		p.String("group.inner.name", "", ""), p.String("quoted", "", ""), p.Int("own", "", 0, 0, 9), p.Int("twice", "", 0, 0, 9),
		p.String("missing", "", "default"), p.Ints("no_list", "", []int64{4}, 0, 9),
	}
	want := []any{
		"camera/image_raw", true, int64(-7), 2.5, 3.0, []int64{1, 2}, []int64{}, "x", "12", int64(1), int64(2),
		"default", []int64{4},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if err := p.Err(); err != nil {
		t.Error(err)
	}
}

func TestParametersOfAFile(t *testing.T) {
	path := paramsFile(t, `
/**:
  ros__parameters:
    everywhere: 1
    model: {threshold: 0.5, labels: {first: red}}
    cores: []
scheduler:
  ros__parameters: {place: root}
/car/scheduler:
  ros__parameters: {place: car, everywhere: 2}
/*/scheduler:
  ros__parameters: {one_up: true}
/car/**:
  ros__parameters: {in_car: true}
car:
  lane:
    ros__parameters: {place: lane}
`)
	for _, test := range []struct {
		node string
		want map[string]any
	}{
		{"/scheduler", map[string]any{"everywhere": int64(1), "place": "root"}},
		{"/car/scheduler", map[string]any{"everywhere": int64(2), "place": "car", "one_up": true, "in_car": true}},
		{"/bus/scheduler", map[string]any{"everywhere": int64(1), "one_up": true}},
		{"/a/b/scheduler", map[string]any{"everywhere": int64(1)}},
		{"/car/lane", map[string]any{"everywhere": int64(1), "place": "lane", "in_car": true}},
		{"/car", map[string]any{"everywhere": int64(1), "in_car": true}},
		{"/cart/scheduler", map[string]any{"everywhere": int64(1), "one_up": true}},
	} {
		t.Run(test.node, func(t *testing.T) {
			test.want["model.threshold"], test.want["model.labels.first"], test.want["cores"] = 0.5, "red", nil
			got := map[string]any{}
			for name, g := range paramsOf(t, test.node, "--params-file", path).given {
				got[name] = g.value
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestListsOfTexts(t *testing.T) {
	s := open(t, "-p", "some:=[b, a]", "-p", "none:=[]", "-p", "text:=a", "-p", "odd:=[a, x]")
	p := newNode(t, s, "lister", "").Params()
	allowed := []string{"a", "b"}
	for name, want := range map[string]string{"some": "[b a]", "none": "[]", "left_out": "[a]", "text": "[a]", "odd": "[a]"} {
		if got := fmt.Sprint(p.Strings(name, "", allowed[:1], allowed...)); got != want {
			t.Errorf("%s is %s, and must be %s", name, got, want)
		}
	}
	p.Reject("some", "is the wrong way round: %s", "b before a")
	err := p.Err()
	for _, text := range []string{
		"text of /lister is 'a', and must be a list of texts", "odd of /lister has 'x' at position 1, and its values must be among a, b",
		"some of /lister is the wrong way round: b before a",
	} {
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%q is not in: %v", text, err)
		}
	}
}

func TestTheLastOfTwoFilesWins(t *testing.T) {
	first := paramsFile(t, "/**:\n  ros__parameters: {a: 1, b: 1}\n")
	second := paramsFile(t, "/**:\n  ros__parameters: {b: 2, c: 2}\n")
	p := paramsOf(t, "/n", "--params-file", first, "--params-file", second, "-p", "c:=3")
	if a, b, c := p.Int("a", "", 0, 0, 9), p.Int("b", "", 0, 0, 9), p.Int("c", "", 0, 0, 9); a != 1 || b != 2 || c != 3 {
		t.Errorf("a %d, b %d, c %d", a, b, c)
	}
}

func TestBadParametersAreAllReportedAndLeaveTheDefault(t *testing.T) {
	p := paramsOf(t, "/car/n", "-p", "text:=1", "-p", "choice:=fast", "-p", "switch:=1", "-p", "whole:=1.5", "-p", "large:=11",
		"-p", "nan:=.nan", "-p", "inf:=.inf", "-p", "list:=3", "-p", "far:=[1, 10]", "--params-file", paramsFile(t, "/car/n:\n  ros__parameters: {typo: 1}\n"),
		"-p", "n:of_another_namespace:=1", "-p", "shared_typo:=1", "-p", "use_sim_time:=false")
	got := []any{
		p.String("text", "", "t"), p.String("choice", "", "slow", "slow", "slower"), p.Bool("switch", "", true), p.Int("whole", "", 1, 0, 9),
		p.Int("large", "", 2, 0, 10), p.Float("nan", "", 3, 0, 9), p.Float("inf", "", 4, 0, 9), p.Ints("list", "", []int64{5}, 0, 9),
		p.Ints("far", "", []int64{6}, 0, 9),
	}
	want := []any{"t", "slow", true, int64(1), int64(2), 3.0, 4.0, []int64{5}, []int64{6}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	err := p.Err()
	if !errors.Is(err, ErrParameter) {
		t.Fatal(err)
	}
	wantLines := []string{
		"parameter text of /car/n is '1', and must be a text",
		"parameter choice of /car/n is 'fast', and must be one of slow, slower",
		"parameter switch of /car/n is '1', and must be true or false",
		"parameter whole of /car/n is '1.5', and must be a whole number",
		"parameter large of /car/n is 11, and must be from 0 to 10",
		"parameter nan of /car/n is NaN, and must be from 0 to 9",
		"parameter inf of /car/n is +Inf, and must be from 0 to 9",
		"parameter list of /car/n is '3', and must be a list of whole numbers",
		"parameter far of /car/n has 10 at position 1, and its values must be from 0 to 9",
		"parameter typo of /car/n is not known; it has text, choice, switch, whole, large, nan, inf, list, far",
	}
	if diff := cmp.Diff(wantLines, strings.Split(err.Error(), "\n")); diff != "" {
		t.Error(diff)
	}
}

func TestNamesGivenForAllNodesNeedOnlyOneThatHasThem(t *testing.T) {
	args := []string{"-p", "a:=1", "-p", "b:=2", "-p", "c:=3"}
	first, second := paramsOf(t, "/first", args...), paramsOf(t, "/second", args...)
	first.Int("a", "", 0, 0, 9)
	second.Int("b", "", 0, 0, 9)
	if err := errors.Join(first.Err(), second.Err()); err != nil {
		t.Error(err)
	}
	if got := UnusedParameters(&Node{params: first}, &Node{params: second}); !slices.Equal(got, []string{"c"}) {
		t.Errorf("unused: %v", got)
	}
}

func TestBadArgumentsAreNamed(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.yaml")
	folder := t.TempDir()
	malformed := paramsFile(t, "scheduler:\n  ros__parameters:\n    cores: [1, two]\n")
	outside := paramsFile(t, "scheduler:\n  parameters:\n    cores: 1\n")
	nothing := paramsFile(t, "scheduler:\n  ros__parameters:\n    cores:\n")
	binary := paramsFile(t, "\x00\x01\x02\xff")
	for _, test := range []struct {
		name string
		args []string
		want []string // in the error
	}{
		{"a missing file", []string{"--params-file", missing}, []string{missing}},
		{"a folder", []string{"--params-file", folder}, []string{folder}},
		{"a list of two types", []string{"--params-file", malformed}, []string{malformed, "line_num 3"}},
		{"values outside ros__parameters", []string{"--params-file", outside}, []string{outside, "line 3"}},
		{"a name without a value", []string{"--params-file", nothing}, []string{nothing, "No value at line"}},
		{"a file that is no text", []string{"--params-file", binary}, []string{binary}},
		{"no file after its flag", []string{"--params-file"}, []string{"--params-file"}},
		{"a parameter without a value", []string{"-p", "deadline_ms"}, []string{"-p deadline_ms"}},
		{"an argument that ROS does not know", []string{"--params-files", missing}, []string{"'--params-files' is none"}},
		{"a bare word", []string{"-p", "a:=1", "b:=2"}, []string{"'b:=2' is none"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, _, err := Open(append([]string{"--ros-args"}, test.args...))
			if err == nil {
				t.Fatal("opened", s.Close())
			}
			if !errors.Is(err, ErrArguments) || strings.Contains(err.Error(), ".c:") || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v", err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %v lacks %q", err, want)
				}
			}
		})
	}
}

func TestAnUnreadableFileIsNamed(t *testing.T) {
	path := paramsFile(t, "/**:\n  ros__parameters: {a: 1}\n")
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	if f, err := os.Open(path); err == nil {
		_ = f.Close()
		t.Skip("this user may read everything")
	}
	if _, err := parseOverrides([]string{"--ros-args", "--params-file", path}); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v", err)
	}
}
