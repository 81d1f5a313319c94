package profile

import (
	"os"
	"runtime"
	"strings"
)

// CPUModel returns the processor's name; its architecture where the system does not tell.
func CPUModel() string {
	data, _ := os.ReadFile("/proc/cpuinfo") // without it, there is no name to be found
	for line := range strings.Lines(string(data)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
