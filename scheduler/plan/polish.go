package plan

import (
	"cmp"
	"slices"

	"rtmdl/scheduler/analysis"
)

// polish improves the best plan by small moves under its order: tasks upgraded
// to their best variant, then by half of the way, then by a level, then one
// upgraded while another one is downgraded; of a kind those first that take
// least load for what they gain.
//
// Upgrades are tried several at once: the first one, the first two, four and
// eight of those left; the longest row that is feasible is kept.
type polish struct {
	p     *Planner
	of    *Candidate // the best plan when this began
	ups   []move
	pairs []move
	rows  map[*Candidate]int // how many upgrades a candidate of the last batch has
	taken int                // the longest feasible row of the last batch
}

// move changes one variant or two; second is -1 for none.
type move struct {
	first, firstTo   int
	second, secondTo int
	loss             int64
	load             float64
}

// maxPairs bounds the exchanges that are tried of one plan.
const maxPairs = 300

func newPolish(p *Planner) *polish {
	q := &polish{p: p, of: p.best}
	if p.options.FixVariants {
		return q
	}
	seen := map[[2]int]bool{}
	add := func(kind func(i int) int) {
		var ups []move
		for i := range p.losses {
			to := kind(i)
			if m := q.single(i, to); m.loss < 0 && !seen[[2]int{i, to}] {
				seen[[2]int{i, to}] = true
				ups = append(ups, m)
			}
		}
		slices.SortStableFunc(ups, func(a, b move) int {
			return cmp.Compare(a.load/float64(-a.loss), b.load/float64(-b.loss))
		})
		q.ups = append(q.ups, ups...)
	}
	add(func(i int) int { return q.upTo(i, 0) })
	add(func(i int) int { return q.upTo(i, 0.5) })
	add(func(i int) int { return q.upTo(i, 0.999) })
	q.exchanges()
	return q
}

// upTo returns the variant of the least load among those of a loss of at most
// share of the present one.
func (q *polish) upTo(i int, share float64) int {
	at := q.of.Variants[i]
	limit := q.least(i) + int64(share*float64(q.p.losses[i][at]-q.least(i)))
	best := at
	for v, l := range q.p.losses[i] {
		if l <= limit && (best == at || q.p.set.Tasks[i].Variants[v].Infer < q.p.set.Tasks[i].Variants[best].Infer) {
			best = v
		}
	}
	return best
}

func (q *polish) least(i int) int64 { return slices.Min(q.p.losses[i]) }

func (q *polish) single(i, to int) move {
	from := q.of.Variants[i]
	a, b := q.p.floors.Weight[i][from], q.p.floors.Weight[i][to]
	load := 0.0
	for _, d := range []int{analysis.OnAccelerator, analysis.OnCPU} {
		load += float64(b[d]-a[d]) / float64(max(1, q.p.floors.Capacity[d]))
	}
	return move{i, to, -1, 0, q.p.losses[i][to] - q.p.losses[i][from], load}
}

func (q *polish) exchanges() {
	var up, down []move
	for i := range q.p.losses {
		for to := range q.p.losses[i] {
			switch m := q.single(i, to); {
			case m.loss < 0:
				up = append(up, m)
			case m.loss > 0 && m.load < 0:
				down = append(down, m)
			}
		}
	}
	for _, u := range up {
		for _, d := range down {
			if u.first != d.first && u.loss+d.loss < 0 {
				q.pairs = append(q.pairs, move{u.first, u.firstTo, d.first, d.firstTo, u.loss + d.loss, u.load + d.load})
			}
		}
	}
	slices.SortStableFunc(q.pairs, func(a, b move) int { return cmp.Compare(a.load, b.load) })
	q.pairs = q.pairs[:min(len(q.pairs), maxPairs)]
}

// spent reports whether all moves were tried.
func (q *polish) spent() bool { return len(q.ups) == 0 && len(q.pairs) == 0 }

// upgrades reports whether upgrades are left, which come before exchanges.
func (q *polish) upgrades() bool { return len(q.ups) > 0 }

func (q *polish) next(n int) (batch []*Candidate) {
	if q.rows != nil {
		q.ups = q.ups[min(max(1, q.taken), len(q.ups)):]
		q.rows = nil
	}
	for len(q.ups) > 0 && len(batch) == 0 {
		q.rows, q.taken = map[*Candidate]int{}, 0
		for row := 1; len(batch) < n && row <= len(q.ups); row *= 2 {
			if c := q.apply(q.ups[:row]); c != nil {
				q.rows[c] = row
				batch = append(batch, c)
			} else if row == 1 {
				break
			}
		}
		if len(batch) == 0 {
			q.ups = q.ups[1:]
			q.rows = nil
		}
	}
	for len(batch) < n && len(q.ups) == 0 && len(q.pairs) > 0 {
		if c := q.apply(q.pairs[:1]); c != nil {
			batch = append(batch, c)
		}
		q.pairs = q.pairs[1:]
	}
	return batch
}

// apply makes the best plan with some moves, nil where that is no gain, is not
// possible or was tried.
func (q *polish) apply(moves []move) *Candidate {
	c := q.p.best.clone()
	for _, m := range moves {
		c.Variants[m.first] = m.firstTo
		if m.second >= 0 {
			c.Variants[m.second] = m.secondTo
		}
	}
	if c.loss = q.p.lossOf(c.Variants); c.loss >= q.p.best.loss || q.p.excluded(c.Variants) || !q.p.unseen(c) {
		return nil
	}
	return c
}

// tell takes note of which row became the best plan.
func (q *polish) tell(c *Candidate) {
	if q.p.best == c {
		q.taken = max(q.taken, q.rows[c])
	}
}

// unseen reports whether a candidate was not tried since the last improvement.
func (p *Planner) unseen(c *Candidate) bool {
	key := c.key()
	if p.seen[key] {
		return false
	}
	if len(p.seen) > 200_000 {
		clear(p.seen)
	}
	p.seen[key] = true
	return true
}
