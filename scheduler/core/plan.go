package core

// Plan is the part of a configuration that may change while jobs are live.
type Plan struct {
	Priorities []int // by task
	Variants   []int // by task: index in Task.Variants
	// Pairs says by row of Config.Packing whether the pair may share the
	// accelerator; nil: every row.
	Pairs []bool
}

// Fits reports whether a plan has a priority and a variant of each task, and every pair or nil.
func (c *Core) Fits(p *Plan) bool { return p.fits(c) }

// fits reports whether p can be applied to c.
func (p *Plan) fits(c *Core) bool {
	if p == nil || len(p.Priorities) != len(c.tasks) || len(p.Variants) != len(c.tasks) ||
		p.Pairs != nil && len(p.Pairs) != len(c.allowed) {
		return false
	}
	for i, v := range p.Variants {
		if v < 0 || v >= int(c.tasks[i].variants) {
			return false
		}
	}
	return true
}

// apply makes a fitting plan that of the jobs to come.
func (c *Core) apply(p *Plan) {
	for i := range c.tasks {
		t := &c.tasks[i]
		t.priority = int64(p.Priorities[i])
		t.variant = t.first + int32(p.Variants[i])
	}
	for row := range c.allowed {
		c.allowed[row] = p.Pairs == nil || p.Pairs[row]
	}
}
