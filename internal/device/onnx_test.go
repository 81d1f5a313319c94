package device

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

// tensorInfo describes a tensor of a hand-made network. A size of 0 stands for one that is not static.
type tensorInfo struct {
	name  string
	kind  uint64 // ONNX's numbers: see below
	shape []uint64
}

const (
	onnxFloat = 1
	onnxInt64 = 7
)

// identity returns an ONNX file with one node that copies in to out, written here byte by byte: networks that
// break the contract in one way are easier to read so than as files.
func identity(in, out tensorInfo, metadata map[string]string) []byte {
	return oneNode("Identity", in, out, metadata)
}

// oneNode is such a file with a node of another kind.
func oneNode(kind string, in, out tensorInfo, metadata map[string]string) []byte {
	node := concat(text(1, in.name), text(2, out.name), text(4, kind))
	graph := concat(field(1, node), text(2, "g"), field(11, in.encode()), field(12, out.encode()))
	return modelFile(graph, metadata)
}

// constant returns an ONNX file without inputs.
func constant() []byte {
	value := concat(number(1, 1), number(2, onnxFloat), field(4, []byte{0, 0, 128, 63})) // dims, data_type, float_data
	attribute := concat(text(1, "value"), field(5, value), number(20, 4))
	node := concat(text(2, "out"), text(4, "Constant"), field(5, attribute))
	out := tensorInfo{"out", onnxFloat, []uint64{1}}
	return modelFile(concat(field(1, node), text(2, "g"), field(12, out.encode())), nil)
}

func modelFile(graph []byte, metadata map[string]string) []byte {
	const irVersion, opset = 7, 13
	file := concat(number(1, irVersion), field(7, graph), field(8, number(2, opset)))
	for k, v := range metadata {
		file = concat(file, field(14, concat(text(1, k), text(2, v))))
	}
	return file
}

func (t tensorInfo) encode() []byte {
	var shape []byte
	for _, d := range t.shape {
		size := number(1, d)
		if d == 0 {
			size = text(2, "n")
		}
		shape = concat(shape, field(1, size))
	}
	kind := field(1, concat(number(1, t.kind), field(2, shape)))
	return concat(text(1, t.name), field(2, kind))
}

// The wire format of protocol buffers: number is a varint field, field one of bytes.

func number(id, v uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(nil, id<<3), v)
}

func field(id uint64, payload []byte) []byte {
	head := binary.AppendUvarint(binary.AppendUvarint(nil, id<<3|2), uint64(len(payload)))
	return append(head, payload...)
}

func text(id uint64, s string) []byte { return field(id, []byte(s)) }

func concat(parts ...[]byte) (all []byte) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// file writes a file into a folder of the test's own and returns its path.
func file(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
