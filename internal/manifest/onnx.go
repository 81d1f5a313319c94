package manifest

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// network is what is of interest in an ONNX file.
type network struct {
	inputs, outputs []Tensor
	metadata        map[string]string
	external        []external
}

// external is where a tensor lies that is not in the file itself.
type external struct {
	location       string
	offset, length int64
}

// Field numbers of onnx.proto.
const (
	modelGraph, modelMetadata                               = 7, 14
	graphNode, graphInitializer, graphInput, graphOutput    = 1, 5, 11, 12
	nodeAttribute, attributeTensor, attributeGraph          = 5, 5, 6
	tensorExternal, tensorLocation                          = 13, 14
	valueName, valueType, typeTensor, tensorShape, shapeDim = 1, 2, 1, 2, 1
	dimValue, entryKey, entryValue, externalStored          = 1, 1, 2, 1
	mostDepth                                               = 8 // of graphs in graphs
)

// readNetwork reads an ONNX file. Errors wrap ErrONNX, ErrShape or ErrShared.
func readNetwork(data []byte) (*network, error) {
	n := &network{metadata: map[string]string{}}
	graphs := 0
	err := fields(data, func(number protowire.Number, value []byte, _ uint64) error {
		switch number {
		case modelGraph:
			graphs++
			return n.readGraph(value, 0)
		case modelMetadata:
			key, text, err := readEntry(value)
			n.metadata[key] = text
			return err
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if graphs != 1 || len(n.inputs) == 0 || len(n.outputs) == 0 {
		return nil, fmt.Errorf("%w: %d graphs, %d inputs, %d outputs", ErrONNX, graphs, len(n.inputs), len(n.outputs))
	}
	return n, nil
}

func (n *network) readGraph(data []byte, depth int) error {
	if depth > mostDepth {
		return fmt.Errorf("%w: graphs in graphs, deeper than %d", ErrONNX, mostDepth)
	}
	return fields(data, func(number protowire.Number, value []byte, _ uint64) error {
		switch number {
		case graphNode:
			return n.readNode(value, depth)
		case graphInitializer:
			return n.readTensor(value)
		case graphInput, graphOutput:
			if depth > 0 {
				return nil
			}
			t, err := readValue(value)
			if err != nil {
				return err
			}
			if number == graphInput {
				n.inputs = append(n.inputs, t)
			} else {
				n.outputs = append(n.outputs, t)
			}
		}
		return nil
	})
}

// readNode looks for tensors and graphs in a node's attributes.
func (n *network) readNode(data []byte, depth int) error {
	return fields(data, func(number protowire.Number, value []byte, _ uint64) error {
		if number != nodeAttribute {
			return nil
		}
		return fields(value, func(number protowire.Number, value []byte, _ uint64) error {
			switch number {
			case attributeTensor:
				return n.readTensor(value)
			case attributeGraph:
				return n.readGraph(value, depth+1)
			}
			return nil
		})
	})
}

func (n *network) readTensor(data []byte) error {
	var e external
	outside := false
	length := false
	err := fields(data, func(number protowire.Number, value []byte, v uint64) error {
		switch number {
		case tensorLocation:
			outside = v == externalStored
		case tensorExternal:
			key, text, err := readEntry(value)
			if err != nil {
				return err
			}
			switch key {
			case "location":
				e.location = text
			case "offset":
				e.offset, err = strconv.ParseInt(text, 10, 64)
			case "length":
				e.length, err = strconv.ParseInt(text, 10, 64)
				length = true
			}
			if err != nil {
				return fmt.Errorf("%w: %s %q", ErrShared, key, text)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if outside {
		if !length {
			return fmt.Errorf("%w: a tensor in %q has no length", ErrShared, e.location)
		}
		n.external = append(n.external, e)
	}
	return nil
}

func readValue(data []byte) (t Tensor, err error) {
	nested := func(path ...protowire.Number) func(data []byte, f func(value []byte) error) error {
		var walk func(data []byte, path []protowire.Number, f func(value []byte) error) error
		walk = func(data []byte, path []protowire.Number, f func(value []byte) error) error {
			return fields(data, func(number protowire.Number, value []byte, _ uint64) error {
				switch {
				case number != path[0]:
					return nil
				case len(path) == 1:
					return f(value)
				}
				return walk(value, path[1:], f)
			})
		}
		return func(data []byte, f func(value []byte) error) error { return walk(data, path, f) }
	}
	if err := nested(valueName)(data, func(value []byte) error { t.Name = string(value); return nil }); err != nil {
		return t, err
	}
	err = nested(valueType, typeTensor, tensorShape, shapeDim)(data, func(dim []byte) error {
		size := int64(0)
		err := fields(dim, func(number protowire.Number, _ []byte, v uint64) error {
			if number == dimValue && v <= MostBytes {
				size = int64(v)
			}
			return nil
		})
		t.Shape = append(t.Shape, size)
		return err
	})
	if err == nil && t.size() == 0 {
		err = fmt.Errorf("%w: %q has the shape %v; sizes must be fixed and at least 1", ErrShape, t.Name, t.Shape)
	}
	return t, err
}

func readEntry(data []byte) (key, value string, err error) {
	err = fields(data, func(number protowire.Number, text []byte, _ uint64) error {
		switch number {
		case entryKey:
			key = string(text)
		case entryValue:
			value = string(text)
		}
		return nil
	})
	if err == nil && (!utf8.ValidString(key) || !utf8.ValidString(value)) {
		err = fmt.Errorf("%w: text that is no UTF-8", ErrONNX)
	}
	return key, value, err
}

// fields calls f for each field of a message, with the bytes of a field that has such, or else the number.
func fields(data []byte, f func(number protowire.Number, value []byte, v uint64) error) error {
	for len(data) > 0 {
		number, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return fmt.Errorf("%w: %w", ErrONNX, protowire.ParseError(n))
		}
		data = data[n:]
		var value []byte
		var v uint64
		switch kind {
		case protowire.BytesType:
			value, n = protowire.ConsumeBytes(data)
		case protowire.VarintType:
			v, n = protowire.ConsumeVarint(data)
		default:
			n = protowire.ConsumeFieldValue(number, kind, data)
		}
		if n < 0 {
			return fmt.Errorf("%w: %w", ErrONNX, protowire.ParseError(n))
		}
		data = data[n:]
		if err := f(number, value, v); err != nil {
			return err
		}
	}
	return nil
}
