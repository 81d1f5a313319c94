package manifest_test

import (
	"testing"

	"rtmdl/internal/manifest"
)

// TestTheProjectsOwn checks the networks that come with rtmdl.
func TestTheProjectsOwn(t *testing.T) {
	m, err := manifest.Load("../../models")
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range m.Tasks {
		t.Logf("%s: %d levels", task.Name, len(task.Levels))
	}
}
