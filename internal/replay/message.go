package replay

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"rtmdl/internal/ros"
)

// beginsWithHeader tells from a message definition whether the first field is a std_msgs/Header.
func beginsWithHeader(definition string) bool {
	for line := range strings.Lines(definition) {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		if len(fields) < 2 || strings.Contains(line, "=") { // blank, or a constant
			continue
		}
		return fields[0] == "std_msgs/Header" || fields[0] == "std_msgs/msg/Header" || fields[0] == "Header"
	}
	return false
}

// restamp returns a copy of a message that begins with a header, with another stamp: two 32-bit numbers behind
// the encapsulation header, in the byte order that this names.
func restamp(data []byte, to time.Time) []byte {
	if len(data) < 12 {
		return data
	}
	out := bytes.Clone(data)
	var order binary.ByteOrder = binary.BigEndian
	if out[1] == 1 {
		order = binary.LittleEndian
	}
	order.PutUint32(out[4:], uint32(to.Unix()))
	order.PutUint32(out[8:], uint32(to.Nanosecond()))
	return out
}

// offered reads the quality of service with which a topic was recorded, as rosbag2 writes it: numbers up to
// Iron, words since. Unknown or empty: reliable, which fits every subscriber.
func offered(profiles string) ros.QoS {
	qos := ros.Results()
	var list []struct {
		Depth       int    `yaml:"depth"`
		Reliability string `yaml:"reliability"`
		Durability  string `yaml:"durability"`
	}
	if yaml.Unmarshal([]byte(profiles), &list) != nil || len(list) == 0 {
		return qos
	}
	p := list[0]
	qos.Depth = min(max(p.Depth, 10), 1000)
	qos.Reliable = !slices.Contains([]string{"2", "best_effort"}, p.Reliability)
	qos.Transient = slices.Contains([]string{"1", "transient_local"}, p.Durability)
	return qos
}
