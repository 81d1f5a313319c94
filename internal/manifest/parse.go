package manifest

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// parser reads YAML nodes. It keeps the first error, and the line of every field for the checks that follow.
type parser struct {
	path  string
	lines map[string]int
	to    string // where copies of the files go; "": nowhere
	err   error
}

// parse reads a manifest without looking at the files it names.
func (p *parser) parse(data []byte) *Manifest {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		p.fail("", fmt.Errorf("%w: %v; correct the YAML", ErrSyntax, err))
		return nil
	}
	if len(doc.Content) != 1 {
		p.fail("", fmt.Errorf("%w: it is empty; write version and tasks", ErrSyntax))
		return nil
	}
	m := &Manifest{}
	p.mapping(doc.Content[0], "", "", map[string]reader{
		"version": integer(&m.Version, 1, 1),
		"tasks":   list(&m.Tasks, 1, taskOf),
	})
	return m
}

// reader reads one field.
type reader func(p *parser, n *yaml.Node, field string)

func (p *parser) fail(field string, err error) {
	if p.err == nil {
		p.err = &Error{File: p.path, Line: p.lines[field], Field: field, Err: err}
	}
}

func (p *parser) syntax(field, format string, args ...any) {
	p.fail(field, fmt.Errorf("%w: %s", ErrSyntax, fmt.Sprintf(format, args...)))
}

// mapping reads a mapping with exactly these fields; optional names, with spaces between them, may be left out.
func (p *parser) mapping(n *yaml.Node, field, optional string, fields map[string]reader) {
	p.lines[field] = n.Line
	if n.Kind != yaml.MappingNode {
		p.syntax(field, "must be a mapping (field: value)")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content) && p.err == nil; i += 2 {
		key, name := n.Content[i], join(field, n.Content[i].Value)
		p.lines[name] = key.Line
		read, known := fields[key.Value]
		switch {
		case key.Kind != yaml.ScalarNode || !known:
			p.syntax(name, "unknown field; remove it or correct its name")
		case seen[key.Value]:
			p.syntax(name, "stands twice; remove one")
		default:
			seen[key.Value] = true
			read(p, n.Content[i+1], name)
		}
	}
	missing := []string{}
	for name := range fields {
		if !seen[name] && !slices.Contains(strings.Fields(optional), name) {
			missing = append(missing, name)
		}
	}
	if slices.Sort(missing); len(missing) > 0 {
		p.syntax(field, "fields are missing, add them: %s", strings.Join(missing, ", "))
	}
}

func join(field, name string) string {
	if field == "" {
		return name
	}
	return field + "." + name
}

func (p *parser) scalar(n *yaml.Node, field, what string, v any, tags ...string) bool {
	if n.Kind != yaml.ScalarNode || !slices.Contains(tags, n.Tag) || n.Decode(v) != nil {
		p.syntax(field, "must be %s", what)
		return false
	}
	return true
}

// text reads a string that is not empty.
func text(v *string) reader {
	return func(p *parser, n *yaml.Node, field string) {
		if p.scalar(n, field, "a text (in quotes if it looks like a number)", v, "!!str") && strings.TrimSpace(*v) == "" {
			p.syntax(field, "must not be empty")
		}
	}
}

// integer reads a whole number from low to high.
func integer(v *int64, low, high int64) reader {
	return func(p *parser, n *yaml.Node, field string) {
		if p.scalar(n, field, "a whole number", v, "!!int") && (*v < low || *v > high) {
			p.syntax(field, "%d must be from %d to %d", *v, low, high)
		}
	}
}

// number reads a number from low to high.
func number(v *float64, low, high float64) reader {
	return func(p *parser, n *yaml.Node, field string) {
		if p.scalar(n, field, "a number", v, "!!int", "!!float") && !(*v >= low && *v <= high) {
			p.syntax(field, "%v must be from %v to %v", *v, low, high)
		}
	}
}

// list reads a sequence of at least so many elements.
func list[T any](v *[]T, least int, element func(*T) reader) reader {
	return func(p *parser, n *yaml.Node, field string) {
		if n.Kind != yaml.SequenceNode || len(n.Content) < least {
			p.syntax(field, "must be a list of at least %d", least)
			return
		}
		*v = nil // also where it is empty
		if len(n.Content) > 0 {
			*v = make([]T, len(n.Content))
		}
		for i, c := range n.Content {
			name := fmt.Sprintf("%s[%d]", field, i)
			p.lines[name] = c.Line
			element(&(*v)[i])(p, c, name)
		}
	}
}

