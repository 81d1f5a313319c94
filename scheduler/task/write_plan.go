package task

import (
	"bytes"
	"fmt"
	"os"
)

// Marshal writes p, a valid plan for s, as a file. ParsePlan makes the same
// plan of it.
func (p *Plan) Marshal(s *Set) []byte {
	var b bytes.Buffer
	b.WriteString("tasks:\n")
	for i := range p.Variants {
		t := &s.Tasks[i]
		fmt.Fprintf(&b, "  - {name: %s, variant: %s, priority: %d",
			quote(t.Name), quote(t.Variants[p.Variants[i]].Name), p.Priorities[i])
		if p.Predicted != nil && len(p.Predicted.MissRates) > 0 {
			fmt.Fprintf(&b, ", predicted_miss_rate: %v", p.Predicted.MissRates[i])
		}
		b.WriteString("}\n")
	}
	p.writePairs(&b, s)
	if q := p.Predicted; q != nil {
		fmt.Fprintf(&b, "predicted: {sum_loss: %v, mean_loss: %v, macro_miss_rate: %v, max_miss_rate: %v, storage_bytes: %d}\n",
			Rate(q.SumLoss), Rate(q.MeanLoss), q.MacroMissRate, q.MaxMissRate, q.Storage)
	}
	if p.LowerBound != nil {
		fmt.Fprintf(&b, "lower_bound: %v\n", Rate(*p.LowerBound))
	}
	if p.ProvenOptimal != nil {
		fmt.Fprintf(&b, "proven_optimal: %v\n", *p.ProvenOptimal)
	}
	if p.Infeasible != "" {
		fmt.Fprintf(&b, "infeasible: %s\n", p.Infeasible)
	}
	if len(p.Broken) > 0 {
		b.WriteString("broken:\n")
		for _, c := range p.Broken {
			fmt.Fprintf(&b, "  - {constraint: %s, by: %v}\n", quote(c.Constraint), Rate(c.By))
		}
	}
	return b.Bytes()
}

// writePairs writes nothing where every row is allowed.
func (p *Plan) writePairs(b *bytes.Buffer, s *Set) {
	if p.Pairs == nil {
		return
	}
	text := "packing:\n"
	for i, allowed := range p.Pairs {
		if allowed {
			row := &s.Packing[i]
			fmt.Fprintf(b, "%s  - {a: %s, b: %s}\n", text, quote(s.VariantName(row.A)), quote(s.VariantName(row.B)))
			text = ""
		}
	}
	if text != "" {
		b.WriteString("packing: []\n")
	}
}

// WriteFile writes p to a file, which it makes or replaces.
func (p *Plan) WriteFile(name string, s *Set) error { return os.WriteFile(name, p.Marshal(s), 0o644) }
