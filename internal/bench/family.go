package bench

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"strconv"
	"strings"

	frozen "rtmdl/config/bench"
	"rtmdl/scheduler/task"
)

// level is a row of rtmdl_variants.csv.
type level struct{ accuracy, latency, storage float64 }

// families reads the variant figure of the RT-mDL slides: by model, from the
// smallest level to the largest.
func families() (map[string][]level, error) {
	data, err := frozen.Files.ReadFile("rtmdl_variants.csv")
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	out := map[string][]level{}
	for _, row := range rows[1:] {
		var l level
		for k, to := range []*float64{&l.accuracy, &l.latency, &l.storage} {
			if *to, err = strconv.ParseFloat(strings.TrimPrefix(row[k+2], "~"), 64); err != nil {
				return nil, err
			}
		}
		out[row[0]] = append(out[row[0]], l)
	}
	return out, nil
}

// variants makes those of a family: of the latency 70 % is inference, 15 % pre
// and 15 % post. slow stretches all times.
func variants(levels []level, slow float64) (out []task.Variant) {
	for i, l := range levels {
		out = append(out, task.Variant{
			Name:     fmt.Sprintf("l%d", i+1),
			Accuracy: task.Rate(math.Round(l.accuracy*10) / 1000),
			Storage:  task.Bytes(math.Round(l.storage * 1e6)),
			Pre:      task.FromMilliseconds(l.latency * slow * 0.15),
			Infer:    task.FromMilliseconds(l.latency * slow * 0.70),
			Post:     task.FromMilliseconds(l.latency * slow * 0.15),
		})
	}
	return out
}

// familyTask is a task of a family with deadline = period.
func familyTask(name string, levels []level, slow, period float64) task.Task {
	return task.Task{
		Name: name, Period: task.FromMilliseconds(period), Deadline: task.FromMilliseconds(period),
		MaxMissRate: task.DefaultMaxMissRate, Variants: variants(levels, slow),
	}
}

// share gives the variants of a task a common early part: half of the smallest
// one's storage.
func share(t *task.Task) {
	least := t.Variants[0].Storage
	for _, v := range t.Variants {
		least = min(least, v.Storage)
	}
	for i := range t.Variants {
		t.Variants[i].Storage -= least / 2
		t.Variants[i].Shared = []task.Part{{Name: "early", Size: least / 2}}
	}
}
