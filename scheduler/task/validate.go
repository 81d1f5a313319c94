package task

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"rtmdl/scheduler/core"
)

// Validate returns all that is wrong with s as Problems without file and
// line, nil if nothing is.
func (s *Set) Validate() error {
	var c checker
	c.set(s)
	return c.problems.err()
}

// checker collects what breaks the rules for values. What can't be a value at
// all is for the decoder.
type checker struct {
	problems Problems
}

func (c *checker) bad(field string, value any, want string, args ...any) {
	if len(args) > 0 {
		want = fmt.Sprintf(want, args...)
	}
	c.problems = append(c.problems, Problem{Field: field, Value: fmt.Sprint(value), Want: want})
}

func (c *checker) set(s *Set) {
	if n := s.Platform.CPUWorkers; n < 1 || n > core.MaxCPUWorkers {
		c.bad("platform.cpu_workers", n, "want 1 to %d", core.MaxCPUWorkers)
	}
	if n := s.Platform.AcceleratorSlots; n < 1 || n > 2 {
		c.bad("platform.accelerator_slots", n, "want 1 or 2")
	}
	if b := s.Constraints.Storage; b < 0 || b > MaxBytes {
		c.bad("constraints.storage_bytes", b, "want 1 to %d, or nothing for no bound", MaxBytes)
	}
	if p := s.Constraints.Late; p > core.LateAbort {
		c.bad("constraints.late", p, "want run, skip or abort")
	}
	if b := s.Constraints.PackingBound; b < 0 || b > MaxFactor {
		c.bad("constraints.packing_bound", b, "want 0 to %v", MaxFactor)
	}
	if g := s.Constraints.PackingGuard; g < 0 || g > MaxFactor {
		c.bad("constraints.packing_guard", g, "want 0 to %v", MaxFactor)
	}
	if len(s.Tasks) == 0 {
		c.bad("tasks", "", "want at least one task")
	}
	names := make(map[string]int, len(s.Tasks))
	for i := range s.Tasks {
		c.task(fmt.Sprintf("tasks[%d]", i), &s.Tasks[i])
		c.unique(names, fmt.Sprintf("tasks[%d].name", i), "tasks[%d]", i, s.Tasks[i].Name)
	}
	c.packing(s)
}

func (c *checker) task(path string, t *Task) {
	c.name(path+".name", t.Name)
	c.time(path+".period_ms", t.Period, 1)
	c.time(path+".deadline_ms", t.Deadline, 1)
	c.time(path+".offset_ms", t.Offset, 0)
	c.time(path+".jitter_ms", t.Jitter, 0)
	if !t.MaxMissRate.valid() {
		c.bad(path+".max_miss_rate", t.MaxMissRate, "want 0 to 1")
	}
	if !(t.CV >= 0 && t.CV <= MaxCV) {
		c.bad(path+".cv", t.CV, "want 0 to %d", MaxCV)
	}
	if t.Queue != 0 && t.Queue != 1 {
		c.bad(path+".queue", t.Queue, "want 0 or 1")
	}
	if len(t.Variants) == 0 {
		c.bad(path+".variants", "", "want at least one variant")
	}
	names := make(map[string]int, len(t.Variants))
	var parts map[string]Bytes
	for i := range t.Variants {
		v := &t.Variants[i]
		at := fmt.Sprintf("%s.variants[%d]", path, i)
		c.variant(at, v)
		c.unique(names, at+".name", path+".variants[%d]", i, v.Name)
		if len(v.Shared) > 0 && parts == nil {
			parts = map[string]Bytes{}
		}
		for _, p := range v.Shared {
			size, ok := parts[p.Name]
			if ok && size != p.Size {
				c.bad(at+".shared_storage."+p.Name, p.Size, "the part has %d bytes in another variant of the task", size)
			}
			parts[p.Name] = p.Size
		}
	}
}

func (c *checker) variant(path string, v *Variant) {
	c.name(path+".name", v.Name)
	if !v.Accuracy.valid() {
		c.bad(path+".accuracy", v.Accuracy, "want 0 to 1")
	}
	c.size(path+".storage_bytes", v.Storage)
	for i, p := range v.Shared {
		at := path + ".shared_storage." + p.Name
		if !validName(p.Name) {
			c.bad(at, p.Name, wantName)
		}
		c.size(at, p.Size)
		for _, o := range v.Shared[:i] {
			if o.Name == p.Name {
				c.bad(at, p.Size, "the variant has the part twice")
			}
		}
	}
	c.time(path+".pre_ms", v.Pre, 0)
	c.time(path+".infer_ms", v.Infer, 0)
	c.time(path+".post_ms", v.Post, 0)
}

func (c *checker) packing(s *Set) {
	rows := make(map[[2]Ref]int, len(s.Packing))
	for i, p := range s.Packing {
		path := fmt.Sprintf("packing[%d]", i)
		sound := true
		for _, end := range []struct {
			field string
			ref   Ref
			slow  Millionths
		}{{"a", p.A, p.SlowA}, {"b", p.B, p.SlowB}} {
			if !s.has(end.ref) {
				c.bad(path+"."+end.field, end.ref, "want the task and variant of the set")
				sound = false
			}
			if end.slow < One || end.slow > MaxFactor {
				c.bad(path+".slow_"+end.field, end.slow, "want 1 to %v", MaxFactor)
			}
		}
		if !sound {
			continue
		}
		if p.A == p.B {
			c.bad(path+".b", s.VariantName(p.B), "want another variant than a: jobs of one task never share")
			continue
		}
		if j, ok := rows[p.key()]; ok {
			c.bad(path, s.VariantName(p.A)+", "+s.VariantName(p.B), "packing[%d] has the same pair", j)
			continue
		}
		rows[p.key()] = i
	}
}

// key is the same for both orders of a pair.
func (p *Pair) key() [2]Ref {
	if p.A.Task > p.B.Task || p.A.Task == p.B.Task && p.A.Variant > p.B.Variant {
		return [2]Ref{p.B, p.A}
	}
	return [2]Ref{p.A, p.B}
}

func (s *Set) has(r Ref) bool {
	return r.Task >= 0 && r.Task < len(s.Tasks) && r.Variant >= 0 && r.Variant < len(s.Tasks[r.Task].Variants)
}

func (c *checker) unique(seen map[string]int, field, where string, i int, name string) {
	if j, ok := seen[name]; ok && name != "" {
		c.bad(field, name, where+" has the same name", j)
		return
	}
	seen[name] = i
}

func (c *checker) time(field string, d, least time.Duration) {
	switch {
	case d >= least && d <= MaxTime:
	case least > 0:
		c.bad(field, formatMillionths(int64(d)), "want more than 0, at most %s ms", formatMillionths(int64(MaxTime)))
	default:
		c.bad(field, formatMillionths(int64(d)), "want 0 to %s ms", formatMillionths(int64(MaxTime)))
	}
}

func (c *checker) size(field string, b Bytes) {
	if b < 0 || b > MaxBytes {
		c.bad(field, b, "want 0 to %d", MaxBytes)
	}
}

const (
	maxName  = 200
	wantName = `want a name of 1 to 200 printable characters without "/" and without spaces at its ends`
)

func (c *checker) name(field, name string) {
	if !validName(name) {
		c.bad(field, name, wantName)
	}
}

func validName(name string) bool {
	return name != "" && len(name) <= maxName && utf8.ValidString(name) && strings.TrimSpace(name) == name &&
		!strings.ContainsFunc(name, func(r rune) bool { return r == '/' || !unicode.IsPrint(r) })
}
