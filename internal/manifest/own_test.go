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

func TestAPlannersVariantGoesByVal(t *testing.T) {
	family := &manifest.Task{Parts: map[string]int64{"early": 5000, "late": 7}}
	level := &manifest.Level{Name: "w50", File: manifest.File{Bytes: 40}, Parts: []string{"early"}, Accuracy: manifest.Accuracy{Value: 0.9}, Val: manifest.Accuracy{Value: 0.8}}
	v := family.Variant(level)
	if v.Name != "w50" || v.Accuracy != 0.8 || v.Storage != 40 || len(v.Shared) != 1 || v.Shared[0].Name != "early" || v.Shared[0].Size != 5000 {
		t.Errorf("%+v", v)
	}
}
