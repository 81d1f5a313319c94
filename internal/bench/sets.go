package bench

import (
	"fmt"
	"math"
	"time"

	frozen "rtmdl/config/bench"
	"rtmdl/scheduler/generate"
	"rtmdl/scheduler/task"
)

// named is a set with its name in tables.
type named struct {
	name string
	set  *task.Set
}

// paperCases are the four calibrations.
var paperCases = []string{"light blackbox", "light split", "high blackbox", "high split"}

// paperFile names the file of a calibration.
func paperFile(load, mode string) string { return fmt.Sprintf("paper-%s-%s.yaml", load, mode) }

func paperSet(load, mode string) (*task.Set, error) {
	name := paperFile(load, mode)
	data, err := frozen.Files.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return task.ParseSet("config/bench/"+name, data)
}

// withPacking adds a table of equal slowdowns and a second slot.
func withPacking(s *task.Set, short, long task.Millionths) *task.Set {
	c := *s
	c.Platform.AcceleratorSlots = 2
	c.Packing = generate.Table(s, short, long)
	return &c
}

// carSet has the periods, deadlines and jitter of the car. Its stage times and
// accuracies are placeholders until the project's own families are measured.
func carSet() *task.Set {
	s := task.NewSet()
	family := func(infer, worst float64, storage task.Bytes) (out []task.Variant) {
		for l := range 5 {
			size := float64(l) / 4
			out = append(out, task.Variant{
				Name:     fmt.Sprintf("w%d", 20*(l+1)),
				Accuracy: task.Rate(math.Round(1e6*0.95*(1-worst*(1-size)*(1-size))) / 1e6),
				Storage:  task.Bytes(float64(storage) * (0.3 + 0.7*size)),
				Pre:      task.FromMilliseconds(1),
				Infer:    task.FromMilliseconds(infer * (0.55 + 0.45*size)),
				Post:     task.FromMilliseconds(0.3),
			})
		}
		return out
	}
	add := func(name string, period, deadline float64, v []task.Variant) {
		s.Tasks = append(s.Tasks, task.Task{
			Name: name, Period: task.FromMilliseconds(period), Deadline: task.FromMilliseconds(deadline),
			Jitter: time.Millisecond, MaxMissRate: task.DefaultMaxMissRate, CV: 0.05, Queue: 1, Variants: v,
		})
	}
	add("traffic_light_1", 33.3, 20, family(6, 0.05, 3_000_000))
	add("traffic_light_2", 33.3, 20, family(6, 0.05, 3_000_000))
	add("sign_1", 33.3, 31, family(9, 0.06, 6_000_000))
	add("sign_2", 33.3, 31, family(9, 0.06, 6_000_000))
	add("lane", 20, 20, family(5, 0.04, 2_000_000))
	return s
}

// mixedSets are four sets of the paper's families at three speeds.
func mixedSets() ([]named, error) {
	f, err := families()
	if err != nil {
		return nil, err
	}
	type part struct {
		model  string
		period float64
	}
	sets := [][]part{
		{{"AlexNet", 15}, {"VGG11", 40}, {"LeNet", 33}},
		{{"AlexNet", 20}, {"VGG16", 60}, {"VGG13", 80}, {"LeNet", 50}},
		{{"VGG11", 30}, {"VGG13", 50}, {"VGG19", 120}},
		{{"AlexNet", 24}, {"AlexNet", 30}, {"VGG11", 60}, {"VGG16", 100}, {"LeNet", 50}},
	}
	var out []named
	for _, speed := range []float64{1, 0.5, 0.25} {
		for k, parts := range sets {
			s := task.NewSet()
			for i, p := range parts {
				s.Tasks = append(s.Tasks, familyTask(fmt.Sprintf("%s_%d", p.model, i+1), f[p.model], 1/speed, p.period))
			}
			out = append(out, named{fmt.Sprintf("mixed %d at %gx", k+1, speed), s})
		}
	}
	return out, nil
}

// largestStorage is that of the largest variants.
func largestStorage(s *task.Set) task.Bytes {
	variants := make([]int, len(s.Tasks))
	for i := range s.Tasks {
		variants[i] = s.Tasks[i].Largest()
	}
	return task.NewPlan(variants).Storage(s)
}
