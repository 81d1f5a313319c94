package baseline

import (
	"math"

	"rtmdl/scheduler/analysis"
	"rtmdl/scheduler/core"
	"rtmdl/scheduler/pack"
	"rtmdl/scheduler/priority"
	"rtmdl/scheduler/sim"
	"rtmdl/scheduler/task"
)

// Policy is a method that makes a plan without simulating.
type Policy struct {
	Name   string
	Source string
	Mode   core.Mode
	Order  core.Order
	Style  pack.Style
	// Packs says that inferences may share the accelerator, where the set
	// lets them.
	Packs bool
	Plan  func(*task.Set) *task.Plan
}

// Config returns how the policy is simulated.
func (p *Policy) Config(s *task.Set) sim.Config {
	cfg := sim.ConfigOf(s)
	cfg.Mode, cfg.Order, cfg.Packing = p.Mode, p.Order, p.Style
	if !p.Packs {
		cfg.Slots = 1
	}
	return cfg
}

const (
	leung   = "Leung and Whitehead 1982"
	liu     = "Liu and Layland 1973"
	jeffay  = "Jeffay, Stanat and Martel 1991 (non-preemptive EDF)"
	rtmdl   = "Ling et al., RT-mDL, SenSys 2021, slides"
	audsley = "Audsley 2001, on the non-preemptive test of George et al. 1996"
	mckp    = "Kellerer, Pferschy and Pisinger 2004, chapter 11"
)

// Policies returns all of them.
func Policies() []Policy {
	original := func(assign func(*task.Set, *task.Plan)) func(*task.Set) *task.Plan {
		return withVariants((*task.Task).Largest, assign)
	}
	dm, um, rm := priority.DeadlineMonotonic, priority.UtilisationMonotonic, priority.RateMonotonic
	fcfs := func(_ *task.Set, p *task.Plan) { priority.Equal(p) }
	return []Policy{
		{Name: "FCFS", Source: "first come, first served", Plan: original(fcfs)},
		{Name: "RM", Source: liu, Plan: original(rm)},
		{Name: "DM-NMC blackbox", Source: rtmdl, Mode: core.BlackBox, Plan: original(dm)},
		{Name: "DM-NMC split", Source: leung, Plan: original(dm)},
		{Name: "UM-NMC blackbox", Source: rtmdl, Mode: core.BlackBox, Plan: original(um)},
		{Name: "UM-NMC split", Source: rtmdl, Plan: original(um)},
		{Name: "DM-MC blackbox", Source: rtmdl, Mode: core.BlackBox, Plan: withVariants(nearestLoss, dm)},
		{Name: "DM-MC split", Source: rtmdl, Plan: withVariants(nearestLoss, dm)},
		{Name: "EDF", Source: jeffay, Order: core.EDF, Plan: original(fcfs)},
		{Name: "LLF", Source: "Mok 1983, at dispatch", Order: core.LLF, Plan: original(fcfs)},
		{Name: "EDF admission", Source: jeffay + ", refusing at release", Order: core.EDFAdmission, Plan: original(fcfs)},
		{Name: "Audsley", Source: audsley, Plan: original(assignAudsley)},
		{Name: "knapsack DM", Source: mckp + "; " + leung, Plan: withKnapsack(dm)},
		{Name: "knapsack Audsley", Source: mckp + "; " + audsley, Plan: withKnapsack(assignAudsley)},
		{Name: "smallest DM", Source: leung, Plan: withVariants((*task.Task).Smallest, dm)},
		{Name: "smallest EDF", Source: jeffay, Order: core.EDF, Plan: withVariants((*task.Task).Smallest, fcfs)},
		{Name: "REEF-like DM", Source: "Han et al., REEF, OSDI 2022", Style: pack.Shorter, Packs: true, Plan: original(dm)},
		{Name: "Orion-like DM", Source: "Strati et al., Orion, EuroSys 2024", Style: pack.Harmless, Packs: true, Plan: original(dm)},
	}
}

func assignAudsley(s *task.Set, p *task.Plan) { p.Priorities, _ = analysis.Audsley(s, p.Variants) }

func withVariants(choose func(*task.Task) int, assign func(*task.Set, *task.Plan)) func(*task.Set) *task.Plan {
	return func(s *task.Set) *task.Plan {
		p := task.NewPlan(make([]int, len(s.Tasks)))
		for i := range s.Tasks {
			p.Variants[i] = choose(&s.Tasks[i])
		}
		assign(s, p)
		return p
	}
}

// nearestLoss is the one level of DM-MC: the loss nearest 4 %, ties to the
// smaller loss.
func nearestLoss(t *task.Task) int {
	best := 0
	for v := range t.Variants {
		d, least := math.Abs(t.Loss(v)-0.04), math.Abs(t.Loss(best)-0.04)
		if d < least || d == least && t.Loss(v) < t.Loss(best) {
			best = v
		}
	}
	return best
}

// withKnapsack takes the least loss of which accelerator and CPU are used to
// no more than 1 each, no job missed; the shortest variants where there is none.
func withKnapsack(assign func(*task.Set, *task.Plan)) func(*task.Set) *task.Plan {
	return func(s *task.Set) *task.Plan {
		strict := *s
		strict.Tasks = append([]task.Task(nil), s.Tasks...)
		for i := range strict.Tasks {
			strict.Tasks[i].MaxMissRate = 0
		}
		// Over many jobs the floors are those of utilisation.
		floors := analysis.NewFloors(&strict, 100_000, false)
		p := task.NewPlan(floors.Knapsack(&strict).Solve(0).Pick)
		if p.Variants == nil {
			return withVariants((*task.Task).Smallest, assign)(s)
		}
		p.Priorities = make([]int, len(p.Variants))
		assign(s, p)
		return p
	}
}
