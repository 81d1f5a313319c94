package ros

/*
#include <stdlib.h>
#include <rcl/arguments.h>
#include <rcl/error_handling.h>
#include <rcl_yaml_param_parser/parser.h>

#cgo LDFLAGS: -lrcl -lrcl_yaml_param_parser -lrcutils
*/
import "C"

import (
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"unsafe"
)

// override is the value of one parameter for all nodes whose full name matches the pattern.
type override struct {
	pattern string // such as /**, /car/scheduler or scheduler
	name    string
	value   any // bool, int64, float64, string, []bool, []int64, []float64, []string; nil: no value given
}

// overrides are the parameters of the command line, the later ones winning.
type overrides []override

// parseOverrides reads --params-file and -p with ROS's own parser, so that they mean what they mean elsewhere. It
// refuses arguments that ROS does not know.
func parseOverrides(args []string) (overrides, error) {
	runtime.LockOSThread() // rcl keeps the text of its errors by thread
	defer runtime.UnlockOSThread()
	argv := make([]*C.char, len(args)+1)
	for i, a := range args {
		argv[i] = C.CString(a)
		defer C.free(unsafe.Pointer(argv[i]))
	}
	parsed := C.rcl_get_zero_initialized_arguments()
	if rc := C.rcl_parse_arguments(C.int(len(args)), &argv[0], C.rcl_get_default_allocator(), &parsed); rc != C.RCL_RET_OK {
		return nil, rclError()
	}
	defer C.rcl_arguments_fini(&parsed)
	if err := unknownArgument(args, &parsed); err != nil {
		return nil, err
	}
	var params *C.rcl_params_t
	if rc := C.rcl_arguments_get_param_overrides(&parsed, &params); rc != C.RCL_RET_OK {
		return nil, rclError()
	}
	if params == nil {
		return nil, nil
	}
	defer C.rcl_yaml_node_struct_fini(params)

	var found overrides
	names := unsafe.Slice(params.node_names, params.num_nodes)
	nodes := unsafe.Slice(params.params, params.num_nodes)
	for i := range nodes {
		keys := unsafe.Slice(nodes[i].parameter_names, nodes[i].num_params)
		values := unsafe.Slice(nodes[i].parameter_values, nodes[i].num_params)
		for j := range keys {
			found = append(found, override{C.GoString(names[i]), C.GoString(keys[j]), goValue(&values[j])})
		}
	}
	return found, nil
}

func unknownArgument(args []string, parsed *C.rcl_arguments_t) error {
	n := C.rcl_arguments_get_count_unparsed_ros(parsed)
	if n < 1 {
		return nil
	}
	var indices *C.int
	if rc := C.rcl_arguments_get_unparsed_ros(parsed, C.rcl_get_default_allocator(), &indices); rc != C.RCL_RET_OK {
		return rclError()
	}
	defer C.free(unsafe.Pointer(indices))
	return fmt.Errorf("'%s' is none; a parameter is given as -p name:=value", args[unsafe.Slice(indices, n)[0]])
}

// rclError takes rcl's last error on this thread.
func rclError() error {
	text := C.rcl_get_error_string()
	C.rcl_reset_error()
	return errors.New(withoutPlaces(C.GoString(&text.str[0])))
}

var places = regexp.MustCompile(`\n?, at [^ ,]*\.c:\d+`)

// withoutPlaces drops from rcl's errors the places in its sources, of which each layer adds one.
func withoutPlaces(text string) string { return strings.TrimSpace(places.ReplaceAllString(text, "")) }

func goValue(v *C.rcl_variant_t) any {
	switch {
	case v.bool_value != nil:
		return bool(*v.bool_value)
	case v.integer_value != nil:
		return int64(*v.integer_value)
	case v.double_value != nil:
		return float64(*v.double_value)
	case v.string_value != nil:
		return C.GoString(v.string_value)
	case v.bool_array_value != nil:
		a := v.bool_array_value
		return append([]bool{}, unsafe.Slice((*bool)(unsafe.Pointer(a.values)), a.size)...)
	case v.integer_array_value != nil:
		a := v.integer_array_value
		return append([]int64{}, unsafe.Slice((*int64)(unsafe.Pointer(a.values)), a.size)...)
	case v.double_array_value != nil:
		a := v.double_array_value
		return append([]float64{}, unsafe.Slice((*float64)(unsafe.Pointer(a.values)), a.size)...)
	case v.string_array_value != nil:
		a := v.string_array_value
		texts := []string{}
		for _, s := range unsafe.Slice(a.data, a.size) {
			texts = append(texts, C.GoString(s))
		}
		return texts
	}
	return nil
}

// forNode returns the parameters meant for a node, given its full name. As in rclcpp, '*' stands for one part
// of a name and '**' for any number of them.
func (o overrides) forNode(fullName string) map[string]given {
	values := map[string]given{}
	for _, v := range o {
		if matches(v.pattern, fullName) {
			values[v.name] = given{v.value, strings.HasSuffix(v.pattern, "*")}
		}
	}
	return values
}

func matches(pattern, fullName string) bool {
	if !strings.HasPrefix(pattern, "/") {
		pattern = "/" + pattern
	}
	expression := regexp.QuoteMeta(pattern)
	expression = strings.ReplaceAll(expression, `/\*\*`, `(/\w+)*`)
	expression = strings.ReplaceAll(expression, `/\*`, `/\w+`)
	ok, err := regexp.MatchString("^"+expression+"$", fullName)
	return err == nil && ok
}
