package ros

/*
#include <rcl/logging.h>
#include <rcl/logging_rosout.h>
*/
import "C"

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"unsafe"

	"github.com/tiiuae/rclgo/pkg/rclgo"
)

// openRosout makes rcl publish on /rosout what a node logs. Up to Humble rcl does so by itself, and a second call
// does nothing; since Iron it leaves that to the client library, and rclgo, made for Humble, does not do it.
func openRosout(node *rclgo.Node) error {
	return onRosout(node, func(n *C.rcl_node_t) C.rcl_ret_t { return C.rcl_logging_rosout_init_publisher_for_node(n) })
}

// closeRosout undoes openRosout. The node must be open still.
func closeRosout(node *rclgo.Node) error {
	return onRosout(node, func(n *C.rcl_node_t) C.rcl_ret_t { return C.rcl_logging_rosout_fini_publisher_for_node(n) })
}

func onRosout(node *rclgo.Node, call func(*C.rcl_node_t) C.rcl_ret_t) error {
	logging.Lock() // rcl finds the publisher in a table that nobody else guards
	defer logging.Unlock()
	runtime.LockOSThread() // rcl keeps the text of its errors by thread
	defer runtime.UnlockOSThread()
	if !C.rcl_logging_rosout_enabled() { // --disable-rosout-logs
		return nil
	}
	n, err := rclNode(node)
	if err != nil {
		return err
	}
	if call(n) != C.RCL_RET_OK {
		return fmt.Errorf("/rosout: %w", rclError())
	}
	return nil
}

// rclNode returns rcl's own node, which rclgo keeps to itself.
func rclNode(node *rclgo.Node) (*C.rcl_node_t, error) {
	field := reflect.ValueOf(node).Elem().FieldByName("rcl_node_t")
	if field.Kind() != reflect.Pointer || field.IsNil() {
		return nil, errors.New("this version of rclgo has no rcl_node_t in its nodes")
	}
	return (*C.rcl_node_t)(unsafe.Pointer(field.UnsafePointer())), nil
}
