package bag

import (
	"embed"
	"fmt"
	"strings"
)

//go:generate sh -c "cp ../../msgs/msg/*.msg defs/rtmdl/"

// definitions has the message types of this project (copies of msgs/msg, which a test compares) and those that they
// and the hot topics are made of (fields only).
//
//go:embed defs
var definitions embed.FS

// Embedded returns the definition of a type that this package knows, the text of its .msg file. It can be given to Gather.
// The error says so if the type is unknown.
func Embedded(pkg, name string) (string, error) {
	text, err := definitions.ReadFile("defs/" + pkg + "/" + name + ".msg")
	if err != nil {
		return "", fmt.Errorf("no definition of %s/msg/%s at hand", pkg, name)
	}
	return string(text), nil
}

// SchemaText returns the complete definition of a type that this package knows, for AddTopic.
func SchemaText(typeName string) (string, error) { return Gather(typeName, Embedded) }

// maxDefinitions is how many types one type may be made of.
const maxDefinitions = 1000

// Gather returns the definition of a message type ("sensor_msgs/msg/Image") followed by those of all types that it is
// made of, in the form that bags hold ("ros2msg"). lookup returns the text of a .msg file for a package and a
// type's bare name, as found in <prefix>/share/<package>/msg/<name>.msg of a ROS installation, for instance; its
// errors are wrapped.
func Gather(typeName string, lookup func(pkg, name string) (string, error)) (string, error) {
	pkg, name, err := splitType(typeName, "")
	if err != nil {
		return "", err
	}
	type definition struct{ pkg, name string }
	root := definition{pkg, name}
	seen := map[definition]bool{root: true}
	queue := []definition{root}
	var text strings.Builder
	for i := 0; i < len(queue); i++ {
		d := queue[i]
		body, err := lookup(d.pkg, d.name)
		if err != nil {
			return "", fmt.Errorf("definition of %s: %w", typeName, err)
		}
		if i > 0 {
			text.WriteString(strings.Repeat("=", 80) + "\nMSG: " + d.pkg + "/" + d.name + "\n")
		}
		text.WriteString(body)
		if !strings.HasSuffix(body, "\n") {
			text.WriteByte('\n')
		}
		for number, line := range strings.Split(body, "\n") {
			field := fieldType(line)
			if field == "" {
				continue
			}
			pkg, name, err := splitType(field, d.pkg)
			if err != nil {
				return "", fmt.Errorf("definition of %s/%s, line %d: %w", d.pkg, d.name, number+1, err)
			}
			if next := (definition{pkg, name}); !seen[next] {
				seen[next] = true
				queue = append(queue, next)
			}
		}
		if len(queue) > maxDefinitions {
			return "", fmt.Errorf("definition of %s: made of more than %d types", typeName, maxDefinitions)
		}
	}
	return text.String(), nil
}

var primitives = map[string]bool{
	"bool": true, "byte": true, "char": true, "float32": true, "float64": true, "int8": true, "uint8": true,
	"int16": true, "uint16": true, "int32": true, "uint32": true, "int64": true, "uint64": true,
	"string": true, "wstring": true,
}

// fieldType returns the message type that a line of a .msg file declares a field of, or nothing if it declares none or
// a primitive one.
func fieldType(line string) string {
	line, _, _ = strings.Cut(line, "#")
	words := strings.Fields(line)
	if len(words) < 2 {
		return ""
	}
	field := words[0]
	if i := strings.IndexAny(field, "[<"); i >= 0 { // an array, a bounded string
		field = field[:i]
	}
	if primitives[field] {
		return ""
	}
	return field
}

// splitType splits package/msg/Name, package/Name or, in a definition of package from, Name.
func splitType(typeName, from string) (pkg, name string, err error) {
	parts := strings.Split(typeName, "/")
	switch {
	case len(parts) == 1 && from != "":
		pkg, name = from, parts[0]
	case len(parts) == 2:
		pkg, name = parts[0], parts[1]
	case len(parts) == 3 && parts[1] == "msg":
		pkg, name = parts[0], parts[2]
	}
	if !isName(pkg) || !isName(name) {
		return "", "", fmt.Errorf("%q is no message type (want package/msg/Name)", typeName)
	}
	return pkg, name, nil
}

// isName reports whether s is made of letters, digits and underscores, so that it can be part of a path.
func isName(s string) bool {
	for _, c := range s {
		if c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return s != ""
}
