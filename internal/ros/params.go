package ros

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// ErrParameter is returned by Params.Err for values of the wrong type, out of range, or for names that no
// parameter has.
var ErrParameter = errors.New("parameter")

// Params are the parameters of a node: declared one by one with a default, overridden by the command line.
// Problems are collected, so that Err reports all of them at once; a declaration with a problem returns its
// default. Safe for concurrent use.
type Params struct {
	node string

	mu       sync.Mutex // guards all below
	given    map[string]given
	declared []string
	problems []error
}

// given is a value from the command line.
type given struct {
	value  any
	shared bool // it was given for a pattern of nodes, not for this one alone
}

func newParams(node string, values map[string]given) *Params {
	return &Params{node: node, given: values}
}

// String declares a text parameter. Allowed values may be listed; none: any text.
func (p *Params) String(name, byDefault string, allowed ...string) string {
	v := declare(p, name, byDefault, "a text")
	if len(allowed) > 0 && !slices.Contains(allowed, v) {
		p.problem(name, "is '%s', and must be one of %s", v, strings.Join(allowed, ", "))
		return byDefault
	}
	return v
}

// Bool declares a switch.
func (p *Params) Bool(name string, byDefault bool) bool {
	return declare(p, name, byDefault, "true or false")
}

// Int declares a whole number in [lowest, highest].
func (p *Params) Int(name string, byDefault, lowest, highest int64) int64 {
	v := declare(p, name, byDefault, "a whole number")
	if v < lowest || v > highest {
		p.problem(name, "is %d, and must be from %d to %d", v, lowest, highest)
		return byDefault
	}
	return v
}

// Float declares a number in [lowest, highest]; a whole number is accepted, NaN is not.
func (p *Params) Float(name string, byDefault, lowest, highest float64) float64 {
	p.mu.Lock()
	if g := p.given[name]; g.value != nil {
		if whole, ok := g.value.(int64); ok {
			p.given[name] = given{float64(whole), g.shared}
		}
	}
	p.mu.Unlock()
	v := declare(p, name, byDefault, "a number")
	if !(v >= lowest && v <= highest) { // written so that NaN fails
		p.problem(name, "is %v, and must be from %v to %v", v, lowest, highest)
		return byDefault
	}
	return v
}

// Ints declares a list of whole numbers, each in [lowest, highest]; the empty list, [], is accepted.
func (p *Params) Ints(name string, byDefault []int64, lowest, highest int64) []int64 {
	p.mu.Lock()
	if g, ok := p.given[name]; ok && g.value == nil { // all that ROS's parser says of []
		p.given[name] = given{[]int64{}, g.shared}
	}
	p.mu.Unlock()
	values := declare(p, name, byDefault, "a list of whole numbers")
	for i, v := range values {
		if v < lowest || v > highest {
			p.problem(name, "has %d at position %d, and its values must be from %d to %d", v, i, lowest, highest)
			return byDefault
		}
	}
	return values
}

// Strings declares a list of texts. Allowed values may be listed; none: any texts. The empty list, [], is accepted.
func (p *Params) Strings(name string, byDefault []string, allowed ...string) []string {
	p.mu.Lock()
	if g, ok := p.given[name]; ok && g.value == nil { // all that ROS's parser says of []
		p.given[name] = given{[]string{}, g.shared}
	}
	p.mu.Unlock()
	values := declare(p, name, byDefault, "a list of texts")
	for i, v := range values {
		if len(allowed) > 0 && !slices.Contains(allowed, v) {
			p.problem(name, "has '%s' at position %d, and its values must be among %s", v, i, strings.Join(allowed, ", "))
			return byDefault
		}
	}
	return values
}

// Reject reports a value that its owner can't use, as Err's next problem: "parameter NAME of NODE " and the text, such
// as "is empty".
func (p *Params) Reject(name, format string, args ...any) { p.problem(name, format, args...) }

// Err returns every problem found so far, wrapping ErrParameter; among them are names that were given for just
// this node and that it did not declare: call it when all are declared. It returns nil when all is well.
func (p *Params) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	problems := slices.Clone(p.problems)
	for _, name := range p.undeclared() {
		if !p.given[name].shared {
			problems = append(problems, fmt.Errorf("%w %s of %s is not known; it has %s",
				ErrParameter, name, p.node, strings.Join(p.declared, ", ")))
		}
	}
	return errors.Join(problems...)
}

// undeclared returns the names that were given and not declared, in order.
func (p *Params) undeclared() []string {
	var names []string
	for name := range p.given {
		// use_sim_time and qos_overrides belong to every ROS node; launch files set them for all.
		if !slices.Contains(p.declared, name) && name != "use_sim_time" && !strings.HasPrefix(name, "qos_overrides.") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// UnusedParameters returns the names that were given for all nodes and that none of the nodes has: typing errors,
// or meant for another process that shares the parameter file.
func UnusedParameters(nodes ...*Node) []string {
	unused := map[string]int{}
	for _, n := range nodes {
		n.params.mu.Lock()
		for _, name := range n.params.undeclared() {
			unused[name]++
		}
		n.params.mu.Unlock()
	}
	var names []string
	for name, n := range unused {
		if n == len(nodes) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (p *Params) problem(name, format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.problems = append(p.problems, fmt.Errorf("%w %s of %s %s", ErrParameter, name, p.node, fmt.Sprintf(format, args...)))
}

func declare[T any](p *Params, name string, byDefault T, kind string) T {
	p.mu.Lock()
	p.declared = append(p.declared, name)
	g, ok := p.given[name]
	p.mu.Unlock()
	if !ok {
		return byDefault
	}
	v, ok := g.value.(T)
	if !ok {
		p.problem(name, "is '%v', and must be %s", g.value, kind)
		return byDefault
	}
	return v
}
