package msg

import "fmt"

// ParameterType is rcl_interfaces/ParameterType.
type ParameterType uint8

func (t ParameterType) encode(e *encoder) { e.u8(uint8(t)) }

// The types of parameters.
const (
	ParameterNotSet ParameterType = iota
	ParameterBool
	ParameterInteger
	ParameterDouble
	ParameterString
	ParameterByteArray
	ParameterBoolArray
	ParameterIntegerArray
	ParameterDoubleArray
	ParameterStringArray
)

// ParameterValue is rcl_interfaces/ParameterValue: nil (not set), a bool, int64, float64, string, or a slice of one of
// these; []byte for a byte array. Any other Go type panics when it is encoded.
type ParameterValue struct{ Value any }

// Parameter is rcl_interfaces/Parameter.
type Parameter struct {
	Name  string
	Value ParameterValue
}

// ParameterDescriptor is rcl_interfaces/ParameterDescriptor without dynamic typing and steps.
type ParameterDescriptor struct {
	Name        string
	Type        ParameterType
	Description string
	Constraints string // beyond the range
	ReadOnly    bool
	Floats      *FloatRange // nil: none
	Integers    *IntRange   // nil: none
}

// FloatRange is rcl_interfaces/FloatingPointRange; both ends are allowed.
type FloatRange struct{ From, To float64 }

// IntRange is rcl_interfaces/IntegerRange; both ends are allowed.
type IntRange struct{ From, To int64 }

// ParameterEvent is rcl_interfaces/ParameterEvent, without deletions: declared parameters stay.
type ParameterEvent struct {
	Stamp        Time
	Node         string // full name
	New, Changed []Parameter
}

// TypeName implements Message.
func (m *ParameterEvent) TypeName() string { return TypeParameterEvent }

// MarshalCDR implements Message.
func (m *ParameterEvent) MarshalCDR(dst []byte) []byte {
	e := newEncoder(dst)
	e.time(m.Stamp)
	e.str(m.Node)
	encodeParameters(&e, m.New)
	encodeParameters(&e, m.Changed)
	e.length(0) // deleted
	return e.buf
}

// UnmarshalCDR implements Message. Deleted parameters are passed over.
func (m *ParameterEvent) UnmarshalCDR(src []byte) error {
	d := newDecoder(src)
	m.Stamp = d.time("stamp.sec", "stamp.nanosec")
	m.Node = d.str("node", m.Node)
	m.New = decodeParameters(&d, "new_parameters")
	m.Changed = decodeParameters(&d, "changed_parameters")
	decodeParameters(&d, "deleted_parameters")
	return d.finish(m.TypeName())
}

// Type returns the type of the value.
func (v ParameterValue) Type() ParameterType {
	switch v.Value.(type) {
	case nil:
		return ParameterNotSet
	case bool:
		return ParameterBool
	case int64:
		return ParameterInteger
	case float64:
		return ParameterDouble
	case string:
		return ParameterString
	case []byte:
		return ParameterByteArray
	case []bool:
		return ParameterBoolArray
	case []int64:
		return ParameterIntegerArray
	case []float64:
		return ParameterDoubleArray
	case []string:
		return ParameterStringArray
	}
	panic(fmt.Sprintf("a %T is no parameter", v.Value))
}

func (v ParameterValue) encode(e *encoder) {
	v.Type().encode(e)
	b, _ := v.Value.(bool) // of another type: zero, as all fields but one are
	e.boolean(b)
	i, _ := v.Value.(int64)
	e.i64(i)
	f, _ := v.Value.(float64)
	e.f64(f)
	s, _ := v.Value.(string)
	e.str(s)
	data, _ := v.Value.([]byte)
	e.bytes(data)
	bools, _ := v.Value.([]bool)
	encodeEach(e, bools, e.boolean)
	ints, _ := v.Value.([]int64)
	encodeEach(e, ints, e.i64)
	floats, _ := v.Value.([]float64)
	encodeEach(e, floats, e.f64)
	texts, _ := v.Value.([]string)
	encodeEach(e, texts, e.str)
}

func (v *ParameterValue) decode(d *decoder) {
	kind := ParameterType(d.u8("type"))
	values := [...]any{
		nil, d.boolean("bool_value"), d.i64("integer_value"), d.f64("double_value"), d.str("string_value", ""),
		d.bytes("byte_array_value"),
		decodeEach(d, "bool_array_value", 1, func() bool { return d.boolean("bool_array_value") }),
		decodeEach(d, "integer_array_value", 8, func() int64 { return d.i64("integer_array_value") }),
		decodeEach(d, "double_array_value", 8, func() float64 { return d.f64("double_array_value") }),
		decodeEach(d, "string_array_value", 4, func() string { return d.str("string_array_value", "") }),
	}
	if int(kind) >= len(values) {
		d.fail("type", ErrBadParameter)
		return
	}
	v.Value = values[kind]
}

func encodeParameters(e *encoder, all []Parameter) {
	e.length(len(all))
	for _, p := range all {
		e.str(p.Name)
		p.Value.encode(e)
	}
}

// minParameter is the smallest size of a Parameter on the wire, in bytes.
const minParameter = 4 + 2 + 8 + 8 + 6*4

func decodeParameters(d *decoder, field string) []Parameter {
	n := d.length(field, minParameter)
	if n == 0 {
		return nil
	}
	all := make([]Parameter, n)
	for i := range all {
		all[i].Name = d.str("name", "")
		if all[i].Value.decode(d); d.err != nil {
			d.withinElement(field, i)
			return nil
		}
	}
	return all
}

func (m ParameterDescriptor) encode(e *encoder) {
	e.str(m.Name)
	m.Type.encode(e)
	e.str(m.Description)
	e.str(m.Constraints)
	e.boolean(m.ReadOnly)
	e.boolean(false) // dynamic typing
	if m.Floats == nil {
		e.length(0)
	} else {
		e.length(1)
		e.f64(m.Floats.From)
		e.f64(m.Floats.To)
		e.f64(0) // step: any value
	}
	if m.Integers == nil {
		e.length(0)
	} else {
		e.length(1)
		e.i64(m.Integers.From)
		e.i64(m.Integers.To)
		e.u64(0)
	}
}

func encodeEach[T any](e *encoder, values []T, encode func(T)) {
	e.length(len(values))
	for _, v := range values {
		encode(v)
	}
}

// marshalEach appends a message that is nothing but a sequence.
func marshalEach[T any](dst []byte, all []T, encode func(T, *encoder)) []byte {
	e := newEncoder(dst)
	encodeEach(&e, all, func(v T) { encode(v, &e) })
	return e.buf
}

// decodeEach reads a sequence, whose elements take at least size bytes each. It is never nil.
func decodeEach[T any](d *decoder, field string, size int, decode func() T) []T {
	values := make([]T, 0, d.length(field, size))
	for range cap(values) {
		values = append(values, decode())
	}
	return values
}
