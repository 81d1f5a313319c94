package suite

import (
	"fmt"
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
	modelsDir        string
	tasks            []taskSettings // those that run, in the order of the table
	priorities       []int          // by task; nil: by deadline
	planning         bool           // levels and priorities are the planner's to choose
	profile          string         // a task set with the levels' times; "": they are measured at start
	planTime         time.Duration
	slots            int
	stop             core.StopPolicy
	hang             time.Duration // an inference may take so long in any case; 0: for ever
	metrics          string        // address of the metrics; "": none
	autostart        bool
}

// taskSettings are the parameters that the scheduler's node has for a task: what runs. Its Deadline is that of the task's node,
// once that is known.
type taskSettings struct {
	Task
	variant        string
	scoreThreshold float64 // 0: the network's own
	maxMissRate    float64 // 0 to 1
	rate           float64 // frames a second, until they are measured
}

// Values of the parameter plan.
const planFixed, planAuto = "fixed", "auto"

// Names of parameters that can be set while the suite runs (live.go); those with a dot stand behind a task's name.
const (
	priorityOrder  = "priorities"
	maxPending     = "max_pending"
	maxMissRate    = ".max_miss_rate"
	variantOf      = ".variant"
	scoreThreshold = ".score_threshold"
	deadlineMs     = "deadline_ms"
)

// declareScheduler declares the parameters of the scheduler's node; what is wrong, p.Err tells.
func declareScheduler(p *ros.Params, tasks []Task) schedulerSettings {
	cpu, accelerator := DivideCores(device.Cores())
	s := schedulerSettings{
		device:           p.String("device", "what runs the inferences", "cpu", device.Names()...),
		fallback:         p.Bool("device_fallback", "where the device can't be had: take cpu with a warning, else end", true),
		slots:            int(p.Int("accelerator_slots", "how many inferences the device runs at once", 1, 1, 2)),
		planning:         p.String("plan", "auto: the scheduler chooses variants and priorities", planFixed, planFixed, planAuto) == planAuto,
		profile:          p.String("profile", "with plan auto, a task set with the levels' times; empty: they are timed at start", ""),
		planTime:         time.Duration(p.Float("plan_time_s", "the first plan is searched for so long, in seconds", 2, 0.1, 60) * float64(time.Second)),
		library:          p.String("onnxruntime_library", "ONNX Runtime's library, 1.22 or newer: a name or a path", device.DefaultLibrary),
		cpuCores:         toInts(p.Ints("cpu_cores", "cores for pre- and post-processing, one worker each", toInt64s(cpu), 0, 1023)),
		acceleratorCores: toInts(p.Ints("accelerator_cores", "cores for inference", toInt64s(accelerator), 0, 1023)),
	}
	late := p.String("late_policy", "a job whose deadline has passed before its inference starts is dropped (skip) or finished (run)",
		"skip", "skip", "run", "abort")
	s.late, _ = core.ParseLatePolicy(late) // abort is refused, with the reason, by the scheduler itself
	s.stop, _ = core.ParseStopPolicy(p.String("stop_policy", "with plan auto, what becomes of an inference that is stopped for a more urgent one",
		"never", "never", "restart", "drop"))
	if s.stop != core.StopNever && !s.planning {
		p.Reject("stop_policy", "is %v, which needs plan auto: without it nobody knows how long inferences take", s.stop)
	}
	s.maxPending = int(p.Int(maxPending, "at most so many jobs of a task wait or run; more are refused", 64, 1, 4096))
	s.hang = time.Duration(p.Float("hang_limit_s", "an inference that takes longer, and ten times as long as usual, closes its slot; 0: never", 1, 0, 600) * float64(time.Second))
	s.autostart = declareAutostart(p)
	s.metrics = p.String("metrics_address", "loopback address where Prometheus reads; empty: none", "")
	wanted := p.Strings("tasks", "those that run", names(tasks), names(tasks)...)
	if len(wanted) == 0 {
		p.Reject("tasks", "is empty, and must have some of %s", strings.Join(names(tasks), ", "))
	}
	s.priorities = declarePriorities(p, names(named(tasks, wanted)))
	s.modelsDir = p.String("models_dir", "folder of the networks and their manifest.yaml", ros.Share("models"))
	variant := p.String("variant", "of all tasks that have none of their own; empty: each task's default", "")
	threshold := p.Float("score_threshold", "what is found needs this score, for tasks without one of their own; 0: the networks' own", 0, 0, 1)
	for _, t := range tasks { // of tasks that do not run, too: one file serves all
		if variant != "" {
			t.Variant = variant
		}
		settings := taskSettings{
			Task:           t,
			maxMissRate:    p.Float(t.Name+maxMissRate, "with plan auto, the share of frames that may be missed", 0.1, 0, 1),
			rate:           p.Float(t.Name+".rate_hz", "with plan auto, the rate that is planned for until it is measured", 30, 0.1, 1000),
			variant:        p.String(t.Name+variantOf, "the size of the network, where plan is fixed", t.Variant),
			scoreThreshold: p.Float(t.Name+scoreThreshold, "what is found needs this score; 0: the network's own", threshold, 0, 1),
		}
		if slices.Contains(wanted, t.Name) {
			s.tasks = append(s.tasks, settings)
		}
	}
	return s
}

// declarePriorities returns a priority for each of the tasks, nil where the parameter leaves it to the deadlines.
func declarePriorities(p *ros.Params, tasks []string) []int {
	priorities, err := prioritiesOf(p.Strings(priorityOrder, "the tasks from the most to the least urgent; []: by their deadlines", []string{}), tasks)
	if err != nil {
		p.Reject(priorityOrder, "%w", err)
	}
	return priorities
}

// prioritiesOf returns the tasks' priorities by their order; nil for none.
func prioritiesOf(order, tasks []string) ([]int, error) {
	if len(order) == 0 {
		return nil, nil
	}
	if !slices.Equal(slices.Sorted(slices.Values(order)), slices.Sorted(slices.Values(tasks))) {
		return nil, fmt.Errorf("has %s, and must have each of %s once", strings.Join(order, ", "), strings.Join(tasks, ", "))
	}
	priorities := make([]int, len(tasks))
	for i, t := range tasks {
		priorities[i] = slices.Index(order, t)
	}
	return priorities, nil
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
	autostart bool
}

func declareAutostart(p *ros.Params) bool {
	return p.Bool("autostart", "configure and activate the node at start; false: others do so, by its lifecycle services", true)
}

func declareNode(p *ros.Params, t Task) nodeSettings {
	topic := p.String("image_topic", "the camera's topic", "camera/image_raw")
	s := nodeSettings{
		transport: camera.Transport(p.String("image_transport", "raw: sensor_msgs/Image; compressed: <image_topic>/compressed", string(camera.Raw), string(camera.Raw), string(camera.Compressed))),
	}
	s.autostart = declareAutostart(p)
	s.pictures, _ = camera.Topic(topic, s.transport) // no other transport gets here
	byDefault := float64(t.Deadline) / float64(time.Millisecond)
	s.deadline = milliseconds(p.Float(deadlineMs, "from the receipt of a frame to its result, in ms", byDefault, 0.1, 60_000))
	return s
}

func milliseconds(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

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
