package main

import (
	"context"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"rtmdl/internal/device"
)

// machine is what figures are of; "" is not known.
type machine struct {
	GPU         string `json:"gpu"`
	Driver      string `json:"driver"`
	Memory      string `json:"gpu_memory"`
	Clock       string `json:"gpu_clock"` // of its multiprocessors, when measuring began
	Cores       int    `json:"cpu_cores"`
	ONNXRuntime string `json:"onnxruntime"`
	OS          string `json:"os"`
}

// readMachine asks nvidia-smi, where there is one, for the first GPU.
func readMachine(ctx context.Context) machine {
	m := machine{Cores: runtime.NumCPU(), ONNXRuntime: device.LibraryVersion(), OS: runtime.GOOS + "/" + runtime.GOARCH}
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	out, err := exec.CommandContext(ctx, "nvidia-smi", "--query-gpu=name,driver_version,memory.total,clocks.sm",
		"--format=csv,noheader").Output()
	if err != nil {
		return m
	}
	first, _, _ := strings.Cut(string(out), "\n")
	fields := strings.Split(first, ", ")
	for i, to := range []*string{&m.GPU, &m.Driver, &m.Memory, &m.Clock} {
		if i < len(fields) {
			*to = strings.TrimSpace(fields[i])
		}
	}
	return m
}
