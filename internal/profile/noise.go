package profile

import (
	"fmt"
	"time"
)

// Limits beyond which times are not to be trusted.
const (
	// SpinLimit is the most by which the 90th percentile of a fixed piece of work may exceed its median.
	SpinLimit = 1.1
	// TakenLimit is the share of that work's time in which its thread may have been off its core.
	TakenLimit = 0.05
	// SwitchLimit is how often in a second others may take the work's thread off its core. Each time may cost a slice of
	// some 3 ms, so that this is a tenth of the time.
	SwitchLimit = 30.0
)

// Noise is what else went on on the cores while a fixed piece of work was done, again and again.
type Noise struct {
	Spins map[string][]time.Duration // how long it took, by what runs on the core: cpu, accelerator
	CPU   time.Duration              // for how long of that the threads were on a core
	// Involuntary counts how often they were taken off it, and Own how often other threads of this process woke up
	// meanwhile. Go's runtime does so up to some thousand times a second to look after calls into ROS and ONNX Runtime, for
	// microseconds each, on a quiet machine too: up to so many of the switches are not the work of others.
	Involuntary, Own int64
}

// Verdict says whether the machine was quiet, and by what measure it was not.
type Verdict struct {
	Quiet       bool    `json:"quiet"`
	Text        string  `json:"verdict"` // quiet, or noisy: <measure> <value> over <limit>
	Spin        float64 `json:"spin_p90_over_median"`
	SpinLimit   float64 `json:"spin_limit"`
	SpinMedian  float64 `json:"spin_median_ms"` // of the core with the worst spin
	Taken       float64 `json:"taken_share"`
	TakenLimit  float64 `json:"taken_limit"`
	Switches    float64 `json:"switches_by_others_per_s"` // at least
	SwitchLimit float64 `json:"switch_limit"`
	Involuntary float64 `json:"involuntary_switches_per_s"` // own ones, too
}

// Judge says what the noise means. Of several measures it names the one that is over its limit by the largest factor.
func (n *Noise) Judge() Verdict {
	v := Verdict{Quiet: true, Text: "quiet", SpinLimit: SpinLimit, TakenLimit: TakenLimit, SwitchLimit: SwitchLimit}
	where := ""
	var busy time.Duration
	for _, name := range []string{"accelerator", "cpu"} {
		for _, took := range n.Spins[name] {
			busy += took
		}
		s := Summarize(n.Spins[name])
		if s.Median > 0 && float64(s.P90)/float64(s.Median) > v.Spin {
			v.Spin, v.SpinMedian, where = float64(s.P90)/float64(s.Median), s.Median.Seconds()*1e3, name
		}
	}
	if busy > 0 {
		v.Taken = max(0, 1-float64(n.CPU)/float64(busy))
		v.Involuntary = float64(n.Involuntary) / busy.Seconds()
		v.Switches = max(0, float64(n.Involuntary-n.Own)/busy.Seconds())
	}
	worst := 1.0
	for _, m := range []struct {
		name         string
		value, limit float64
	}{
		{"p90/median of a fixed piece of work on the core of " + where, v.Spin, SpinLimit},
		{"share of the time taken by others", v.Taken, TakenLimit},
		{"involuntary switches a second", v.Switches, SwitchLimit},
	} {
		if over := m.value / m.limit; over > worst {
			worst = over
			v.Quiet, v.Text = false, fmt.Sprintf("noisy: %s %.3g over %.3g", m.name, m.value, m.limit)
		}
	}
	return v
}
