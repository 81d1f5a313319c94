package ros

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"rtmdl/internal/ros/msg"
)

// ErrParameter is returned by Params.Err for values of the wrong type, out of range, or for names that no
// parameter has.
var ErrParameter = errors.New("parameter")

// Params are the parameters of a node: declared one by one with a description and a default, overridden by the command line,
// and read and set by ROS's services. Problems are collected, so that Err reports all of them at once; a declaration
// with a problem returns its default. Safe for concurrent use.
//
// A parameter can be set while the node runs if Live says how; any other is read-only then.
type Params struct {
	node    string
	setting sync.Mutex // one set of parameters is set after the other; held before mu

	mu       sync.Mutex // guards all below
	given    map[string]given
	declared []*parameter // in their order
	problems []error
}

// parameter is a declared one.
type parameter struct {
	msg.ParameterDescriptor
	value any
	check func(any) (any, error) // returns the value as it is kept; the error is a phrase: "is 3, and must be …"
	apply func(any) error        // nil: it can't be set while the node runs
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
func (p *Params) String(name, description, byDefault string, allowed ...string) string {
	return declare(p, msg.ParameterDescriptor{Name: name, Description: description, Constraints: oneOf(allowed)}, byDefault, "a text",
		func(v string) error {
			if len(allowed) > 0 && !slices.Contains(allowed, v) {
				return fmt.Errorf("is '%s', and must be one of %s", v, strings.Join(allowed, ", "))
			}
			return nil
		})
}

// Bool declares a switch.
func (p *Params) Bool(name, description string, byDefault bool) bool {
	return declare(p, msg.ParameterDescriptor{Name: name, Description: description}, byDefault, "true or false",
		func(bool) error { return nil })
}

// Int declares a whole number in [lowest, highest].
func (p *Params) Int(name, description string, byDefault, lowest, highest int64) int64 {
	d := msg.ParameterDescriptor{Name: name, Description: description, Integers: &msg.IntRange{From: lowest, To: highest}}
	return declare(p, d, byDefault, "a whole number", func(v int64) error {
		if v < lowest || v > highest {
			return fmt.Errorf("is %d, and must be from %d to %d", v, lowest, highest)
		}
		return nil
	})
}

// Float declares a number in [lowest, highest]; a whole number is accepted, NaN is not.
func (p *Params) Float(name, description string, byDefault, lowest, highest float64) float64 {
	d := msg.ParameterDescriptor{Name: name, Description: description, Floats: &msg.FloatRange{From: lowest, To: highest}}
	return declare(p, d, byDefault, "a number", func(v float64) error {
		if !(v >= lowest && v <= highest) { // written so that NaN fails
			return fmt.Errorf("is %v, and must be from %v to %v", v, lowest, highest)
		}
		return nil
	})
}

// Ints declares a list of whole numbers, each in [lowest, highest]; the empty list, [], is accepted.
func (p *Params) Ints(name, description string, byDefault []int64, lowest, highest int64) []int64 {
	d := msg.ParameterDescriptor{Name: name, Description: description, Constraints: fmt.Sprintf("each from %d to %d", lowest, highest)}
	return declare(p, d, byDefault, "a list of whole numbers", func(values []int64) error {
		for i, v := range values {
			if v < lowest || v > highest {
				return fmt.Errorf("has %d at position %d, and its values must be from %d to %d", v, i, lowest, highest)
			}
		}
		return nil
	})
}

// Strings declares a list of texts. Allowed values may be listed; none: any texts. The empty list, [], is accepted.
func (p *Params) Strings(name, description string, byDefault []string, allowed ...string) []string {
	d := msg.ParameterDescriptor{Name: name, Description: description, Constraints: oneOf(allowed)}
	return declare(p, d, byDefault, "a list of texts", func(values []string) error {
		for i, v := range values {
			if len(allowed) > 0 && !slices.Contains(allowed, v) {
				return fmt.Errorf("has '%s' at position %d, and its values must be among %s", v, i, strings.Join(allowed, ", "))
			}
		}
		return nil
	})
}

func oneOf(allowed []string) string {
	if len(allowed) == 0 {
		return ""
	}
	return "one of " + strings.Join(allowed, ", ")
}

// Live makes a declared parameter one that can be set while the node runs. apply puts a sound value into effect before it
// is kept; the reason why it can't is a phrase such as "needs plan auto". It is called on the goroutine of the services,
// by one call at a time, and may read parameters. T must be the type of the declaration.
func Live[T any](p *Params, name string, apply func(T) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	own := p.find(name)
	own.ReadOnly = false
	own.apply = func(v any) error { return apply(v.(T)) }
}

// Reject reports a value that its owner can't use, as Err's next problem: "parameter NAME of NODE " and the text, such
// as "is empty".
func (p *Params) Reject(name, format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.problem(name, fmt.Errorf(format, args...))
}

// Err returns every problem found so far, wrapping ErrParameter; among them are names that were given for just
// this node and that it did not declare: call it when all are declared. It returns nil when all is well.
func (p *Params) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	problems := slices.Clone(p.problems)
	for _, name := range p.undeclared() {
		if !p.given[name].shared {
			problems = append(problems, fmt.Errorf("%w %s of %s %w", ErrParameter, name, p.node, p.unknown()))
		}
	}
	return errors.Join(problems...)
}

