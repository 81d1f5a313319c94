package sim_test

import (
	"cmp"
	"slices"

	"rtmdl/scheduler/core"
	"rtmdl/scheduler/draw"
	"rtmdl/scheduler/task"
)

// The second implementation of the model, written from its text alone, with
// nothing but lists that are searched anew each time. It shares the types of
// task sets and the random draws with the simulator, and no other code.

// naiveJob is a job of the naive simulation.
type naiveJob struct {
	task              int
	number            int64
	release, deadline int64
	times             [3]int64
	counted           bool

	released, ready, running, ended bool
	stage                           int   // 0 pre, 1 infer, 2 post; 0 in blackbox
	end                             int64 // of the running stage, where it has one
	left, predicted                 int64 // of a running inference: work, really and by nominal times
	began                           int64
	outcome                         string
	at                              int64
}

type naiveResult struct {
	jobs             []*naiveJob
	released, missed []int
	packed           int
}

type naiveSim struct {
	set            *task.Set
	plan           *task.Plan
	mode           core.Mode
	order          core.Order
	late           core.LatePolicy
	workers, slots int
	real           [][2]task.Millionths

	jobs       []*naiveJob
	now        int64
	lastChange int64
	packed     int
}

const million = 1_000_000

func ceilDiv(a, b int64) int64 { return (a + b - 1) / b }

func (n *naiveSim) nominal(j *naiveJob) [3]int64 {
	v := n.set.Tasks[j.task].Variants[n.plan.Variants[j.task]]
	return [3]int64{int64(v.Pre), int64(v.Infer), int64(v.Post)}
}

// row finds the pair of two jobs' variants, and its slowdowns for x and y.
func (n *naiveSim) row(x, y *naiveJob) (slowX, slowY int64, row int, ok bool) {
	a := task.Ref{Task: x.task, Variant: n.plan.Variants[x.task]}
	b := task.Ref{Task: y.task, Variant: n.plan.Variants[y.task]}
	for i, p := range n.set.Packing {
		if p.A == a && p.B == b {
			return int64(p.SlowA), int64(p.SlowB), i, true
		}
		if p.A == b && p.B == a {
			return int64(p.SlowB), int64(p.SlowA), i, true
		}
	}
	return 0, 0, 0, false
}

func (n *naiveSim) inferring() (list []*naiveJob) {
	for _, j := range n.jobs {
		if j.running && j.stage == 1 && n.mode == core.Split {
			list = append(list, j)
		}
	}
	return list
}

// slowdowns returns those of the running inference x, by the table and really.
func (n *naiveSim) slowdowns(x *naiveJob) (table, real int64) {
	for _, y := range n.inferring() {
		if y != x {
			slow, _, row, _ := n.row(x, y)
			real = slow
			if n.real != nil {
				p := n.set.Packing[row]
				if p.A.Task == x.task {
					real = int64(n.real[row][0])
				} else {
					real = int64(n.real[row][1])
				}
			}
			return slow, real
		}
	}
	return million, million
}

// change does something to the set of running inferences.
func (n *naiveSim) change(do func()) {
	for _, x := range n.inferring() {
		table, real := n.slowdowns(x)
		t := n.now - n.lastChange
		x.left = max(0, x.left-t*million/real)
		x.predicted = max(0, x.predicted-t*million/table)
	}
	n.lastChange = n.now
	do()
	for _, x := range n.inferring() {
		_, real := n.slowdowns(x)
		x.end = n.now + ceilDiv(x.left*real, million)
	}
}

// rank is the first criterion of the order.
func (n *naiveSim) rank(j *naiveJob) int64 {
	switch n.order {
	case core.EDF:
		return j.deadline
	case core.LLF:
		remaining := int64(0)
		for s, t := range n.nominal(j) {
			if s == 1 && j.running && j.stage == 1 {
				table, _ := n.slowdowns(j)
				t = max(0, j.predicted-(n.now-n.lastChange)*million/table)
			}
			if s >= j.stage {
				remaining += t
			}
		}
		return j.deadline - n.now - remaining
	default:
		return int64(n.plan.Priorities[j.task])
	}
}

func (n *naiveSim) moreUrgent(a, b *naiveJob) bool {
	return cmp.Or(cmp.Compare(n.rank(a), n.rank(b)), cmp.Compare(a.release, b.release), cmp.Compare(a.task, b.task),
		cmp.Compare(a.number, b.number)) < 0
}

func (n *naiveSim) readyJobs(keep func(*naiveJob) bool) (list []*naiveJob) {
	for _, j := range n.jobs {
		if j.ready && keep(j) {
			list = append(list, j)
		}
	}
	slices.SortFunc(list, func(a, b *naiveJob) int {
		if n.moreUrgent(a, b) {
			return -1
		}
		return 1
	})
	return list
}

func (n *naiveSim) count(keep func(*naiveJob) bool) (count int) {
	for _, j := range n.jobs {
		if j.running && keep(j) {
			count++
		}
	}
	return count
}

func (n *naiveSim) finish(j *naiveJob, outcome string) {
	j.ready, j.ended, j.outcome, j.at = false, true, outcome, n.now
	if j.running {
		n.stop(j)
	}
}

// stop takes a job off its resource.
func (n *naiveSim) stop(j *naiveJob) {
	if j.stage == 1 && n.mode == core.Split {
		n.change(func() { j.running = false })
	} else {
		j.running = false
	}
}

