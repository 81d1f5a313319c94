package ros

/*
#include <rcl/allocator.h>
#include <rcl/node.h>
#include <rcutils/allocator.h>
#include <stdlib.h>

// free_with frees what rcl allocated: Go can't call a function pointer of C.
static void free_with(rcl_allocator_t a, char *p) { a.deallocate(p, a.state); }
*/
import "C"

import (
	"fmt"
	"runtime"
	"unsafe"
)

// ResolveTopic returns the full name that a topic has for the node, after its namespace and all remappings.
func (n *Node) ResolveTopic(name string) (string, error) {
	runtime.LockOSThread() // rcl keeps the text of its errors by thread
	defer runtime.UnlockOSThread()
	rcl, err := rclNode(n.node)
	if err != nil {
		return "", err
	}
	given := C.CString(name)
	defer C.free(unsafe.Pointer(given))
	allocator := C.rcl_get_default_allocator()
	var resolved *C.char
	if C.rcl_node_resolve_name(rcl, given, allocator, false, false, &resolved) != C.RCL_RET_OK {
		return "", fmt.Errorf("topic %s: %w", name, rclError())
	}
	defer C.free_with(allocator, resolved)
	return C.GoString(resolved), nil
}
