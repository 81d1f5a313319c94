package core

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// naive is a second implementation of the model, written from its text alone
// ("split", one slot, the late policies, queues 0 and 1) with nothing but
// lists that are searched and sorted each time. Lags, failures and
// cancellations are not in it.
func naive(sc *scenario) []outcome {
	type job struct {
		scenarioJob
		number  int
		ready   bool
		running bool
		stage   int
		end     Time
		outcome outcome
	}
	var jobs []*job
	for i, j := range sc.jobs {
		jobs = append(jobs, &job{scenarioJob: j, number: i})
	}
	abort := sc.cfg.Late == LateAbort
	isCPU := func(j *job) bool { return j.stage != 1 }
	leave := func(j *job, kind DecisionKind, now Time) {
		j.ready, j.running = false, false
		j.outcome = outcome{kind, now, kind == Finish && now > j.deadline}
	}
	released := make([]bool, len(jobs))

	for {
		// The next instant at which something happens.
		var instants []Time
		for i, j := range jobs {
			if !released[i] {
				instants = append(instants, j.release)
			}
			if j.running {
				instants = append(instants, j.end)
			}
			if abort && (j.ready || j.running) {
				instants = append(instants, j.deadline)
			}
		}
		if len(instants) == 0 {
			break
		}
		now := slices.Min(instants)

		for again := true; again; {
			again = false
			// Completions.
			for _, j := range jobs {
				if !j.running || j.end != now {
					continue
				}
				if j.running = false; j.stage == 2 {
					leave(j, Finish, now)
				} else {
					j.stage++
					j.ready = true
				}
			}
			// Deadlines.
			for _, j := range jobs {
				if abort && (j.ready || j.running) && j.deadline == now {
					leave(j, Abort, now)
				}
			}
			// Releases, in file order.
			for task := range sc.cfg.Tasks {
				for i, j := range jobs {
					if released[i] || j.release != now || int(j.task) != task {
						continue
					}
					for _, old := range jobs {
						if sc.cfg.Tasks[task].Queue == 1 && old.task == j.task && old.ready && old.stage == 0 {
							leave(old, Replace, now)
						}
					}
					released[i], j.ready = true, true
				}
			}
			// Dispatch.
			for _, resource := range []struct {
				cpu   bool
				units int
			}{{true, sc.cfg.CPUWorkers}, {false, 1}} {
				var ready []*job
				free := resource.units
				for _, j := range jobs {
					if isCPU(j) != resource.cpu {
						continue
					}
					if j.ready {
						ready = append(ready, j)
					}
					if j.running {
						free--
					}
				}
				slices.SortFunc(ready, func(a, b *job) int {
					return cmp.Or(
						cmp.Compare(sc.cfg.Tasks[a.task].Priority, sc.cfg.Tasks[b.task].Priority),
						cmp.Compare(a.release, b.release),
						cmp.Compare(a.task, b.task),
						cmp.Compare(a.number, b.number))
				})
				for _, j := range ready {
					if free == 0 {
						break
					}
					if sc.cfg.Late == LateSkip && j.deadline < now {
						leave(j, Expire, now)
						continue
					}
					j.ready, j.running, j.end = false, true, now+j.times[j.stage]
					free--
					again = again || j.times[j.stage] == 0
				}
			}
		}
	}
	outcomes := make([]outcome, len(jobs))
	for i, j := range jobs {
		outcomes[i] = j.outcome
	}
	return outcomes
}

// randomScenario makes a task set and its jobs. Times are small whole numbers
// so that instants coincide often.
func randomScenario(r *rand.Rand, late LatePolicy) *scenario {
	sc := &scenario{cfg: Config{CPUWorkers: 1 + r.IntN(3), Late: late}}
	horizon := 20 + r.IntN(60)
	longest := 1 + r.IntN(6) // stages are below; some sets idle, some drown
	zeros := r.IntN(3) == 0  // many stages of 0 ns
	for i := range 1 + r.IntN(6) {
		period, jitter := 2+r.IntN(14), 0
		if r.IntN(2) == 0 {
			jitter = r.IntN(period + 3) // may exceed the period
		}
		sc.cfg.Tasks = append(sc.cfg.Tasks, Task{
			Name:     string(rune('a' + i)),
			Priority: r.IntN(4),
			Deadline: time.Duration(1 + r.IntN(2*period)),
			Queue:    r.IntN(2),
		})
		var times [3]Time
		draw := func() Time {
			if zeros && r.IntN(2) == 0 {
				return 0
			}
			return Time(r.IntN(longest))
		}
		for s := range times {
			times[s] = draw()
		}
		noise := r.IntN(3) == 0
		for at := r.IntN(5); at < horizon; at += period {
			if noise {
				times[r.IntN(3)] = draw()
			}
			release := Time(at + r.IntN(jitter+1))
			sc.jobs = append(sc.jobs, scenarioJob{
				task: TaskID(i), release: release, deadline: release.Add(sc.cfg.Tasks[i].Deadline), times: times,
			})
		}
	}
	return sc
}

func TestCoreAgreesWithNaiveImplementationJobByJob(t *testing.T) {
	sets := 3000
	if testing.Short() {
		sets = 300
	}
	counts := map[LatePolicy]map[DecisionKind]int{}
	for late := LateSkip; late <= LateAbort; late++ {
		counts[late] = map[DecisionKind]int{}
		for seed := range sets {
			sc := randomScenario(rand.New(rand.NewPCG(uint64(seed), uint64(late))), late)
			want := naive(sc)
			got, err := drive(sc, nil)
			if err != nil {
				t.Fatalf("%v, seed %d: %v", late, seed, err)
			}
			for i := range sc.jobs {
				if got[i] != want[i] {
					t.Fatalf("%v, seed %d, job %d: core %v, naive %v", late, seed, i+1, got[i], want[i])
				}
				counts[late][got[i].kind]++
			}
		}
		t.Logf("%v: %v", late, counts[late])
	}
	// The sets are of use only if everything that can happen happens often.
	for late, kinds := range map[LatePolicy][]DecisionKind{
		LateSkip: {Finish, Expire, Replace}, LateRun: {Finish, Replace}, LateAbort: {Finish, Abort, Replace},
	} {
		for _, kind := range kinds {
			if n := counts[late][kind]; n < sets/2 {
				t.Errorf("%v: only %d times %v in %d sets", late, n, kind, sets)
			}
		}
	}
}