// mayStart is "may a ready inference c start?".
func (n *naiveSim) mayStart(c *naiveJob) bool {
	running := n.inferring()
	if len(running) == 0 {
		return true
	}
	if len(running) == n.slots {
		return false
	}
	r := running[0]
	slowC, slowR, row, ok := n.row(c, r)
	if !ok || c.task == r.task || n.plan.Pairs != nil && !n.plan.Pairs[row] {
		return false
	}
	guard, bound := int64(n.set.Constraints.PackingGuard), int64(n.set.Constraints.PackingBound)
	pc := million + ceilDiv((slowC-million)*(million+guard), million)
	pr := million + ceilDiv((slowR-million)*(million+guard), million)
	if (pc+pr)*million <= pc*pr {
		return false
	}
	wr := max(0, r.predicted-(n.now-n.lastChange)) // it runs alone
	inferR, postR := n.nominal(r)[1], n.nominal(r)[2]
	inferC, postC := n.nominal(c)[1], n.nominal(c)[2]
	end := func(wx, px, wy, py int64) int64 {
		tx, ty := ceilDiv(wx*px, million), ceilDiv(wy*py, million)
		if tx <= ty {
			return n.now + tx
		}
		return n.now + ty + max(0, wx-ty*million/px)
	}
	if n.moreUrgent(r, c) {
		e := end(wr, pr, inferC, pc)
		return e-r.began <= ceilDiv(inferR*(million+bound), million) && e+postR <= r.deadline
	}
	e := end(inferC, pc, wr, pr)
	return e < n.now+wr+inferC && e+postC <= c.deadline
}

// dispatch starts what can start and reports whether that was a stage of 0 ns.
func (n *naiveSim) dispatch() (zero bool) {
	late := func(j *naiveJob) bool { return n.late == core.LateSkip && j.deadline < n.now }
	if n.mode == core.BlackBox {
		for _, j := range n.readyJobs(func(*naiveJob) bool { return true }) {
			if n.count(func(*naiveJob) bool { return true }) > 0 {
				break
			}
			if late(j) {
				n.finish(j, "expire")
				continue
			}
			length := j.times[0] + j.times[1] + j.times[2]
			j.ready, j.running, j.end = false, true, n.now+length
			zero = zero || length == 0
		}
		return zero
	}
	cpu := func(j *naiveJob) bool { return j.stage != 1 }
	for _, j := range n.readyJobs(cpu) {
		if n.count(cpu) == n.workers {
			break
		}
		if late(j) {
			n.finish(j, "expire")
			continue
		}
		j.ready, j.running, j.end = false, true, n.now+j.times[j.stage]
		zero = zero || j.times[j.stage] == 0
	}
	for _, j := range n.readyJobs(func(j *naiveJob) bool { return j.stage == 1 }) {
		if len(n.inferring()) == n.slots {
			break
		}
		if late(j) {
			n.finish(j, "expire")
			continue
		}
		if !n.mayStart(j) {
			continue
		}
		if len(n.inferring()) > 0 {
			n.packed++
		}
		n.change(func() {
			j.ready, j.running, j.began = false, true, n.now
			j.left, j.predicted = j.times[1], n.nominal(j)[1]
		})
		zero = zero || j.times[1] == 0
	}
	return zero
}

// sequence is what happens at one instant.
func (n *naiveSim) sequence() (again bool) {
	var done []*naiveJob
	for _, j := range n.jobs {
		if j.running && j.end == n.now {
			done = append(done, j)
		}
	}
	for _, j := range done {
		switch {
		case n.mode == core.BlackBox || j.stage == 2:
			n.finish(j, "finish")
		default:
			n.stop(j)
			j.stage++
			j.ready = true
		}
	}
	if n.late == core.LateAbort {
		for _, j := range n.jobs {
			if (j.ready || j.running) && j.deadline == n.now {
				n.finish(j, "abort")
			}
		}
	}
	for i := range n.set.Tasks {
		for _, j := range n.jobs {
			if j.task != i || j.released || j.release != n.now {
				continue
			}
			if n.set.Tasks[i].Queue == 1 {
				for _, old := range n.jobs {
					if old.task == i && old.ready && old.stage == 0 {
						n.finish(old, "replace")
					}
				}
			}
			j.released, j.ready = true, true
		}
	}
	return n.dispatch()
}

func (n *naiveSim) run(jobs int, seed uint64) naiveResult {
	longest := int64(0)
	for _, t := range n.set.Tasks {
		longest = max(longest, int64(t.Period))
	}
	horizon := int64(jobs) * longest
	for i, t := range n.set.Tasks {
		draws, noise := draw.Of(seed, i), draw.NewNoise(t.CV)
		for k := int64(0); int64(t.Offset)+k*int64(t.Period) < horizon; k++ {
			j := &naiveJob{task: i, number: k}
			j.release = int64(t.Offset) + k*int64(t.Period) + draws.Jitter(k, int64(t.Jitter))
			j.deadline = j.release + int64(t.Deadline)
			j.times = draws.Times(noise, k, n.nominal(j))
			j.counted = j.deadline <= horizon
			n.jobs = append(n.jobs, j)
		}
	}
	for {
		next := int64(-1)
		see := func(t int64) {
			if next < 0 || t < next {
				next = t
			}
		}
		for _, j := range n.jobs {
			if !j.released {
				see(j.release)
			}
			if j.running {
				see(j.end)
			}
			if n.late == core.LateAbort && (j.ready || j.running) {
				see(j.deadline)
			}
		}
		if next < 0 {
			break
		}
		for n.now = next; n.sequence(); {
		}
	}
	r := naiveResult{jobs: n.jobs, packed: n.packed,
		released: make([]int, len(n.set.Tasks)), missed: make([]int, len(n.set.Tasks))}
	for _, j := range n.jobs {
		if j.counted {
			r.released[j.task]++
			if j.outcome != "finish" || j.at > j.deadline {
				r.missed[j.task]++
			}
		}
	}
	return r
}
