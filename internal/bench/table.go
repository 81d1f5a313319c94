package bench

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Table writes the report for a terminal: random by method and utilisation,
// everything else a line a method.
func (r *Report) Table(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	last := ""
	for _, g := range r.Groups {
		if g.Scenario == "random" || g.Scenario == "gap" {
			continue
		}
		if g.Case != last {
			fmt.Fprintf(w, "\n%s: %s\n", g.Scenario, g.Case)
			fmt.Fprintln(w, "method\tmet %\tmacro miss %\tmax miss %\tmean loss %\ton-time accuracy\tpacked")
			last = g.Case
		}
		fmt.Fprintf(w, "%s\t%.0f\t%s\t%.2f\t%s\t%.4f\t%d\n", g.Method, 100*g.Met.Mean, g.Macro.percent(), 100*g.Max.Mean,
			g.MeanLoss.percent(), g.OnTime.Mean, g.Packed/max(1, g.Count))
	}
	w.Flush()
	r.randomTable(out)
	if len(r.Claims) > 0 {
		fmt.Fprintln(out, "\nfigures asked for")
		for _, c := range r.Claims {
			fmt.Fprintf(out, "%s\n        target  %s\n        reached %s\n        %s\n", c.What, c.Target, c.Reached, c.verdict())
		}
	}
	fmt.Fprintf(out, "\n%d of %d units, %.0f s on %d cores\n", r.UnitsDone, r.Units, r.Seconds, r.Cores)
}

// sharesMet returns the methods and utilisations of scenario random, and the
// share of sets met and their number at each.
func (r *Report) sharesMet() (methods, us []string, met map[string]map[string][2]int) {
	met = map[string]map[string][2]int{}
	seen := map[string]bool{}
	for _, g := range r.Groups {
		if g.Scenario != "random" {
			continue
		}
		if met[g.Method] == nil {
			met[g.Method] = map[string][2]int{}
			methods = append(methods, g.Method)
		}
		if !seen[g.Case] {
			seen[g.Case] = true
			us = append(us, g.Case)
		}
		m := met[g.Method][g.Case]
		m[0] += int(g.Met.Mean*float64(g.Count) + 0.5)
		m[1] += g.Count
		met[g.Method][g.Case] = m
	}
	return methods, sorted(us), met
}

func (r *Report) randomTable(out io.Writer) {
	methods, us, met := r.sharesMet()
	if len(us) == 0 {
		return
	}
	fmt.Fprintln(out, "\nrandom sets met, of all")
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "method")
	for _, u := range us {
		fmt.Fprintf(w, "\t%s", u)
	}
	fmt.Fprintln(w)
	for _, m := range methods {
		fmt.Fprint(w, m)
		for _, u := range us {
			fmt.Fprintf(w, "\t%d/%d", met[m][u][0], met[m][u][1])
		}
		fmt.Fprintln(w)
	}
	w.Flush()
}

func sorted(s []string) []string {
	set := map[string]int{}
	for _, x := range s {
		set[x] = 0
	}
	return sortedKeys(set)
}
