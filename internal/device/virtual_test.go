package device

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func exampleVirtual() *Virtual {
	spec := func(name string, shape ...int64) []Spec { return []Spec{{name, shape}} }
	image, boxes := spec("image", 1, 3, 4, 5), append(spec("boxes", 1, 7, 4), spec("scores", 1, 7)...)
	slow := func(a, _ string) float64 {
		if a == "long" {
			return 2
		}
		return 1.5
	}
	return NewVirtual(map[string]VirtualNetwork{
		"long":  {Inputs: image, Outputs: boxes, Time: 10 * time.Millisecond},
		"short": {Inputs: image, Outputs: boxes, Time: 3 * time.Millisecond},
		"none":  {Inputs: image, Outputs: boxes},
	}, slow)
}

func TestVirtualConforms(t *testing.T) { conformance(t, exampleVirtual(), "short") }

func TestVirtualTakesTheTimesThatItWasTold(t *testing.T) {
	type begun struct {
		network string
		at      time.Duration
		want    time.Duration // of its end
	}
	const ms = time.Millisecond
	for _, c := range []struct {
		name string
		runs []begun
	}{
		{"alone", []begun{{"long", 0, 10 * ms}}},
		{"no time", []begun{{"none", 0, 0}}},
		{"one after the other", []begun{{"long", 0, 10 * ms}, {"short", 10 * ms, 13 * ms}}},
		{"side by side", []begun{ // short: 4.5 ms, in which long does 2.25
			{"long", 0, 12250 * time.Microsecond}, {"short", 0, 4500 * time.Microsecond},
		}},
		{"side by side from the middle on", []begun{
			{"long", 0, 12250 * time.Microsecond}, {"short", 4 * ms, 8500 * time.Microsecond},
		}},
		{"three", []begun{{"short", 0, 6750 * time.Microsecond}, {"short", 0, 6750 * time.Microsecond}, {"short", 0, 6750 * time.Microsecond}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := exampleVirtual()
				start := time.Now()
				var all sync.WaitGroup
				for _, r := range c.runs {
					m, err := d.Load(r.network)
					if err != nil {
						t.Fatal(err)
					}
					tensors := newTensors(t, m)
					all.Go(func() {
						time.Sleep(r.at)
						if err := m.Run(tensors); err != nil {
							t.Error(err)
						}
						if took := time.Since(start); took < r.want || took > r.want+time.Microsecond {
							t.Errorf("%s ended after %v, want %v", r.network, took, r.want)
						}
					})
				}
				all.Wait()
			})
		})
	}
}
