package ros

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.uber.org/zap"

	"rtmdl/internal/ros/msg"
)

// serveParameters offers the six services that every ROS node has for its parameters, and makes the publisher on which it
// tells of their changes.
func (n *Node) serveParameters() (err error) {
	p := n.params
	if n.events, err = n.Publish("/parameter_events", msg.TypeParameterEvent, QoS{Depth: 1000, Reliable: true}); err != nil {
		return err
	}
	return errors.Join(
		ServeRequest(n, "~/get_parameters", msg.ServiceGetParameters, func(c *Call, names msg.Names) { c.Respond(p.values(names)) }),
		ServeRequest(n, "~/get_parameter_types", msg.ServiceGetParameterTypes, func(c *Call, names msg.Names) { c.Respond(p.types(names)) }),
		ServeRequest(n, "~/describe_parameters", msg.ServiceDescribeParameters, func(c *Call, names msg.Names) { c.Respond(p.describe(names)) }),
		ServeRequest(n, "~/list_parameters", msg.ServiceListParameters, func(c *Call, r msg.ListParametersRequest) {
			c.Respond(p.list(r.Prefixes, r.Depth))
		}),
		ServeRequest(n, "~/set_parameters", msg.ServiceSetParameters, func(c *Call, wanted msg.Parameters) {
			var results msg.SetResults
			for _, w := range wanted {
				results = append(results, n.set(w))
			}
			c.Respond(results)
		}),
		ServeRequest(n, "~/set_parameters_atomically", msg.ServiceSetParametersAtomically, func(c *Call, wanted msg.Parameters) {
			c.Respond(n.set(wanted...))
		}),
	)
}

// set sets parameters, all of them or none, and tells of those that have changed.
func (n *Node) set(wanted ...msg.Parameter) msg.SetResult {
	changed, err := n.params.set(wanted)
	if err != nil {
		n.log.Warn("a parameter was not set", zap.Error(err))
		return msg.SetResult{Reason: err.Error()}
	}
	if len(changed) > 0 {
		n.log.Info("parameters set", zap.Any("to", texts(changed)))
		n.tellParameters(&msg.ParameterEvent{Changed: changed})
	}
	return msg.SetResult{Successful: true}
}

// Assign gives a declared parameter a value that is in force already, and tells of it. The value's type is that of the
// declaration. It must not be called by what Live was given.
func (n *Node) Assign(name string, value any) {
	n.params.setting.Lock()
	defer n.params.setting.Unlock()
	n.params.mu.Lock()
	n.params.find(name).value = value
	n.params.mu.Unlock()
	n.tellParameters(&msg.ParameterEvent{Changed: []msg.Parameter{{Name: name, Value: msg.ParameterValue{Value: value}}}})
}

func texts(all []msg.Parameter) (lines []string) {
	for _, p := range all {
		lines = append(lines, fmt.Sprintf("%s = %v", p.Name, p.Value.Value))
	}
	return lines
}

func (n *Node) tellParameters(e *msg.ParameterEvent) {
	e.Stamp, e.Node = n.Now(), n.FullName()
	if err := n.events.Send(e); err != nil {
		n.log.Error("a change of parameters was not told", zap.Error(err))
	}
}

// tellParameters tells of all that were declared.
func (s *Session) tellParameters() error {
	s.making.Lock()
	nodes := slices.Clone(s.nodes)
	s.making.Unlock()
	for _, n := range nodes {
		n.params.mu.Lock()
		var all []msg.Parameter
		for _, d := range n.params.declared {
			all = append(all, msg.Parameter{Name: d.Name, Value: msg.ParameterValue{Value: d.value}})
		}
		n.params.mu.Unlock()
		n.tellParameters(&msg.ParameterEvent{New: all})
	}
	return nil
}