// unknown is what is wrong with a name that no parameter has. The caller holds mu.
func (p *Params) unknown() error {
	var names []string
	for _, d := range p.declared {
		names = append(names, d.Name)
	}
	return fmt.Errorf("is not known; it has %s", strings.Join(names, ", "))
}

// undeclared returns the names that were given and not declared, in order.
func (p *Params) undeclared() []string {
	var names []string
	for name := range p.given {
		// qos_overrides belong to every ROS node; launch files set them for all.
		if p.find(name) == nil && !strings.HasPrefix(name, "qos_overrides.") {
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

// problem keeps what is wrong with a parameter. The caller holds mu.
func (p *Params) problem(name string, err error) {
	p.problems = append(p.problems, fmt.Errorf("%w %s of %s %w", ErrParameter, name, p.node, err))
}

// find returns a declared parameter, nil if there is none of the name. The caller holds mu.
func (p *Params) find(name string) *parameter {
	for _, d := range p.declared {
		if d.Name == name {
			return d
		}
	}
	return nil
}

// declare adds a parameter and returns its value; of one that is there already, its value as it is. kind is the type in words.
func declare[T any](p *Params, d msg.ParameterDescriptor, byDefault T, kind string, sound func(T) error) T {
	d.Type, d.ReadOnly = msg.ParameterValue{Value: byDefault}.Type(), true
	own := &parameter{ParameterDescriptor: d, value: byDefault, check: func(given any) (any, error) {
		v, ok := converted[T](given)
		if !ok {
			return nil, fmt.Errorf("is '%v', and must be %s", given, kind)
		}
		return v, sound(v)
	}}
	p.mu.Lock()
	defer p.mu.Unlock()
	if known := p.find(d.Name); known != nil {
		return known.value.(T)
	}
	p.declared = append(p.declared, own)
	g, ok := p.given[d.Name]
	if !ok {
		return byDefault
	}
	v, err := own.check(g.value)
	if err != nil {
		p.problem(d.Name, err)
		return byDefault
	}
	own.value = v
	return v.(T)
}

// converted returns a value that was given as the type that is wanted: a whole number is a number too, and of an empty list
// nothing says what it is one of (ROS's parser gives nil, rclpy a list of bytes).
func converted[T any](given any) (v T, ok bool) {
	if v, ok = given.(T); ok {
		return v, true
	}
	if whole, is := given.(int64); is {
		if f, wanted := any(&v).(*float64); wanted {
			*f = float64(whole)
			return v, true
		}
	}
	list := reflect.ValueOf(given)
	if t := reflect.TypeFor[T](); t.Kind() == reflect.Slice && (given == nil || list.Kind() == reflect.Slice && list.Len() == 0) {
		return reflect.MakeSlice(t, 0, 0).Interface().(T), true
	}
	return v, false
}