func taskOf(t *Task) reader {
	return func(p *parser, n *yaml.Node, field string) {
		p.mapping(n, field, "shared parts extras", map[string]reader{
			"name": text(&t.Name), "metric": text(&t.Metric), "labels": list(&t.Labels, 1, text),
			"outputs": list(&t.Outputs, 1, tensor), "levels": list(&t.Levels, 1, level), "parts": parts(t),
			"extras": list(&t.Extras, 1, extra), "input": input(&t.Input),
			"shared": func(p *parser, n *yaml.Node, field string) {
				t.Shared = &File{}
				p.mapping(n, field, "", fileFields(t.Shared))
			},
		})
	}
}

func input(v *Input) reader {
	return func(p *parser, n *yaml.Node, field string) {
		fields := tensorFields(&v.Tensor)
		fields["colour"] = text(&v.Colour)
		fields["low"], fields["high"] = finite(&v.Low), finite(&v.High)
		p.mapping(n, field, "", fields)
	}
}

func finite(v *float64) reader { return number(v, -math.MaxFloat64, math.MaxFloat64) }

func size(v *int64) reader { return integer(v, 1, math.MaxInt64) }

func tensorFields(t *Tensor) map[string]reader {
	return map[string]reader{"name": text(&t.Name), "shape": list(&t.Shape, 1, size)}
}

func tensor(t *Tensor) reader {
	return func(p *parser, n *yaml.Node, field string) { p.mapping(n, field, "", tensorFields(t)) }
}

func fileFields(f *File) map[string]reader {
	return map[string]reader{"file": text(&f.Path), "sha256": text(&f.SHA256), "bytes": size(&f.Bytes)}
}

func parts(t *Task) reader {
	return func(p *parser, n *yaml.Node, field string) {
		t.Parts = map[string]int64{}
		fields := map[string]reader{}
		if n.Kind == yaml.MappingNode {
			for i := 0; i < len(n.Content); i += 2 {
				name := n.Content[i].Value
				fields[name] = func(p *parser, n *yaml.Node, field string) {
					var v int64
					size(&v)(p, n, field)
					t.Parts[name] = v
				}
			}
		}
		p.mapping(n, field, "", fields)
	}
}

func level(l *Level) reader {
	return func(p *parser, n *yaml.Node, field string) {
		fields := fileFields(&l.File)
		fields["name"], fields["parts"] = text(&l.Name), list(&l.Parts, 0, text)
		fields["shared_layers"] = integer(&l.SharedLayers, 0, math.MaxInt32)
		fields["accuracy"], fields["val"] = accuracy(&l.Accuracy), accuracy(&l.Val)
		fields["parameters"], fields["macs"] = size(&l.Parameters), size(&l.MACs)
		v := &l.Provenance
		fields["provenance"] = func(p *parser, n *yaml.Node, field string) {
			p.mapping(n, field, "", map[string]reader{
				"seed": integer(&v.Seed, math.MinInt64, math.MaxInt64), "epochs": integer(&v.Epochs, 0, math.MaxInt32),
				"train_minutes": number(&v.TrainMinutes, 0, math.MaxFloat64), "machine": text(&v.Machine), "data": text(&v.Data), "git": text(&v.Git),
			})
		}
		p.mapping(n, field, "parts", fields)
	}
}

func extra(e *Extra) reader {
	return func(p *parser, n *yaml.Node, field string) {
		fields := fileFields(&e.File)
		fields["name"], fields["parts"] = text(&e.Name), list(&e.Parts, 0, text)
		fields["input"], fields["outputs"] = input(&e.Input), list(&e.Outputs, 1, tensor)
		p.mapping(n, field, "parts", fields)
	}
}

func accuracy(a *Accuracy) reader {
	return func(p *parser, n *yaml.Node, field string) {
		p.mapping(n, field, "", map[string]reader{
			"value": number(&a.Value, 0, 1), "low": number(&a.Low, 0, 1), "high": number(&a.High, 0, 1), "count": size(&a.Count),
		})
		if p.err == nil && (a.Low > a.Value || a.Value > a.High) {
			p.syntax(field, "value %v must be from low %v to high %v", a.Value, a.Low, a.High)
		}
	}
}
