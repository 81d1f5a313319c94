package bench

import (
	"fmt"
	"slices"
	"strings"
)

// claims holds what was asked for against what the records say.
func claims(groups []Group, records []Record) (out []Claim) {
	out = append(out, gapClaim(records)...)
	out = append(out, paperClaims(groups)...)
	out = append(out, randomClaims(records)...)
	out = append(out, packingClaim(groups)...)
	return append(out, timeClaims(records)...)
}

// few says that a claim rests on too few sets; a miss is one on any number.
func few(holds bool, n, want int) string {
	if !holds || n >= want {
		return ""
	}
	return fmt.Sprintf("holds on %d sets, %d are wanted", n, want)
}

func gapClaim(records []Record) []Claim {
	sum, worst, n, none := 0.0, 0.0, 0, 0
	tasks := map[int]int{}
	for _, r := range records {
		if r.Scenario != "gap" || r.Method != ours || !r.HasGap {
			continue
		}
		n++
		tasks[r.N]++
		if r.Gap > 1e6 {
			none++
			continue
		}
		sum += r.Gap
		worst = max(worst, r.Gap)
	}
	if n == 0 {
		return nil
	}
	mean := sum / float64(max(1, n-none))
	return []Claim{{
		What:   fmt.Sprintf("gap to the exhaustive optimum, n <= 4, 5 levels, 2 s, %d feasible random sets (n = 2, 3, 4: %d, %d, %d)", n, tasks[2], tasks[3], tasks[4]),
		Target: "mean <= 0.1 %, worst <= 1 %, never without a plan, no bound broken",
		Reached: fmt.Sprintf("mean %.4f %%, worst %.4f %%, %d without a plan or with a bound broken",
			100*mean, 100*worst, none),
		Holds: mean <= 0.001 && worst <= 0.01 && none == 0,
		Short: few(mean <= 0.001 && worst <= 0.01 && none == 0, n, 200),
	}}
}

func find(groups []Group, scenario, name, method string) *Group {
	i := slices.IndexFunc(groups, func(g Group) bool {
		return g.Scenario == scenario && g.Case == name && g.Method == method
	})
	if i < 0 {
		return nil
	}
	return &groups[i]
}

func paperClaims(groups []Group) (out []Claim) {
	p := find(groups, "paper", "high split", ours)
	if p == nil {
		return nil
	}
	worst := 0.0
	for _, d := range p.DMR {
		worst = max(worst, d.Mean)
	}
	out = append(out, Claim{
		"paper, high, split: miss rate of the worst task, mean over seeds not searched on", "<= 10 %",
		fmt.Sprintf("%.2f %%", 100*worst), worst <= 0.1, "",
	})
	if p.Gaps > 0 {
		out = append(out, Claim{
			"paper, high, split: gap to the exhaustive optimum without packing", "<= 1 %",
			fmt.Sprintf("%.3f %%", 100*p.Gap.Mean), p.Gap.Mean <= 0.01, "",
		})
	}
	for _, base := range []string{"DM-NMC split", "DM-NMC blackbox"} {
		if d := find(groups, "paper", "high split", base); d != nil {
			out = append(out, Claim{
				"paper, high, split: macro miss rate down from " + base + ", and mean loss", "(paper: 40.12 points, 1.7 %)",
				fmt.Sprintf("%.2f points (%.2f %% to %.2f %%, relative %.1f %%), %.2f %%", 100*(d.Macro.Mean-p.Macro.Mean),
					100*d.Macro.Mean, 100*p.Macro.Mean, 100*(d.Macro.Mean-p.Macro.Mean)/max(d.Macro.Mean, 1e-9), 100*p.MeanLoss.Mean), true, "no target, to be read beside the paper's",
			})
		}
	}
	if with := find(groups, "paper", "high split, packing 1.05/1.6", ours); with != nil {
		out = append(out, Claim{
			"paper, high, split, packing 1.05/1.6: sum of losses against that without packing", "strictly lower",
			fmt.Sprintf("%.6f against %.6f, every task within its bound in %.0f %% of runs", with.SumLoss.Mean, p.SumLoss.Mean, 100*with.Met.Mean),
			with.SumLoss.Mean < p.SumLoss.Mean, "",
		})
	}
	return out
}

