package suite

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"rtmdl/internal/device"
	"rtmdl/internal/manifest"
)

// BenchmarkLoadAll loads every level of every task and keeps them, as the scheduler does; resident memory is reported
// before and after. Of the file's storage, what several levels share is mapped once; what ONNX Runtime makes of the
// weights (its own layout for convolutions) is every session's own.
func BenchmarkLoadAll(b *testing.B) {
	for b.Loop() {
		m, err := manifest.Load("../../models")
		if err != nil {
			b.Fatal(err)
		}
		d, err := device.NewCPU(device.Options{Library: device.DefaultLibrary, Cores: []int{0}})
		if err != nil {
			b.Fatal(err)
		}
		before := residentMB(b)
		var loaded []device.Model
		for _, t := range tasks {
			for _, level := range m.Task(t.Name).Levels {
				n, err := t.Load(d, m, level.Name, 0)
				if err != nil {
					b.Fatal(err)
				}
				loaded = append(loaded, n.Model)
			}
		}
		b.ReportMetric(before, "MB-before")
		b.ReportMetric(residentMB(b), "MB-after")
		b.ReportMetric(float64(len(loaded)), "levels")
		for _, m := range loaded {
			if err := m.Close(); err != nil {
				b.Fatal(err)
			}
		}
		if err := d.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// residentMB is the process's resident memory.
func residentMB(b *testing.B) float64 {
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		b.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(data))[1])
	if err != nil {
		b.Fatal(err)
	}
	return float64(pages*os.Getpagesize()) / 1e6
}
