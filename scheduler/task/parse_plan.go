package task

import (
	"fmt"

	"gopkg.in/yaml.v3"
)

// The fields of each mapping of a plan file, the required ones first.
var (
	planFields = []string{"tasks",
		"packing", "predicted", "lower_bound", "proven_optimal", "infeasible", "broken"}
	choiceFields    = []string{"name", "variant", "priority", "predicted_miss_rate"}
	allowedFields   = []string{"a", "b"}
	predictedFields = []string{"sum_loss", "mean_loss", "macro_miss_rate", "max_miss_rate", "storage_bytes"}
	brokenFields    = []string{"constraint", "by"}
)

// ParsePlan reads a plan for a valid set from the content of a file; name is
// for problems alone. The tasks may be in any order. The error is Problems.
func ParsePlan(name string, data []byte, s *Set) (*Plan, error) {
	if err := sizeOf(name, data); err != nil {
		return nil, err
	}
	d := &decoder{file: name, broken: map[string]bool{}}
	root := d.document(data)
	if root == nil {
		return nil, d.problems.err()
	}
	n := len(s.Tasks)
	r := &planReader{decoder: d, set: s, refs: newRefs(s), lines: make([]int, n), rates: make([]Rate, n)}
	r.plan = Plan{Variants: make([]int, n), Priorities: make([]int, n)}
	d.mapping(root, "", planFields, 1, r.field)
	if len(d.problems) == 0 || !d.broken["tasks"] && root.Kind == yaml.MappingNode {
		for i, line := range r.lines {
			if line == 0 {
				d.bad(locate(root, "tasks"), "tasks", fmt.Sprintf("task %q of the set is missing", s.Tasks[i].Name))
			}
		}
	}
	if r.rated > 0 {
		if r.plan.Predicted == nil {
			r.plan.Predicted = &Prediction{}
		}
		r.plan.Predicted.MissRates = r.rates
		if r.rated < n && len(d.problems) == 0 {
			d.bad(locate(root, "tasks"), "tasks", "want predicted_miss_rate for all tasks or for none")
		}
	}
	if err := d.problems.err(); err != nil {
		return nil, err
	}
	return &r.plan, nil
}

type planReader struct {
	*decoder
	set   *Set
	refs  *refs
	plan  Plan
	lines []int // by task: where it was met, 0 if not yet
	rates []Rate
	rated int
}

func (r *planReader) field(key string, v *yaml.Node) {
	switch key {
	case "tasks":
		r.sequence(v, "tasks", r.choice)
	case "packing":
		r.packing(v)
	case "predicted":
		r.predicted(v)
	case "lower_bound":
		x := r.float(v, key)
		r.plan.LowerBound = &x
	case "proven_optimal":
		b := r.boolean(v, key)
		r.plan.ProvenOptimal = &b
	case "infeasible":
		r.plan.Infeasible = r.text(v, key)
		if r.plan.Infeasible != "proven" && r.plan.Infeasible != "not proven" && !r.broken[key] {
			r.bad(v, key, "want proven or not proven")
		}
	case "broken":
		r.sequence(v, key, func(path string, v *yaml.Node) {
			var b Broken
			r.mapping(v, path, brokenFields, 2, func(key string, v *yaml.Node) {
				if key == "constraint" {
					b.Constraint = r.text(v, path+"."+key)
				} else {
					b.By = r.float(v, path+"."+key)
				}
			})
			r.plan.Broken = append(r.plan.Broken, b)
		})
	}
}

func (r *planReader) choice(path string, n *yaml.Node) {
	var name, variant string
	var at, variantAt *yaml.Node
	var priority int64
	var rate Rate
	rated := false
	r.mapping(n, path, choiceFields, 3, func(key string, v *yaml.Node) {
		field := path + "." + key
		switch key {
		case "name":
			name, at = r.text(v, field), v
		case "variant":
			variant, variantAt = r.text(v, field), v
		case "priority":
			if priority = r.integer(v, field); priority < -MaxPriority || priority > MaxPriority {
				r.bad(v, field, fmt.Sprintf("want %d to %d", -MaxPriority, MaxPriority))
			}
		case "predicted_miss_rate":
			rate, rated = r.rate(v, field), true
		}
	})
	if at == nil || r.broken[path+".name"] {
		return
	}
	ref := r.refs.find(name, variant)
	if ref.Task < 0 {
		r.bad(at, path+".name", "no task of the set has this name")
		return
	}
	if line := r.lines[ref.Task]; line != 0 {
		r.bad(at, path+".name", fmt.Sprintf("the task is there already, in line %d", line))
		return
	}
	r.lines[ref.Task] = n.Line
	if variantAt != nil && ref.Variant < 0 && !r.broken[path+".variant"] {
		r.bad(variantAt, path+".variant", fmt.Sprintf("task %q has no variant of this name", name))
	}
	r.plan.Variants[ref.Task], r.plan.Priorities[ref.Task] = ref.Variant, int(priority)
	if rated {
		r.rates[ref.Task] = rate
		r.rated++
	}
}

func (r *planReader) packing(n *yaml.Node) {
	r.plan.Pairs = make([]bool, len(r.set.Packing))
	rows := make(map[[2]Ref]int, len(r.set.Packing))
	for i := range r.set.Packing {
		rows[r.set.Packing[i].key()] = i
	}
	r.sequence(n, "packing", func(path string, n *yaml.Node) {
		p := Pair{A: noRef, B: noRef}
		r.mapping(n, path, allowedFields, 2, func(key string, v *yaml.Node) {
			if key == "a" {
				p.A = r.ref(v, path+".a", r.refs)
			} else {
				p.B = r.ref(v, path+".b", r.refs)
			}
		})
		if p.A == noRef || p.B == noRef {
			return
		}
		row, ok := rows[p.key()]
		switch {
		case !ok:
			r.bad(n, path, fmt.Sprintf("the set has no slowdowns for %s and %s", r.set.VariantName(p.A), r.set.VariantName(p.B)))
		case r.plan.Pairs[row]:
			r.bad(n, path, "the pair is there twice")
		default:
			r.plan.Pairs[row] = true
		}
	})
}

func (r *planReader) predicted(n *yaml.Node) {
	p := &Prediction{}
	r.plan.Predicted = p
	r.mapping(n, "predicted", predictedFields, 0, func(key string, v *yaml.Node) {
		field := "predicted." + key
		switch key {
		case "sum_loss":
			p.SumLoss = r.float(v, field)
		case "mean_loss":
			p.MeanLoss = r.float(v, field)
		case "macro_miss_rate":
			p.MacroMissRate = r.rate(v, field)
		case "max_miss_rate":
			p.MaxMissRate = r.rate(v, field)
		case "storage_bytes":
			p.Storage = Bytes(r.integer(v, field))
		}
	})
}

func (r *planReader) rate(n *yaml.Node, field string) Rate {
	rate := Rate(r.float(n, field))
	if !rate.valid() && !r.broken[field] {
		r.bad(n, field, "want 0 to 1")
	}
	return rate
}