// randomClaims compare the shares of sets met at each utilisation.
func randomClaims(records []Record) (out []Claim) {
	met := map[float64]map[string][2]int{}
	var us []float64
	both, exhaustiveMet := 0, 0
	optimal := map[string]bool{}
	key := func(r *Record) string { return fmt.Sprint(r.X, r.N) }
	for i := range records {
		r := &records[i]
		if r.Scenario != "random" {
			continue
		}
		if met[r.X] == nil {
			met[r.X] = map[string][2]int{}
			us = append(us, r.X)
		}
		if r.Method == ours {
			optimal[key(r)] = r.Met // of the unit whose records these are
		}
		if r.Method == exhaustive {
			if r.Met {
				exhaustiveMet++
				if optimal[key(r)] {
					both++
				}
			}
			continue
		}
		m := met[r.X][r.Method]
		m[1]++
		if r.Met {
			m[0]++
		}
		met[r.X][r.Method] = m
	}
	if len(us) == 0 {
		return nil
	}
	slices.Sort(us)
	behind, total := []string{}, 0
	text := []string{}
	for _, u := range us {
		best, name := -1, ""
		for _, method := range sortedKeys(met[u]) {
			if method != ours && met[u][method][0] > best {
				best, name = met[u][method][0], method
			}
		}
		m := met[u][ours]
		total += m[1]
		text = append(text, fmt.Sprintf("%.1f: %d/%d (%s %d)", u, m[0], m[1], name, best))
		if m[0] < best {
			behind = append(behind, fmt.Sprintf("%.1f", u))
		}
	}
	out = append(out, Claim{
		"random sets met at each utilisation, the planner's and the best other method's", "at every U at least every other method's",
		strings.Join(text, "; "), len(behind) == 0, few(len(behind) == 0, total, 132),
	})
	if exhaustiveMet > 0 {
		out = append(out, Claim{
			"random sets met by exhaustive search that the planner meets", ">= 99 %",
			fmt.Sprintf("%d of %d", both, exhaustiveMet), float64(both) >= 0.99*float64(exhaustiveMet),
			few(float64(both) >= 0.99*float64(exhaustiveMet), exhaustiveMet, 10),
		})
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// packingClaim counts the guaranteed runs with a wrong table, those of sets
// with noise apart, for each way to be wrong and each way to book progress.
func packingClaim(groups []Group) (out []Claim) {
	for _, noise := range []bool{false, true} {
		for _, reading := range []string{"excess", "alpha"} {
			for _, method := range []string{ours, oursCareful, oursEnlarged} {
				if c, ok := packingClaimOf(groups, noise, reading, method); ok {
					out = append(out, c)
				}
			}
		}
	}
	return out
}

func packingClaimOf(groups []Group, noise bool, reading, method string) (Claim, bool) {
	worst, where := 0.0, ""
	total, broken := 0, 0
	for _, g := range groups {
		if g.Scenario != "packing" || g.Method != method || !strings.Contains(g.Case, "table "+reading) ||
			strings.Contains(g.Case, "cv") != noise || g.Guaranteed == 0 {
			continue
		}
		total += g.Guaranteed
		broken += g.Broken
		if share := float64(g.Broken) / float64(g.Guaranteed); share > worst || where == "" {
			worst, where = share, g.Case
		}
	}
	if total == 0 {
		return Claim{}, false
	}
	what := "in what alpha exceeds 1 by"
	if reading == "alpha" {
		what = "in alpha itself, which the guard is not made for"
	}
	share := float64(broken) / float64(total)
	c := Claim{
		fmt.Sprintf("guaranteed packed runs that break the 10 %% bound, table 20 %% wrong %s; %s", what, method), "<= 0.1 %",
		fmt.Sprintf("%.3f %% (%d of %d); worst %.3f %% (%s)", 100*share, broken, total, 100*worst, where), worst <= 0.001, "",
	}
	if noise {
		c.What += "; stage times with cv 0.05 besides"
	}
	return c, true
}

// timeClaims are of the sets for which a feasible plan was found: when the
// least bad plan was found means little.
func timeClaims(records []Record) (out []Claim) {
	for _, c := range []struct {
		n      int
		target float64
	}{{4, 0.1}, {12, 2}, {64, 30}} {
		var found, near, took []float64
		all, proven, none := 0, 0, 0
		for _, r := range records {
			if r.Scenario != "time" || r.N != c.n {
				continue
			}
			all++
			if r.Proven {
				proven++
			}
			if r.ProvenNone {
				none++
			}
			if r.Met {
				found, near, took = append(found, r.FoundS), append(near, r.NearS), append(took, r.TookS)
			}
		}
		if len(found) == 0 {
			continue
		}
		f, w, t := estimate(found), estimate(near), estimate(took)
		out = append(out, Claim{
			fmt.Sprintf("time until the plan finally returned was found, 9 levels, n = %d, %d of %d sets met", c.n, len(found), all),
			fmt.Sprintf("%g s", c.target),
			fmt.Sprintf("mean %.2f s, worst %.2f s; one of a loss within 1 %% of its: mean %.2f s, worst %.2f s; of at most %.1f s searched, until proof included; %d proven optimal, %d proven infeasible",
				f.Mean, f.Max, w.Mean, w.Max, t.Max, proven, none),
			f.Max <= c.target, few(f.Max <= c.target, len(found), 5),
		})
	}
	return out
}
