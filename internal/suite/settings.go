package suite

import (
	"slices"
	"strings"
	"time"

	"rtmdl/internal/camera"
	"rtmdl/internal/device"
	"rtmdl/internal/ros"
	"rtmdl/scheduler/core"
)

// schedulerSettings are the parameters of the scheduler's node; config/suite.yaml explains them.
type schedulerSettings struct {
	device           string
	fallback         bool // to cpu, where the device can't be had
	library          string
	cpuCores         []int
	acceleratorCores []int
	late             core.LatePolicy
	maxPending       int
	simTime          bool // asked for, and not there yet
	modelsDir        string
	tasks            []taskSettings // those that run, in the order of the table
	priorities       []int          // by task; nil: by deadline
	planning         bool           // levels and priorities are the planner's to choose
	profile          string         // a task set with the levels' times; "": they are measured at start
	planTime         time.Duration
	slots            int
	stop             core.StopPolicy
	metrics          string // address of the metrics; "": none
}

// taskSettings are the parameters that the scheduler's node has for a task: what runs.
type taskSettings struct {
	Task
	variant        string
	scoreThreshold float64 // 0: the network's own
	maxMissRate    float64 // 0 to 1
	rate           float64 // frames a second, until they are measured
}

// Values of the parameter plan.
const planFixed, planAuto = "fixed", "auto"

// declareScheduler declares the parameters of the scheduler's node; what is wrong, p.Err tells.
func declareScheduler(p *ros.Params, tasks []Task) schedulerSettings {
	cpu, accelerator := DivideCores(device.Cores())
	s := schedulerSettings{
		library:          p.String("onnxruntime_library", device.DefaultLibrary),
		cpuCores:         toInts(p.Ints("cpu_cores", toInt64s(cpu), 0, 1023)),
		acceleratorCores: toInts(p.Ints("accelerator_cores", toInt64s(accelerator), 0, 1023)),
		maxPending:       int(p.Int("max_pending", 64, 1, 4096)),
		modelsDir:        p.String("models_dir", ros.Share("models")),
		planning:         p.String("plan", planFixed, planFixed, planAuto) == planAuto,
		profile:          p.String("profile", ""),
		planTime:         time.Duration(p.Float("plan_time_s", 2, 0.1, 60) * float64(time.Second)),
		slots:            int(p.Int("accelerator_slots", 1, 1, 2)),
	}
	s.metrics = p.String("metrics_address", "")
	s.device = p.String("device", "cpu", device.Names()...)
	s.fallback = p.Bool("device_fallback", true)
	s.simTime = p.Bool("use_sim_time", false)
	late := p.String("late_policy", "skip", "skip", "run", "abort")
	s.late, _ = core.ParseLatePolicy(late) // abort is refused, with the reason, by the scheduler itself

	s.stop, _ = core.ParseStopPolicy(p.String("stop_policy", "never", "never", "restart", "drop"))
	if s.stop != core.StopNever && !s.planning {
		p.Reject("stop_policy", "is %v, which needs plan auto: without it nobody knows how long inferences take", s.stop)
	}

	variant := p.String("variant", "")
	threshold := p.Float("score_threshold", 0, 0, 1)
	wanted := p.Strings("tasks", names(tasks), names(tasks)...)
	if len(wanted) == 0 {
		p.Reject("tasks", "is empty, and must have some of %s", strings.Join(names(tasks), ", "))
	}
	for _, t := range tasks { // of tasks that do not run, too: one file serves all
		if variant != "" {
			t.Variant = variant
		}
		settings := taskSettings{
			Task:           t,
			variant:        p.String(t.Name+".variant", t.Variant),
			scoreThreshold: p.Float(t.Name+".score_threshold", threshold, 0, 1),
			maxMissRate:    p.Float(t.Name+".max_miss_rate", 0.1, 0, 1),
			rate:           p.Float(t.Name+".rate_hz", 30, 0.1, 1000),
		}
		if slices.Contains(wanted, t.Name) {
			s.tasks = append(s.tasks, settings)
		}
	}
	s.priorities = declarePriorities(p, names(named(tasks, wanted)))
	return s
}

// declarePriorities returns a priority for each of the tasks, nil where the parameter leaves it to the deadlines.
func declarePriorities(p *ros.Params, tasks []string) []int {
	order := p.Strings("priorities", []string{})
	if len(order) == 0 {
		return nil
	}
	if !slices.Equal(slices.Sorted(slices.Values(order)), slices.Sorted(slices.Values(tasks))) {
		p.Reject("priorities", "has %s, and must have each of %s once", strings.Join(order, ", "), strings.Join(tasks, ", "))
		return nil
	}
	priorities := make([]int, len(tasks))
	for i, t := range tasks {
		priorities[i] = slices.Index(order, t)
	}
	return priorities
}

// DivideCores gives the accelerator the upper half of the cores (the larger one of an odd number), and the first core
// to the CPU stages. Nothing keeps the middleware's threads off either. With one core both share it.
func DivideCores(cores []int) (cpu, accelerator []int) {
	half := len(cores) / 2
	if half == 0 {
		return nil, nil
	}
	return cores[:1], cores[half:]
}

// nodeSettings are the parameters that every perception node has: what goes in, and when it must come out.
type nodeSettings struct {
	pictures  string // topic
	transport camera.Transport
	deadline  time.Duration
}

func declareNode(p *ros.Params, t Task) nodeSettings {
	topic := p.String("image_topic", "camera/image_raw")
	s := nodeSettings{
		transport: camera.Transport(p.String("image_transport", string(camera.Raw), string(camera.Raw), string(camera.Compressed))),
	}
	s.pictures, _ = camera.Topic(topic, s.transport) // no other transport gets here
	byDefault := float64(t.Deadline) / float64(time.Millisecond)
	s.deadline = time.Duration(p.Float("deadline_ms", byDefault, 0.1, 60_000) * float64(time.Millisecond))
	return s
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

// networks returns the levels that run, each as task/level.
func (s *schedulerSettings) networks() []string {
	var all []string
	for _, t := range s.tasks {
		all = append(all, t.Name+"/"+t.variant)
	}
	return all
}

// taskNames returns the names of the tasks that run.
func taskNames(settings []taskSettings) []string {
	var all []string
	for _, s := range settings {
		all = append(all, s.Name)
	}
	return all
}
