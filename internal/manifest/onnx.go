package manifest

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
)

// model is what the checks need of an ONNX file.
type model struct {
	graphs          int
	inputs, outputs []Tensor
	initializers    map[string]bool
	external        []extent
	metadata        map[string]string
}

// extent is where a tensor's data lies outside the file.
type extent struct {
	tensor, location string
	offset, length   int64 // >= 0, and offset + length does not overflow
}

// maxDepth bounds graphs inside graphs.
const maxDepth = 8

// elementBytes is the size of an element by TensorProto.DataType; others are not stored outside.
var elementBytes = map[uint64]int64{1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 16: 2}

// readONNX walks a serialised ModelProto. Memory is bounded by the data.
func readONNX(data []byte) (*model, error) {
	n := &model{initializers: map[string]bool{}, metadata: map[string]string{}}
	var version uint64
	err := fields(data, func(number protowire.Number, v uint64, b []byte) error {
		switch number {
		case 1:
			version = v
		case 7:
			n.graphs++
			return n.graph(b, 0)
		case 14:
			key, value, err := entry(b)
			n.metadata[key] = value
			return err
		case 20, 25:
			return fmt.Errorf("%w: training information and functions (field %d) are not supported; export without", ErrONNX, number)
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case version == 0 || version > 64:
		return nil, fmt.Errorf("%w: it has no ir_version, so it is something else; export it again", ErrONNX)
	case n.graphs != 1:
		return nil, fmt.Errorf("%w: it has %d graphs, and must have one; export it again", ErrONNX, n.graphs)
	}
	return n, nil
}

// fields calls f for every field of a message, with a number or with bytes.
func fields(data []byte, f func(number protowire.Number, v uint64, b []byte) error) error {
	for len(data) > 0 {
		number, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return wireError(n)
		}
		data = data[n:]
		var v uint64
		var b []byte
		switch kind {
		case protowire.VarintType:
			v, n = protowire.ConsumeVarint(data)
		case protowire.BytesType:
			b, n = protowire.ConsumeBytes(data)
		default:
			n = protowire.ConsumeFieldValue(number, kind, data)
		}
		if n < 0 {
			return wireError(n)
		}
		data = data[n:]
		if err := f(number, v, b); err != nil {
			return err
		}
	}
	return nil
}

func wireError(n int) error {
	if err := protowire.ParseError(n); !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: %v; export it again", ErrONNX, err)
	}
	return fmt.Errorf("%w; copy or export it again", ErrTruncated)
}

func entry(data []byte) (key, value string, err error) {
	err = fields(data, func(number protowire.Number, _ uint64, b []byte) error {
		switch number {
		case 1:
			key = string(b)
		case 2:
			value = string(b)
		}
		return nil
	})
	return key, value, err
}

func (n *model) graph(data []byte, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%w: graphs are nested more than %d deep", ErrONNX, maxDepth)
	}
	err := fields(data, func(number protowire.Number, _ uint64, b []byte) error {
		switch {
		case number == 1:
			return fields(b, func(number protowire.Number, _ uint64, b []byte) error {
				if number != 5 { // attribute
					return nil
				}
				return n.attribute(b, depth)
			})
		case number == 5:
			return n.tensor(b, depth == 0)
		case number == 15:
			return n.sparse(b)
		case number == 11 && depth == 0:
			return appendTensor(&n.inputs, b)
		case number == 12 && depth == 0:
			return appendTensor(&n.outputs, b)
		}
		return nil
	})
	if err != nil || depth > 0 {
		return err
	}
	var inputs []Tensor // old files list initializers among the inputs
	for _, t := range n.inputs {
		if !n.initializers[t.Name] {
			inputs = append(inputs, t)
		}
	}
	n.inputs = inputs
	return nil
}

func (n *model) attribute(data []byte, depth int) error {
	return fields(data, func(number protowire.Number, _ uint64, b []byte) error {
		switch number {
		case 5, 10:
			return n.tensor(b, false)
		case 6, 11:
			return n.graph(b, depth+1)
		case 22, 23:
			return n.sparse(b)
		}
		return nil
	})
}

