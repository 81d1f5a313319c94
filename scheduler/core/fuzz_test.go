package core

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"rtmdl/scheduler/pack"
)

// sentinels are all that may be inside an error of Step.
var sentinels = []error{
	ErrClock, ErrKind, ErrJob, ErrUnknownTask, ErrDuplicateJob, ErrRelease, ErrDeadline, ErrNotRunning, ErrNotStopped,
	ErrUnit, ErrPlan,
}

// FuzzStep feeds a core with arbitrary events. It must not panic, refuse with
// a typed error or not at all, and change nothing when it refuses: a second
// core that sees only the accepted steps decides the same.
func FuzzStep(f *testing.F) {
	f.Add([]byte{0, 0})
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 0))
		data := make([]byte, 2+7*200)
		for i := range data {
			data[i] = byte(r.UintN(256))
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < 2 {
			return
		}
		cfg := Config{
			Tasks: []Task{
				{Name: "a", Priority: 1, Deadline: time.Nanosecond, Queue: 1},
				{Name: "b", Priority: 0, Deadline: time.Nanosecond},
				{Name: "c", Priority: 1, Deadline: time.Nanosecond, Queue: int(data[1] & 1)},
			},
			CPUWorkers:       1 + int(data[1]>>1)%3,
			Late:             LatePolicy(data[0] % 3),
			AcceleratorSlots: 1 + int(data[0]>>2)%2,
			Mode:             Mode(data[0] >> 7),
			Order:            Order(data[0] >> 3 % 4),
			Packing: []Pair{
				{A: Ref{0, 0}, B: Ref{1, 0}, SlowA: pack.One, SlowB: 1_200_000},
				{A: Ref{1, 0}, B: Ref{2, 0}, SlowA: 1_100_000, SlowB: 1_300_000},
			},
			Rule: pack.Rule{Bound: 500_000, Guard: 200_000},
		}
		for i := range cfg.Tasks {
			cfg.Tasks[i].Variants = []Times{{Infer: time.Duration(1 + i)}, {Pre: 1, Infer: 3, Post: 1}}
		}
		c, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		twin, _ := New(cfg)
		released := map[JobID]bool{}
		ended := map[JobID]int{}
		var events []Event
		var running []Event
		var now Time
		for data = data[2:]; len(data) >= 7; data = data[7:] {
			// A step for each event or two: one that breaks the contract takes
			// the others of its step with it.
			n := Time(int16(binary.LittleEndian.Uint16(data[5:])))
			switch kind := data[0] % 16; {
			case kind < 4 && len(running) > 0: // what does run ends
				events = append(events, running[int(data[2])%len(running)])
			case kind < 9: // mostly sound
				release := now - Time(data[4]%8)
				events = append(events, Event{
					Kind: Release, Job: JobID(data[2]), Task: TaskID(data[3] % 3),
					Release: release, Deadline: release + 1 + n&63,
				})
			case kind < 11: // anything
				plan := &Plan{Priorities: []int{int(data[2] % 3), 1, 0}, Variants: []int{0, int(data[3] % 3), 0}}
				events = append(events, Event{
					Unit: int(data[3]%8) - 1, Plan: plan,
					Kind: EventKind(data[1] % 9), Stage: Stage(data[1] % 5), Job: JobID(data[2] % 64),
					Task: TaskID(int8(data[3])), Release: now + Time(int8(data[4])), Deadline: now + n,
				})
			}
			if data[0] < 100 {
				continue
			}
			if now += Time(data[1] % 8); data[1] > 250 {
				now -= 10
			}
			before := []Decision{{Kind: Start, Job: 12345}}
			decisions, err := c.Step(now, events, before)
			if len(decisions) == 0 || decisions[0] != before[0] {
				t.Fatalf("decisions do not begin with those given: %v", decisions)
			}
			if err != nil {
				var typed *EventError
				if !errors.As(err, &typed) || !slices.ContainsFunc(sentinels, func(s error) bool { return errors.Is(err, s) }) {
					t.Fatalf("untyped error %v", err)
				}
				if len(decisions) != 1 {
					t.Fatalf("refused, but decided %v", decisions[1:])
				}
			} else {
				again, err := twin.Step(now, events, nil)
				if err != nil || !slices.Equal(decisions[1:], again) {
					t.Fatalf("at %d, %v: %v, but %v, %v without the refused steps", now, events, decisions[1:], again, err)
				}
				for _, e := range events {
					if e.Kind == Release {
						if released[e.Job] && ended[e.Job] == 0 {
							t.Fatalf("job %d released twice", e.Job)
						}
						released[e.Job], ended[e.Job] = true, 0
					}
				}
				for _, d := range again {
					running = slices.DeleteFunc(running, func(e Event) bool { return e.Job == d.Job })
					if d.Kind == Start {
						running = append(running, Event{Kind: StageComplete, Job: d.Job, Stage: d.Stage})
					}
					if !released[d.Job] || ended[d.Job] > 0 {
						t.Fatalf("job %d is not live: %v", d.Job, d)
					}
					if d.Kind.Terminal() {
						ended[d.Job]++
					}
				}
			}
			now = max(now, 0)
			events = events[:0]
		}
		live := 0
		for job := range released {
			if ended[job] == 0 {
				live++
			}
		}
		if got := c.Pending(0) + c.Pending(1) + c.Pending(2); got != live {
			t.Fatalf("%d pending, want %d", got, live)
		}
	})
}
