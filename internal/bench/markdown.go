package bench

import (
	"bytes"
	"fmt"
	"path"
)

// Markdown is the report as a document, with the figures of the given names in
// a folder.
func (r *Report) Markdown(folder string, figures []Figure) []byte {
	var b bytes.Buffer
	size := "quick"
	if r.Full {
		size = "full"
	}
	fmt.Fprintf(&b, `# Results of the scheduler's benchmark

Made by `+"`rtmdl bench --report`"+` from the JSON of a %s run: %d of %d units ran (%d sets a point of scenario
random), %.0f min of work on %d cores. Do not edit. Intervals are of 95 %% (Student's t over seeds or sets; Wilson for
shares). All methods run in the same simulator under the same late policy (skip) and meet the same jobs; seeds that are
reported were used by no search and no calibration. "met" is the share of runs in which every task keeps its bound and
the storage suffices. Changes are in percentage points unless "relative" is said.

`, size, r.UnitsDone, r.Units, r.Sets, r.Seconds/60, r.Cores)
	for _, k := range sortedKeys(r.Notes) {
		fmt.Fprintf(&b, "- %s: %s.\n", k, r.Notes[k])
	}
	if len(r.Claims) > 0 {
		fmt.Fprint(&b, "\n## Figures asked for\n\n| what | target | reached | |\n| --- | --- | --- | --- |\n")
		for _, c := range r.Claims {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", c.What, c.Target, c.Reached, c.verdict())
		}
	}
	if len(figures) > 0 {
		fmt.Fprint(&b, "\n## Pictures\n\n")
		for _, f := range figures {
			fmt.Fprintf(&b, "![%s](%s)\n\n", f.Title, path.Join(folder, f.Name))
		}
	}
	r.randomMarkdown(&b)
	r.factorialMarkdown(&b)
	scenario, last := "", ""
	for _, g := range r.Groups {
		if g.Scenario == "random" || g.Scenario == "factorial" {
			continue
		}
		if g.Scenario != scenario {
			fmt.Fprintf(&b, "\n## Scenario %s\n", g.Scenario)
			scenario, last = g.Scenario, ""
		}
		if g.Case != last {
			fmt.Fprintf(&b, "\n%s\n\n| method | runs | met %% | miss rate by task %% | macro miss %% | mean loss %% | sum of losses | on-time accuracy | packed a run | search s (found) |\n"+
				"| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n", g.Case)
			last = g.Case
		}
		byTask := ""
		for k, d := range g.DMR {
			if k > 0 {
				byTask += " / "
			}
			byTask += fmt.Sprintf("%.1f", 100*d.Mean)
		}
		if len(g.DMR) > 6 {
			byTask = fmt.Sprintf("at most %.1f", 100*g.Max.Mean)
		}
		took := ""
		if g.TookS.Mean > 0 {
			took = fmt.Sprintf("%.2f (%.2f)", g.TookS.Mean, g.FoundS.Mean)
		}
		fmt.Fprintf(&b, "| %s | %d | %.0f | %s | %s | %s | %.5f | %.4f | %d | %s |\n", g.Method, g.Count, 100*g.Met.Mean, byTask,
			g.Macro.percent(), g.MeanLoss.percent(), g.SumLoss.Mean, g.OnTime.Mean, g.Packed/max(1, g.Count), took)
	}
	return b.Bytes()
}

func (r *Report) randomMarkdown(b *bytes.Buffer) {
	methods, us, met := r.sharesMet()
	if len(us) == 0 {
		return
	}
	fmt.Fprint(b, "\n## Scenario random: sets met, of all\n\n| method |")
	for _, u := range us {
		fmt.Fprintf(b, " %s |", u)
	}
	fmt.Fprint(b, "\n| --- |")
	for range us {
		fmt.Fprint(b, " --- |")
	}
	fmt.Fprintln(b)
	for _, m := range methods {
		fmt.Fprintf(b, "| %s |", m)
		for _, u := range us {
			fmt.Fprintf(b, " %d/%d |", met[m][u][0], met[m][u][1])
		}
		fmt.Fprintln(b)
	}
}

// factorialMarkdown is the factorial: what each combination reaches.
func (r *Report) factorialMarkdown(b *bytes.Buffer) {
	last := ""
	for _, g := range r.Groups {
		if g.Scenario != "factorial" {
			continue
		}
		if last == "" {
			fmt.Fprint(b, "\n## The factorial: which part brings what\n\nPacking with slowdowns 1.05/1.6; it needs separate queues, so that its combinations without are left out.\n"+
				"Without variants all models are the original ones, without priorities these are deadline-monotonic.\n")
		}
		if g.Case != last {
			fmt.Fprintf(b, "\n%s\n\n| on | met %% | macro miss %% | max miss %% | mean loss %% | on-time accuracy |\n| --- | --- | --- | --- | --- | --- |\n", g.Case)
			last = g.Case
		}
		fmt.Fprintf(b, "| %s | %.0f | %s | %.2f | %s | %.4f |\n", g.Method, 100*g.Met.Mean, g.Macro.percent(), 100*g.Max.Mean,
			g.MeanLoss.percent(), g.OnTime.Mean)
	}
}
