package profile

import (
	"cmp"
	"fmt"
	"time"
)

// Limits beyond which times are not to be trusted.
const (
	// SpinLimit is the most by which the 90th percentile of a fixed piece of work may exceed its median.
	SpinLimit = 1.1
	// SwitchLimit is how often in a second the work's thread may be taken off its core. Each time may cost a slice of some
	// 3 ms, so that this is a tenth of the time.
	SwitchLimit = 30.0
)

// Noise is what else went on on the cores.
type Noise struct {
	Spins       map[string][]time.Duration // of a fixed piece of work, by what runs on the core
	Involuntary int64                      // switches of the threads during that work
}

// Verdict says whether the machine was quiet, and by what measure it was not.
type Verdict struct {
	Quiet bool    `json:"quiet"`
	Text  string  `json:"verdict"` // quiet, or noisy: <measure> <value> over <limit>
	Spin  float64 `json:"spin_p90_over_median"`
	Limit float64 `json:"spin_limit"`
	// Switches are involuntary ones a second of the work. Those of the stages themselves would not do: a call into ONNX
	// Runtime makes Go's runtime look after it every 20 microseconds, which switches the thread on a quiet machine, too.
	Switches    float64 `json:"involuntary_switches_per_s"`
	SwitchLimit float64 `json:"switch_limit"`
	Reference   float64 `json:"spin_median_ms"` // of the core with the worst spin
}

// Judge says what the noise means. Of several measures it names the one that is over its limit by the largest factor.
func (n *Noise) Judge() Verdict {
	v := Verdict{Quiet: true, Text: "quiet", Limit: SpinLimit, SwitchLimit: SwitchLimit}
	where := ""
	var busy time.Duration
	for _, name := range []string{"accelerator", "cpu"} {
		for _, took := range n.Spins[name] {
			busy += took
		}
		s := Summarize(n.Spins[name])
		if s.Median > 0 && float64(s.P90)/float64(s.Median) > v.Spin {
			v.Spin, v.Reference, where = float64(s.P90)/float64(s.Median), s.Median.Seconds()*1e3, name
		}
	}
	v.Switches = float64(n.Involuntary) / cmp.Or(busy.Seconds(), 1)
	worst := 1.0
	for _, m := range []struct {
		name         string
		value, limit float64
	}{
		{"p90/median of a fixed piece of work on the core of " + where, v.Spin, SpinLimit},
		{"involuntary switches a second", v.Switches, SwitchLimit},
	} {
		if over := m.value / m.limit; over > worst {
			worst = over
			v.Quiet, v.Text = false, fmt.Sprintf("noisy: %s %.3g over %.3g", m.name, m.value, m.limit)
		}
	}
	return v
}