// set sets parameters, all of them or none, and returns those that have another value now.
func (p *Params) set(wanted []msg.Parameter) (changed []msg.Parameter, err error) {
	p.setting.Lock()
	defer p.setting.Unlock()
	type change struct {
		*parameter
		value any
	}
	var changes []change
	for _, w := range wanted {
		own, v, err := p.checked(w)
		if err != nil {
			return nil, fmt.Errorf("%s %w", w.Name, err)
		}
		if !reflect.DeepEqual(v, own.value) { // only set, which holds setting, changes values
			changes = append(changes, change{own, v})
		}
	}
	for i, c := range changes {
		if err := c.apply(c.value); err != nil {
			for _, done := range slices.Backward(changes[:i]) {
				err = errors.Join(err, done.apply(done.parameter.value)) // it was in force before
			}
			return nil, fmt.Errorf("%s %w", c.Name, err)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range changes {
		c.parameter.value = c.value
		changed = append(changed, msg.Parameter{Name: c.Name, Value: msg.ParameterValue{Value: c.value}})
	}
	return changed, nil
}

// checked returns the parameter that is wanted, and the value as it is kept.
func (p *Params) checked(wanted msg.Parameter) (*parameter, any, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	own := p.find(wanted.Name)
	if own == nil {
		return nil, nil, p.unknown()
	}
	if wanted.Value.Type() == msg.ParameterNotSet {
		return nil, nil, errors.New("can't be deleted")
	}
	v, err := own.check(wanted.Value.Value)
	if err == nil && own.apply == nil && !reflect.DeepEqual(v, own.value) {
		err = fmt.Errorf("is read at start only: start the node with -p %s:=%v", own.Name, v)
	}
	return own, v, err
}

// values returns those of the parameters; where one is not known, none at all, as in rclcpp.
func (p *Params) values(names []string) msg.ParameterValues {
	values := msg.ParameterValues{}
	for _, d := range p.named(names) {
		if d == nil {
			return nil
		}
		values = append(values, msg.ParameterValue{Value: d.value})
	}
	return values
}

func (p *Params) types(names []string) msg.ParameterTypes {
	types := msg.ParameterTypes{}
	for _, d := range p.named(names) {
		if d == nil {
			return nil
		}
		types = append(types, d.Type)
	}
	return types
}

// describe returns descriptors; of a name that is not known, one of type not set, as in rclcpp.
func (p *Params) describe(names []string) msg.ParameterDescriptors {
	var all msg.ParameterDescriptors
	for i, d := range p.named(names) {
		if d == nil {
			d = &parameter{ParameterDescriptor: msg.ParameterDescriptor{Name: names[i]}}
		}
		all = append(all, d.ParameterDescriptor)
	}
	return all
}

// named returns copies of the parameters, nil for those that are not known.
func (p *Params) named(names []string) []*parameter {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make([]*parameter, len(names))
	for i, name := range names {
		if own := p.find(name); own != nil {
			c := *own
			all[i] = &c
		}
	}
	return all
}

// list returns the names below the prefixes, at most so many groups deeper (0: any number), and the groups that they are
// in. A prefix is a group or a whole name; none: all names.
func (p *Params) list(prefixes []string, depth uint64) msg.ListParametersResponse {
	p.mu.Lock()
	defer p.mu.Unlock()
	var found msg.ListParametersResponse
	for _, d := range p.declared {
		if !listed(d.Name, prefixes, depth) {
			continue
		}
		found.Names = append(found.Names, d.Name)
		if i := strings.LastIndex(d.Name, "."); i >= 0 && !slices.Contains(found.Prefixes, d.Name[:i]) {
			found.Prefixes = append(found.Prefixes, d.Name[:i])
		}
	}
	return found
}

func listed(name string, prefixes []string, depth uint64) bool {
	within := func(rest string) bool { return depth == 0 || uint64(strings.Count(rest, ".")) < depth }
	if len(prefixes) == 0 {
		return within(name)
	}
	return slices.ContainsFunc(prefixes, func(prefix string) bool {
		rest, below := strings.CutPrefix(name, prefix+".")
		return name == prefix || below && within(rest)
	})
}
