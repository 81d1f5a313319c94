package device

import (
	"errors"
	"strings"
	"testing"
)

func TestOpen(t *testing.T) {
	d, err := Open("cpu", Options{Library: library})
	if err != nil || d.Name() != "cpu" {
		t.Error(d, err)
	}
	for _, name := range []string{"", "gpu", "CPU"} {
		if _, err := Open(name, Options{}); !errors.Is(err, ErrDevice) || !strings.Contains(err.Error(), "cpu, cuda, tensorrt") {
			t.Errorf("device '%s': error %v", name, err)
		}
	}
	for _, name := range deviceNames {
		if _, err := Open(name, Options{Library: library, Cores: []int{-1}}); !errors.Is(err, ErrCores) {
			t.Errorf("%s on a core that there is not: error %v", name, err)
		}
	}
}
