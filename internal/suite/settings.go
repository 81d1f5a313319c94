package suite

import (
	"time"

	"rtmdl/internal/device"
	"rtmdl/internal/ros"
	"rtmdl/scheduler/core"
)

// scheduler are the parameters of the scheduler's node; config/suite.yaml explains them.
type scheduler struct {
	library          string
	cpuCores         []int
	acceleratorCores []int
	late             core.LatePolicy
	maxPending       int
	simTime          bool // asked for, and not there yet
}

func schedulerSettings(p *ros.Params) scheduler {
	cpu, accelerator := divideCores(device.Cores())
	s := scheduler{
		library:          p.String("onnxruntime_library", device.DefaultLibrary),
		cpuCores:         toInts(p.Ints("cpu_cores", toInt64s(cpu), 0, 1023)),
		acceleratorCores: toInts(p.Ints("accelerator_cores", toInt64s(accelerator), 0, 1023)),
		maxPending:       int(p.Int("max_pending", 64, 1, 4096)),
	}
	p.String("device", "cpu", "cpu")
	s.simTime = p.Bool("use_sim_time", false)
	late := p.String("late_policy", "skip", "skip", "run", "abort")
	s.late, _ = core.ParseLatePolicy(late) // abort is refused, with the reason, by the scheduler itself
	return s
}

// divideCores gives the accelerator the upper half of the cores (the larger one of an odd number), and the first core
// to the CPU stages. Nothing keeps the middleware's threads off either. With one core both share it.
func divideCores(cores []int) (cpu, accelerator []int) {
	half := len(cores) / 2
	if half == 0 {
		return nil, nil
	}
	return cores[:1], cores[half:]
}

// task are the parameters that every perception node has.
type task struct {
	imageTopic, imageTransport string
	modelsDir, variant         string
	deadline                   time.Duration
	scoreThreshold             float64 // 0: the network's own
}

func taskSettings(p *ros.Params) task {
	return task{
		imageTopic:     p.String("image_topic", "camera/image_raw"),
		imageTransport: p.String("image_transport", "raw", "raw", "compressed"),
		modelsDir:      p.String("models_dir", ros.Share("models")),
		variant:        p.String("variant", "w100"),
		deadline:       time.Duration(p.Float("deadline_ms", 100, 0.1, 60_000) * float64(time.Millisecond)),
		scoreThreshold: p.Float("score_threshold", 0, 0, 1),
	}
}

func toInts(values []int64) []int {
	out := make([]int, len(values))
	for i, v := range values {
		out[i] = int(v)
	}
	return out
}

func toInt64s(values []int) []int64 {
	out := make([]int64, len(values))
	for i, v := range values {
		out[i] = int64(v)
	}
	return out
}
