package ros

import (
	"slices"
	"testing"
)

func TestPrefixesOfTheEnvironmentComeBeforeThoseOfTheBuild(t *testing.T) {
	before := builtWith
	t.Cleanup(func() { builtWith = before })
	builtWith = "/built/a:/built/b"
	for environment, want := range map[string][]string{
		"": {"/built/a", "/built/b"}, "/opt/ros/jazzy::/home/ws": {"/opt/ros/jazzy", "/home/ws", "/built/a", "/built/b"},
	} {
		t.Setenv("AMENT_PREFIX_PATH", environment)
		if got := Prefixes(); !slices.Equal(got, want) {
			t.Errorf("%q gives %q", environment, got)
		}
	}
}

func TestAFileThatDoesNotComeWithRtmdlIsNotFound(t *testing.T) {
	if got := Share("config/nothing.yaml"); got != "" {
		t.Errorf("found %s", got)
	}
}
