package task

import (
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"rtmdl/scheduler/core"
)

// The fields of each mapping of a task-set file, the required ones first.
var (
	setFields         = []string{"tasks", "platform", "constraints", "packing"}
	platformFields    = []string{"cpu_workers", "accelerator_slots"}
	constraintsFields = []string{"storage_bytes", "late", "packing_bound", "packing_guard"}
	taskFields        = []string{"name", "period_ms", "variants",
		"deadline_ms", "offset_ms", "jitter_ms", "max_miss_rate", "cv", "queue"}
	variantFields = []string{"name", "accuracy", "storage_bytes", "pre_ms", "infer_ms", "post_ms", "shared_storage"}
	pairFields    = []string{"a", "b", "slow_a", "slow_b"}
)

// ParseSet reads a task set from the content of a file; name is for problems
// alone. The error is Problems.
func ParseSet(name string, data []byte) (*Set, error) {
	if err := sizeOf(name, data); err != nil {
		return nil, err
	}
	d := &decoder{file: name, broken: map[string]bool{}}
	root := d.document(data)
	if root == nil {
		return nil, d.problems.err()
	}
	s := NewSet()
	var packing *yaml.Node
	ok := d.mapping(root, "", setFields, 1, func(key string, v *yaml.Node) {
		switch key {
		case "platform":
			d.platform(v, s)
		case "constraints":
			d.constraints(v, s)
		case "tasks":
			d.sequence(v, "tasks", func(path string, v *yaml.Node) { s.Tasks = append(s.Tasks, d.task(v, path)) })
		case "packing":
			packing = v
		}
	})
	if !ok {
		return nil, d.problems.err()
	}
	if packing != nil {
		refs := newRefs(s)
		d.sequence(packing, "packing", func(path string, v *yaml.Node) {
			s.Packing = append(s.Packing, d.pair(v, path, refs))
		})
	}
	var c checker
	c.set(s)
	if err := d.finish(root, c.problems); err != nil {
		return nil, err
	}
	return s, nil
}

func (d *decoder) platform(n *yaml.Node, s *Set) {
	d.mapping(n, "platform", platformFields, 0, func(key string, v *yaml.Node) {
		i := d.integer(v, "platform."+key)
		if key == "cpu_workers" {
			s.Platform.CPUWorkers = int(i)
		} else {
			s.Platform.AcceleratorSlots = int(i)
		}
	})
}

func (d *decoder) constraints(n *yaml.Node, s *Set) {
	c := &s.Constraints
	d.mapping(n, "constraints", constraintsFields, 0, func(key string, v *yaml.Node) {
		field := "constraints." + key
		switch key {
		case "storage_bytes":
			if c.Storage = Bytes(d.integer(v, field)); c.Storage == 0 && !d.broken[field] {
				d.bad(v, field, "want at least 1; leave it out for no bound")
			}
		case "late":
			var err error
			if c.Late, err = core.ParseLatePolicy(d.text(v, field)); err != nil && !d.broken[field] {
				d.bad(v, field, "want run, skip or abort")
			}
		case "packing_bound":
			c.PackingBound = Millionths(d.millionths(v, field))
		case "packing_guard":
			c.PackingGuard = Millionths(d.millionths(v, field))
		}
	})
}

func (d *decoder) task(n *yaml.Node, path string) Task {
	t := Task{MaxMissRate: DefaultMaxMissRate}
	deadline := false
	d.mapping(n, path, taskFields, 3, func(key string, v *yaml.Node) {
		field := path + "." + key
		switch key {
		case "name":
			t.Name = d.text(v, field)
		case "period_ms":
			t.Period = time.Duration(d.millionths(v, field))
		case "deadline_ms":
			deadline = true
			t.Deadline = time.Duration(d.millionths(v, field))
		case "offset_ms":
			t.Offset = time.Duration(d.millionths(v, field))
		case "jitter_ms":
			t.Jitter = time.Duration(d.millionths(v, field))
		case "max_miss_rate":
			t.MaxMissRate = Rate(d.float(v, field))
		case "cv":
			t.CV = d.float(v, field)
		case "queue":
			t.Queue = int(d.integer(v, field))
		case "variants":
			d.sequence(v, field, func(at string, v *yaml.Node) { t.Variants = append(t.Variants, d.variant(v, at)) })
		}
	})
	if !deadline {
		t.Deadline = t.Period
		d.broken[path+".deadline_ms"] = t.Period <= 0 || t.Period > MaxTime // enough is said about the period
	}
	for _, field := range []string{".name", ".variants"} {
		if d.broken[path] { // no mapping: nothing of it has to be there
			d.broken[path+field] = true
		}
	}
	if d.broken[path] {
		t.Period, t.Deadline = 1, 1
	}
	return t
}

func (d *decoder) variant(n *yaml.Node, path string) Variant {
	var r Variant
	ok := d.mapping(n, path, variantFields, 6, func(key string, v *yaml.Node) {
		field := path + "." + key
		switch key {
		case "name":
			r.Name = d.text(v, field)
		case "accuracy":
			r.Accuracy = Rate(d.float(v, field))
		case "storage_bytes":
			r.Storage = Bytes(d.integer(v, field))
		case "pre_ms":
			r.Pre = time.Duration(d.millionths(v, field))
		case "infer_ms":
			r.Infer = time.Duration(d.millionths(v, field))
		case "post_ms":
			r.Post = time.Duration(d.millionths(v, field))
		case "shared_storage":
			r.Shared = d.parts(v, field)
		}
	})
	if !ok {
		d.broken[path+".name"] = true
	}
	return r
}

// parts reads a mapping of names that are the user's own.
func (d *decoder) parts(n *yaml.Node, path string) []Part {
	if n.Kind != yaml.MappingNode {
		d.bad(n, path, d.wantKind(n, "a mapping"))
		return nil
	}
	var parts []Part
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if !d.scalar(key, path, "a name", false) {
			continue
		}
		field := path + "." + key.Value
		parts = append(parts, Part{Name: key.Value, Size: Bytes(d.integer(n.Content[i+1], field))})
	}
	return parts
}

func (d *decoder) pair(n *yaml.Node, path string, refs *refs) Pair {
	p := Pair{A: noRef, B: noRef}
	ok := d.mapping(n, path, pairFields, 4, func(key string, v *yaml.Node) {
		field := path + "." + key
		switch key {
		case "a":
			p.A = d.ref(v, field, refs)
		case "b":
			p.B = d.ref(v, field, refs)
		case "slow_a":
			p.SlowA = Millionths(d.millionths(v, field))
		case "slow_b":
			p.SlowB = Millionths(d.millionths(v, field))
		}
	})
	if !ok {
		for _, key := range pairFields {
			d.broken[path+"."+key] = true
		}
	}
	return p
}

var noRef = Ref{-1, -1}

// ref reads task/variant. A name that is not known is broken: the checker,
// which sees indices, need not repeat it.
func (d *decoder) ref(n *yaml.Node, path string, refs *refs) Ref {
	text := d.text(n, path)
	if d.broken[path] {
		return noRef
	}
	name, variant, ok := strings.Cut(text, "/")
	switch r := refs.find(name, variant); {
	case !ok:
		d.bad(n, path, "want task/variant")
	case r.Task < 0:
		d.bad(n, path, "no task has this name")
	case r.Variant < 0:
		d.bad(n, path, "no variant of the task has this name")
	default:
		return r
	}
	return noRef
}
