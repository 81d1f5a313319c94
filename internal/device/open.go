package device

import (
	"fmt"
	"slices"
	"strings"
)

// Options say how a device runs. The zero value is a device on one thread, or on the first GPU.
type Options struct {
	Library string // ONNX Runtime's library; "": DefaultLibrary. A process loads one, for all its devices
	// Cores are those of inference, from 0, a thread on each; none: wherever the system puts the threads. Of a GPU they
	// are those of the threads that give it work.
	Cores []int
	// Slots is how many runs are to share the cores, each on its own part of them: sessions have that many threads fewer,
	// and each thread that is bound gets another part. 0: 1. Of the processor alone.
	Slots int
	// Threads of each session where there are no Cores; 0: one. AllThreads: as many as ONNX Runtime likes. Of the
	// processor alone.
	Threads int
	// Spinning keeps waiting threads on their cores: quicker for who is alone, at the expense of everybody else. Of the
	// processor alone.
	Spinning bool
	GPU      int  // number of the GPU, from 0
	Whole    bool // a GPU refuses a network (ErrModel) of which it can't run every node: the processor would run the rest
}

// AllThreads leaves the number of threads to ONNX Runtime.
const AllThreads = -1

// deviceNames are those of Open, in the order of what they ask of the machine.
var deviceNames = []string{"cpu", "cuda", "tensorrt"}

// Names returns the names that Open knows.
func Names() []string { return slices.Clone(deviceNames) }

// Open returns the device of that name: cpu, cuda or tensorrt. The caller closes it. Errors wrap ErrLibrary, ErrCores or,
// for what this library, machine or name does not give, ErrDevice. What runs instead then is the caller's choice: cpu
// runs wherever the library is.
func Open(name string, o Options) (Device, error) {
	switch name {
	case "cpu":
		return NewCPU(o)
	case "cuda", "tensorrt":
		return newGPU(name, o)
	}
	return nil, fmt.Errorf("%w: there is no device '%s'; take one of %s", ErrDevice, name, strings.Join(deviceNames, ", "))
}
