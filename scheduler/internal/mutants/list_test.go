package mutants

// mutant is a change of one place of a file under scheduler/.
type mutant struct {
	file, what string
	old, new   string
}

var list = []mutant{
	// The packing rule.
	{"pack/pack.go", "bound is exclusive", "<= Stretch(r.Infer, One+rule.Bound)", "< Stretch(r.Infer, One+rule.Bound)"},
	{"pack/pack.go", "bound is not rounded up", "<= Stretch(r.Infer, One+rule.Bound)", "<= r.Infer+Done(r.Infer*int64(rule.Bound)/int64(One), One)"},
	{"pack/pack.go", "bound is of the work left", "<= Stretch(r.Infer, One+rule.Bound)", "<= Stretch(r.Left, One+rule.Bound)"},
	{"pack/pack.go", "time on the accelerator counts from now", "return end-r.Start <=", "return end-now <="},
	{"pack/pack.go", "rule a forgets the deadline", "&& end+r.Post <= r.Deadline", ""},
	{"pack/pack.go", "rule a forgets the post", "end+r.Post <= r.Deadline", "end <= r.Deadline"},
	{"pack/pack.go", "rule a wants the deadline before", "end+r.Post <= r.Deadline", "end+r.Post < r.Deadline"},
	{"pack/pack.go", "rule b as late as by waiting", "return end < now+r.Left+c.Infer", "return end <= now+r.Left+c.Infer"},
	{"pack/pack.go", "rule b forgets what is left", "return end < now+r.Left+c.Infer", "return end < now+r.Infer+c.Infer"},
	{"pack/pack.go", "rule b forgets the post", "end+c.Post <= c.Deadline", "end <= c.Deadline"},
	{"pack/pack.go", "rule b wants the deadline before", "end+c.Post <= c.Deadline", "end+c.Post < c.Deadline"},
	{"pack/pack.go", "rules are exchanged", "if runningIsMoreUrgent {", "if !runningIsMoreUrgent {"},
	{"pack/pack.go", "no gain is enough", "return less(uint64(p), uint64(q), uint64(p+q), uint64(One))", "return !less(uint64(p+q), uint64(One), uint64(p), uint64(q))"},
	{"pack/pack.go", "gain is not asked for", "if !gains(pr, pc) {", "if !gains(pr, pc) && pc < 0 {"},
	{"pack/pack.go", "no guard", "One+rule.Guard))", "One))"},
	{"pack/pack.go", "guard of the whole slowdown", "return One + Factor(Stretch(int64(a-One), One+rule.Guard))", "return Factor(Stretch(int64(a), One+rule.Guard))"},
	{"pack/pack.go", "slowdowns are exchanged", "end := predictedEnd(now, r.Left, c.Left, pr, pc)", "end := predictedEnd(now, r.Left, c.Left, pc, pr)"},
	{"pack/pack.go", "nobody goes on alone", "return now + ty + max(0, wx-Done(ty, px))", "return now + tx"},
	{"pack/pack.go", "the work done beside is forgotten", "max(0, wx-Done(ty, px))", "wx"},
	{"pack/pack.go", "the first end is the other's", "if tx <= ty {", "if tx > ty {"},
	{"pack/pack.go", "careful books as the table says", "if rule.Careful {", "if rule.Careful && a < 0 {"},
	{"pack/pack.go", "always careful", "if rule.Careful {", "if rule.Careful || a > 0 {"},
	// Work.
	{"pack/work.go", "work is rounded down", "lo, carry := bits.Add64(lo, uint64(One-1), 0)", "lo, carry := bits.Add64(lo, 0, 0)"},
	{"pack/work.go", "work done is rounded up", "return int64(q)\n}", "return int64(q) + 1\n}"},
	{"pack/shared.go", "the other goes on slowly", "s.slow[1-unit] = One", "_ = unit"},
	{"pack/shared.go", "work done is not taken off", "s.left[u] = max(0, s.left[u]-Done(t, a))", "s.left[u] = max(0, s.left[u])"},
	{"pack/shared.go", "since the last change is forgotten", "s.since = now\n", "s.since = min(now, s.since+1)\n"},
	{"pack/shared.go", "work left may be negative", "return max(0, s.left[unit]-Done(now-s.since, s.slow[unit]))", "return s.left[unit] - Done(now-s.since, s.slow[unit])"},
	// Who is looked at.
	{"core/accelerator.go", "who may not start holds back others", "row < 0 {\n\t\t\t\tcontinue", "row < 0 {\n\t\t\t\tbreak"},
	{"core/accelerator.go", "the least urgent is looked at first", "i := c.infers.len() - 1; i >= 0 && units.hasFree(); i--", "i := 0; i < c.infers.len() && units.hasFree(); i++"},
	{"core/accelerator.go", "nobody is late beside another", "if c.expired(j) {", "if c.expired(j) && false {"},
	{"core/accelerator.go", "jobs of one task share", "if j.task == r.task {", "if j.task == r.task && j.id == r.id {"},
	{"core/accelerator.go", "forbidden pairs share", "if p == nil || !c.allowed[p.row] {", "if p == nil {"},
	{"core/accelerator.go", "all of the work is left", "c.shared.Left(int(r.unit), now)", "w.time[Infer]"},
	{"core/accelerator.go", "urgency is exchanged", "yields = rk.before(&j.key)", "yields = !rk.before(&j.key)"},
	{"core/accelerator.go", "urgency is by release alone", "rk.rank = c.rank(r, running.Left+running.Post)", "rk.rank = j.key.rank"},
	{"core/accelerator.go", "the laxity of the start", "rk.rank = c.rank(r, running.Left+running.Post)", "rk.rank = c.rank(r, running.Infer+running.Post)"},
	{"core/accelerator.go", "table rows are read from the wrong side", "if j.unit == 0 {", "if j.unit == 1 {"},
	{"core/accelerator.go", "a black box holds the accelerator for ever", "c.held = false", "c.held = true"},
	{"core/variant.go", "slowdowns of a row are exchanged", "partner{b, int32(row), p.SlowA, p.SlowB}", "partner{b, int32(row), p.SlowB, p.SlowA}"},
	{"core/sequence.go", "late at the deadline", "c.late == LateSkip && j.deadline < c.now", "c.late == LateSkip && j.deadline <= c.now"},
	{"core/sequence.go", "nobody is late", "if c.expired(&c.table.jobs[slot]) {", "if c.expired(&c.table.jobs[slot]) && false {"},
	{"core/sequence.go", "late jobs are dropped by the wrong policy", "return c.late == LateSkip &&", "return c.late == LateRun &&"},
	{"core/sequence.go", "a post is always spared", "!(c.keep && j.stage == Post)", "j.stage != Post"},
	{"core/sequence.go", "two black boxes at once", "for !c.held && units.hasFree()", "for units.hasFree()"},
	{"core/sequence.go", "an abort after the deadline", "if j.deadline > c.now {", "if j.deadline >= c.now {"},
	{"core/sequence.go", "queue 1 keeps all", "if t.newest && t.waiting != none {\n\t\tc.end", "if !t.newest && t.waiting != none {\n\t\tc.end"},
	{"core/sequence.go", "queue 1 replaces what has started", "t.waiting == slot {\n\t\tt.waiting = none", "t.waiting == slot && c.late != LateRun {\n\t\tt.waiting = none"},
	{"core/queue.go", "the larger number is the more urgent", "return k.rank < o.rank", "return k.rank > o.rank"},
	{"core/queue.go", "the later release comes first", "return k.release < o.release", "return k.release > o.release"},
	{"core/queue.go", "the later task comes first", "return k.task < o.task", "return k.task > o.task"},
	{"core/order.go", "laxity forgets what remains", "return int64(j.deadline) - remaining", "return int64(j.deadline)"},
	{"core/core.go", "dispatch without an event", "\tif look {", "\tif look || len(events) > 0 || true {"},
	{"core/core.go", "releases before deadlines", "	look = c.abortDue() || look\n	for ; len(rest) > 0 && rest[0].phase == phasePlan", "	for ; len(rest) > 0 && rest[0].phase == phasePlan"},
}
