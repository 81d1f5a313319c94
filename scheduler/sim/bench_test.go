package sim_test

import (
	"fmt"
	"testing"
	"time"

	"rtmdl/scheduler/core"
	"rtmdl/scheduler/sim"
	"rtmdl/scheduler/task"
)

// loadedSet has n tasks that use the accelerator to 95 % together.
func loadedSet(n, slots int) *task.Set {
	s := task.NewSet()
	s.Platform = task.Platform{CPUWorkers: 2, AcceleratorSlots: slots}
	for i := range n {
		period := time.Duration(20+7*i) * time.Millisecond
		infer := period * 95 / 100 / time.Duration(n)
		s.Tasks = append(s.Tasks, task.Task{
			Name: fmt.Sprint("t", i), Period: period, Deadline: period, MaxMissRate: 0.1, Queue: i % 2,
			Variants: []task.Variant{{Name: "v", Accuracy: 1, Pre: infer / 5, Infer: infer, Post: infer / 10}},
		})
		for k := range i {
			s.Packing = append(s.Packing, task.Pair{A: task.Ref{Task: i}, B: task.Ref{Task: k}, SlowA: 1_600_000, SlowB: 1_050_000})
		}
	}
	return s
}

func distinct(s *task.Set) *task.Plan {
	p := task.NewPlan(make([]int, len(s.Tasks)))
	for i := range p.Priorities {
		p.Priorities[i] = i
	}
	return p
}

func BenchmarkSimulator(b *testing.B) {
	for _, n := range []int{3, 8, 64, 10_000} {
		for name, change := range map[string]func(*task.Set, *sim.Config, *sim.Options){
			"plain":    func(*task.Set, *sim.Config, *sim.Options) {},
			"packing":  func(_ *task.Set, c *sim.Config, _ *sim.Options) { c.Slots = 2 },
			"abort":    func(_ *task.Set, c *sim.Config, _ *sim.Options) { c.Late = core.LateAbort },
			"blackbox": func(_ *task.Set, c *sim.Config, _ *sim.Options) { c.Mode = core.BlackBox },
			"noise": func(s *task.Set, _ *sim.Config, _ *sim.Options) {
				for i := range s.Tasks {
					s.Tasks[i].CV, s.Tasks[i].Jitter = 0.1, time.Millisecond
				}
			},
			"percentiles": func(_ *task.Set, _ *sim.Config, o *sim.Options) { o.Percentiles = true },
		} {
			if n > 64 && name != "plain" {
				continue
			}
			b.Run(fmt.Sprintf("n=%d/%s", n, name), func(b *testing.B) {
				s := loadedSet(min(n, 64), 1)
				if n > 64 {
					s = loadedSet(1, 1)
					for i := 1; i < n; i++ {
						t := s.Tasks[0]
						t.Name = fmt.Sprint("u", i)
						t.Variants = []task.Variant{{Name: "v", Pre: 100, Infer: 1000, Post: 100}}
						t.Period += time.Duration(i)
						s.Tasks = append(s.Tasks, t)
					}
				}
				cfg, opt := sim.ConfigOf(s), sim.Options{Jobs: 500}
				if n > 64 {
					opt.Jobs = 10
				}
				change(s, &cfg, &opt)
				simulator, err := sim.New(s, cfg)
				if err != nil {
					b.Fatal(err)
				}
				p := distinct(s)
				jobs := 0
				b.ReportAllocs()
				for b.Loop() {
					r, err := simulator.Run(p, opt)
					if err != nil {
						b.Fatal(err)
					}
					jobs += r.Jobs
				}
				b.ReportMetric(float64(jobs)/b.Elapsed().Seconds(), "jobs/s")
			})
		}
	}
}

func TestRunAllocatesNothingOnceGrown(t *testing.T) {
	for _, mode := range []core.Mode{core.Split, core.BlackBox} {
		for late := core.LateSkip; late <= core.LateAbort; late++ {
			s := loadedSet(6, 2)
			for i := range s.Tasks {
				s.Tasks[i].Jitter, s.Tasks[i].CV = 50*time.Millisecond, 0.1
			}
			cfg := sim.ConfigOf(s)
			cfg.Mode, cfg.Late = mode, late
			simulator, err := sim.New(s, cfg)
			if err != nil {
				t.Fatal(err)
			}
			p := distinct(s)
			run := func() {
				if _, err := simulator.Run(p, sim.Options{Jobs: 100, Percentiles: true}); err != nil {
					t.Fatal(err)
				}
			}
			run()
			if n := testing.AllocsPerRun(5, run); n != 0 {
				t.Errorf("%v, %v: %v allocations a run", mode, late, n)
			}
		}
	}
}
