package task

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// decoder turns YAML nodes into values and collects the problems on the way.
// It knows the form of values; their ranges are for the checker.
type decoder struct {
	file     string
	problems Problems
	broken   map[string]bool // fields without a value, about which enough is said
}

var yamlLine = regexp.MustCompile(`line (\d+): `)

// document parses data as one YAML document and returns its root, or nil.
func (d *decoder) document(data []byte) *yaml.Node {
	var doc, second yaml.Node
	reader := yaml.NewDecoder(bytes.NewReader(data))
	err := decodeNode(reader, &doc)
	if err == nil {
		switch next := decodeNode(reader, &second); {
		case next == nil:
			d.problems = append(d.problems, Problem{File: d.file, Line: second.Line, Want: "want one document a file"})
			return nil
		case !errors.Is(next, io.EOF):
			err = next
		}
	}
	if errors.Is(err, io.EOF) {
		d.problems = append(d.problems, Problem{File: d.file, Line: 1, Want: "the file is empty"})
		return nil
	}
	if err != nil {
		text, line := strings.TrimPrefix(err.Error(), "yaml: "), 0
		if m := yamlLine.FindStringSubmatch(text); m != nil {
			line, _ = strconv.Atoi(m[1])
			text = strings.Replace(text, m[0], "", 1)
		}
		d.problems = append(d.problems, Problem{File: d.file, Line: line, Want: "is no YAML: " + text})
		return nil
	}
	return doc.Content[0]
}

// decodeNode is Decode for a parser that is known to panic on some input.
func decodeNode(r *yaml.Decoder, n *yaml.Node) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the parser gives up: %v", p)
		}
	}()
	return r.Decode(n)
}

// bad notes a problem with a node.
func (d *decoder) bad(n *yaml.Node, field, want string) {
	value := ""
	if n.Kind == yaml.ScalarNode {
		value = n.Value
	}
	d.problems = append(d.problems, Problem{File: d.file, Line: n.Line, Field: field, Value: value, Want: want})
	d.broken[field] = true
}

// mapping calls visit for each value of a mapping, the fields of which are
// known and in part required, and reports whether n is one.
func (d *decoder) mapping(n *yaml.Node, path string, known []string, required int,
	visit func(key string, v *yaml.Node)) bool {
	if n.Kind != yaml.MappingNode {
		d.bad(n, path, d.wantKind(n, "a mapping"))
		return false
	}
	var seen uint64
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		k := -1
		if key.Kind == yaml.ScalarNode {
			k = slices.Index(known, key.Value)
		}
		switch {
		case k < 0:
			d.bad(key, join(path, key.Value), "unknown field, want one of "+strings.Join(known, ", "))
		case seen>>k&1 != 0:
			d.bad(key, join(path, key.Value), "the field is there twice")
		default:
			seen |= 1 << k
			visit(known[k], value)
		}
	}
	for k := range required {
		if seen>>k&1 == 0 {
			field := join(path, known[k])
			d.problems = append(d.problems, Problem{File: d.file, Line: n.Line, Field: field, Want: "is missing"})
			d.broken[field] = true
		}
	}
	return true
}

// sequence calls visit for each element and reports whether n is a sequence.
func (d *decoder) sequence(n *yaml.Node, path string, visit func(path string, v *yaml.Node)) bool {
	if n.Kind != yaml.SequenceNode {
		d.bad(n, path, d.wantKind(n, "a sequence"))
		return false
	}
	for i, v := range n.Content {
		visit(path+"["+strconv.Itoa(i)+"]", v)
	}
	return true
}

func (d *decoder) wantKind(n *yaml.Node, kind string) string {
	if n.Kind == yaml.AliasNode {
		return "aliases are not accepted"
	}
	return "want " + kind
}

// scalar reports whether n is a scalar, and of numbers one without quotes.
func (d *decoder) scalar(n *yaml.Node, path, kind string, number bool) bool {
	quoted := n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
	if n.Kind == yaml.ScalarNode && n.Tag != "!!null" && !(number && (quoted || n.Style&yaml.TaggedStyle != 0)) {
		return true
	}
	d.bad(n, path, d.wantKind(n, kind))
	return false
}

func (d *decoder) text(n *yaml.Node, path string) string {
	if !d.scalar(n, path, "a name", false) {
		return ""
	}
	return n.Value
}

// millionths reads a number with up to 6 decimals.
func (d *decoder) millionths(n *yaml.Node, path string) int64 {
	if !d.scalar(n, path, "a number", true) {
		return 0
	}
	m, err := parseMillionths(n.Value)
	if err != nil {
		d.bad(n, path, err.Error())
	}
	return m
}

func (d *decoder) float(n *yaml.Node, path string) float64 {
	if !d.scalar(n, path, "a number", true) {
		return 0
	}
	x, err := parseFloat(n.Value)
	if err != nil {
		d.bad(n, path, err.Error())
	}
	return x
}

func (d *decoder) integer(n *yaml.Node, path string) int64 {
	if !d.scalar(n, path, "a whole number", true) {
		return 0
	}
	m, err := parseMillionths(n.Value)
	switch {
	case err == nil && m%1e6 == 0:
		return m / 1e6
	case errors.Is(err, errRange):
		// Sizes reach beyond what millionths can hold.
		if i, err := strconv.ParseInt(n.Value, 10, 64); err == nil {
			return i
		}
		d.bad(n, path, errRange.Error())
	default:
		d.bad(n, path, "want a whole number")
	}
	return 0
}

func (d *decoder) boolean(n *yaml.Node, path string) bool {
	if d.scalar(n, path, "true or false", true) && n.Value != "true" && n.Value != "false" {
		d.bad(n, path, "want true or false")
	}
	return n.Value == "true"
}

// finish adds the checker's problems, each with the line and the text of the
// field that it is about, and returns all as an error.
func (d *decoder) finish(root *yaml.Node, found Problems) error {
	for _, p := range found {
		if d.broken[p.Field] {
			continue
		}
		p.File = d.file
		n := locate(root, p.Field)
		p.Line = n.Line
		if n.Kind == yaml.ScalarNode && n != root {
			p.Value = n.Value
		}
		d.problems = append(d.problems, p)
	}
	return d.problems.err()
}

// locate returns the node of a field, or the innermost one around it that
// there is.
func locate(n *yaml.Node, path string) *yaml.Node {
	for path != "" {
		var next *yaml.Node
		rest := ""
		switch {
		case n.Kind == yaml.SequenceNode && path[0] == '[':
			end := strings.IndexByte(path, ']')
			if i, err := strconv.Atoi(path[1:max(end, 1)]); err == nil && i < len(n.Content) {
				next, rest = n.Content[i], path[end+1:]
			}
		case n.Kind == yaml.MappingNode:
			path = strings.TrimPrefix(path, ".")
			longest := -1
			for i := 0; i+1 < len(n.Content); i += 2 {
				key := n.Content[i].Value
				after, ok := strings.CutPrefix(path, key)
				if ok && len(key) > longest && (after == "" || after[0] == '.' || after[0] == '[') {
					next, rest, longest = n.Content[i+1], after, len(key)
				}
			}
		}
		if next == nil {
			return n
		}
		n, path = next, rest
	}
	return n
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