func (n *model) sparse(data []byte) error {
	return fields(data, func(number protowire.Number, _ uint64, b []byte) error {
		if number == 1 || number == 2 {
			return n.tensor(b, false)
		}
		return nil
	})
}

// tensor reads a TensorProto, and keeps its name (as an initializer's) and its external data.
func (n *model) tensor(data []byte, initializer bool) error {
	var e extent
	var kind, place uint64
	var entries [][]byte
	elements := int64(1)
	dim := func(d uint64) error {
		if d > math.MaxInt64 || d > 0 && elements > math.MaxInt64/8/int64(d) {
			return fmt.Errorf("%w: a tensor's dimensions overflow; export it again", ErrONNX)
		}
		elements *= int64(d)
		return nil
	}
	err := fields(data, func(number protowire.Number, v uint64, b []byte) error {
		switch number {
		case 1:
			if b == nil {
				return dim(v)
			}
			for len(b) > 0 {
				d, k := protowire.ConsumeVarint(b)
				if k < 0 {
					return wireError(k)
				}
				if err := dim(d); err != nil {
					return err
				}
				b = b[k:]
			}
		case 2:
			kind = v
		case 8:
			e.tensor = string(b)
		case 13:
			entries = append(entries, b)
		case 14:
			place = v
		}
		return nil
	})
	if err != nil {
		return err
	}
	if initializer {
		n.initializers[e.tensor] = true
	}
	if place == 0 && entries == nil {
		return nil
	}
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w of tensor %q: %s; export it again", ErrExternal, e.tensor, fmt.Sprintf(format, args...))
	}
	seen := map[string]bool{}
	for _, b := range entries {
		key, value, err := entry(b)
		if err != nil {
			return err
		}
		if seen[key] {
			return bad("%q stands twice", key)
		}
		seen[key] = true
		switch key {
		case "location":
			e.location = value
		case "offset":
			e.offset, err = strconv.ParseInt(value, 10, 64)
		case "length":
			e.length, err = strconv.ParseInt(value, 10, 64)
		}
		if err != nil {
			return bad("%s %q is no number of bytes", key, value)
		}
	}
	switch {
	case place != 1 || !seen["location"] || !seen["length"]:
		return bad("it must say EXTERNAL, location and length")
	case e.offset < 0 || e.length < 0 || e.offset > math.MaxInt64-e.length:
		return bad("offset %d and length %d overflow", e.offset, e.length)
	case elementBytes[kind] == 0 || elements*elementBytes[kind] != e.length:
		return bad("length %d is not that of %d elements of type %d", e.length, elements, kind)
	}
	n.external = append(n.external, e)
	return nil
}

// appendTensor reads a ValueInfoProto, whose shape must be static.
func appendTensor(to *[]Tensor, data []byte) error {
	var t Tensor
	known := true
	dim := func(_ protowire.Number, _ uint64, b []byte) error { // of TensorShapeProto
		var value uint64
		err := fields(b, func(number protowire.Number, v uint64, _ []byte) error {
			if number == 1 {
				value = v
			}
			return nil
		})
		known = known && value > 0 && value <= math.MaxInt64
		t.Shape = append(t.Shape, int64(value))
		return err
	}
	inside := func(want protowire.Number, f func(protowire.Number, uint64, []byte) error) func(protowire.Number, uint64, []byte) error {
		return func(number protowire.Number, _ uint64, b []byte) error {
			if number != want {
				return nil
			}
			return fields(b, f)
		}
	}
	shape := func(number protowire.Number, v uint64, b []byte) error {
		if number != 1 {
			return nil
		}
		return dim(number, v, b)
	}
	err := fields(data, func(number protowire.Number, v uint64, b []byte) error {
		if number == 1 {
			t.Name = string(b)
		}
		return inside(2, inside(1, inside(2, shape)))(number, v, b)
	})
	if err != nil {
		return err
	}
	if !known || len(t.Shape) == 0 {
		return fmt.Errorf("%w: tensor %q has no static shape; export it with fixed sizes", ErrShape, t.Name)
	}
	*to = append(*to, t)
	return nil
}
