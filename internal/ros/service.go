package ros

/*
#include <dlfcn.h>
#include <stdlib.h>
#include <rmw/rmw.h>
#include <rmw/serialized_message.h>
#include <rosidl_runtime_c/message_type_support_struct.h>

#cgo LDFLAGS: -ldl -lrmw_implementation

typedef const void *(*support_function)(void);
typedef void *(*create_function)(void);
typedef void (*destroy_function)(void *);

// Go can't call a function pointer of C.
static const void *call_support(void *f) { return ((support_function)f)(); }
static void *call_create(void *f) { return ((create_function)f)(); }
static void call_destroy(void *f, void *message) { ((destroy_function)f)(message); }
*/
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"unsafe"

	"github.com/tiiuae/rclgo/pkg/rclgo"
	"github.com/tiiuae/rclgo/pkg/rclgo/types"
	"go.uber.org/zap"

	"rtmdl/internal/ros/msg"
)

// Call is a call of a service.
type Call struct {
	Request []byte // CDR
	send    rclgo.ServiceResponseSender
	log     *zap.Logger
	name    string
}

// Respond answers the call, once. It may be called from any goroutine, before the session is closed.
func (c *Call) Respond(m msg.Response) {
	answer := &cdrMessage{data: m.MarshalCDR(nil)}
	if err := errors.Join(c.send.SendResponse(answer), answer.err); err != nil {
		c.log.Error("a service did not answer", zap.String("service", c.name), zap.String("error", firstLine(err)))
	}
}

// refuse logs a request that can't be read. The middleware has read it before, so that this is a bug.
func (c *Call) refuse(err error) {
	c.log.Error("a request can't be read", zap.String("service", c.name), zap.Error(err))
}

// Serve offers a service such as "~/enable" of a type such as "std_srvs/srv/SetBool". The handler is called from Run, on a
// goroutine that serves all services and no subscription: a call that takes long holds back other calls only.
func (n *Node) Serve(name, typeName string, handle func(*Call)) error {
	support, err := serviceSupport(typeName)
	if err != nil {
		return fmt.Errorf("service %s: %w", name, err)
	}
	qos := rclgo.NewDefaultServiceQosProfile()
	qos.Depth = 1000 // as ROS's own services of parameters
	n.session.making.Lock()
	defer n.session.making.Unlock()
	s, err := n.node.NewService(name, support, &rclgo.ServiceOptions{Qos: qos}, func(_ *rclgo.ServiceInfo, m types.Message, send rclgo.ServiceResponseSender) {
		request := m.(*cdrMessage)
		c := &Call{Request: request.data, send: send, log: n.log, name: name}
		if request.err != nil {
			c.refuse(request.err)
			return
		}
		handle(c)
	})
	if err != nil {
		return fmt.Errorf("service %s: %s", name, firstLine(err))
	}
	n.session.services = append(n.session.services, s)
	n.session.renewLocked()
	return nil
}

// ServeRequest offers a service as Serve does; the handler gets the request that it asks for, read.
func ServeRequest[T any, R interface {
	*T
	UnmarshalCDR(src []byte) error
}](n *Node, name, typeName string, handle func(*Call, T)) error {
	return n.Serve(name, typeName, func(c *Call) {
		var request T
		if err := R(&request).UnmarshalCDR(c.Request); err != nil {
			c.refuse(err)
			return
		}
		handle(c, request)
	})
}

// cdrMessage is a request or a response as CDR, which is made of ROS's C structure, and this of it, by the middleware: rclgo's
// own way needs generated code for each type.
type cdrMessage struct {
	data []byte
	err  error // of the conversion, for which rclgo has no way
}

var (
	_ types.Message            = (*cdrMessage)(nil)
	_ types.MessageTypeSupport = (*cdrSupport)(nil)
	_ types.ServiceTypeSupport = (*cdrService)(nil)
)

func (m *cdrMessage) CloneMsg() types.Message                  { return &cdrMessage{data: m.data} }
func (m *cdrMessage) SetDefaults()                             { m.data = nil }
func (m *cdrMessage) GetTypeSupport() types.MessageTypeSupport { return nil } // nobody asks a service's messages

// cdrSupport converts the messages of one type. Its pointers are into libraries that stay loaded.
type cdrSupport struct{ support, create, destroy unsafe.Pointer }

func (t *cdrSupport) New() types.Message                     { return &cdrMessage{} }
func (t *cdrSupport) PrepareMemory() unsafe.Pointer          { return C.call_create(t.create) }
func (t *cdrSupport) ReleaseMemory(structure unsafe.Pointer) { C.call_destroy(t.destroy, structure) }
func (t *cdrSupport) TypeSupport() unsafe.Pointer            { return t.support }

func (t *cdrSupport) AsGoStruct(to types.Message, structure unsafe.Pointer) {
	runtime.LockOSThread() // rcl keeps the text of its errors by thread
	defer runtime.UnlockOSThread()
	m := to.(*cdrMessage)
	buffer := C.rmw_get_zero_initialized_serialized_message()
	allocator := C.rcutils_get_default_allocator()
	if C.rcutils_uint8_array_init(&buffer, 0, &allocator) != C.RCUTILS_RET_OK {
		m.err = rclError()
		return
	}
	defer C.rcutils_uint8_array_fini(&buffer)
	if C.rmw_serialize(structure, (*C.rosidl_message_type_support_t)(t.support), &buffer) != C.RMW_RET_OK {
		m.err = rclError()
		return
	}
	m.data = C.GoBytes(unsafe.Pointer(buffer.buffer), C.int(buffer.buffer_length))
}

func (t *cdrSupport) AsCStruct(structure unsafe.Pointer, from types.Message) {
	runtime.LockOSThread() // the same
	defer runtime.UnlockOSThread()
	m := from.(*cdrMessage)
	data := C.CBytes(m.data)
	defer C.free(data)
	buffer := C.rmw_serialized_message_t{
		buffer: (*C.uint8_t)(data), buffer_length: C.size_t(len(m.data)), buffer_capacity: C.size_t(len(m.data)),
		allocator: C.rcutils_get_default_allocator(),
	}
	if C.rmw_deserialize(&buffer, (*C.rosidl_message_type_support_t)(t.support), structure) != C.RMW_RET_OK {
		m.err = rclError()
	}
}

type cdrService struct {
	support           unsafe.Pointer
	request, response *cdrSupport
}

func (t *cdrService) Request() types.MessageTypeSupport  { return t.request }
func (t *cdrService) Response() types.MessageTypeSupport { return t.response }
func (t *cdrService) TypeSupport() unsafe.Pointer        { return t.support }

// serviceSupport loads what the middleware must know about a type such as "std_srvs/srv/SetBool".
func serviceSupport(typeName string) (*cdrService, error) {
	parts := strings.Split(typeName, "/")
	if len(parts) != 3 || parts[1] != "srv" {
		return nil, fmt.Errorf("'%s' is no service type (package/srv/Name)", typeName)
	}
	pkg, name := parts[0], parts[2]
	l := library{pkg: pkg}
	s := &cdrService{
		support: l.support("get_service_type_support_handle", name),
		request: l.message(name + "_Request"), response: l.message(name + "_Response"),
	}
	if l.err != nil {
		return nil, fmt.Errorf("type %s is not installed here: %w", typeName, l.err)
	}
	return s, nil
}

// library finds functions in the libraries of an interface package; the first error stays.
type library struct {
	pkg string
	err error
}

func (l *library) message(name string) *cdrSupport {
	function := l.pkg + "__srv__" + name + "__"
	return &cdrSupport{
		support: l.support("get_message_type_support_handle", name),
		create:  l.find("generator_c", function+"create"),
		destroy: l.find("generator_c", function+"destroy"),
	}
}

func (l *library) support(kind, name string) unsafe.Pointer {
	f := l.find("typesupport_c", "rosidl_typesupport_c__"+kind+"__"+l.pkg+"__srv__"+name)
	if l.err != nil {
		return nil
	}
	return unsafe.Pointer(C.call_support(f))
}

func (l *library) find(kind, function string) unsafe.Pointer {
	if l.err != nil {
		return nil
	}
	file := C.CString("lib" + l.pkg + "__rosidl_" + kind + ".so")
	defer C.free(unsafe.Pointer(file))
	symbol := C.CString(function)
	defer C.free(unsafe.Pointer(symbol))
	handle := C.dlopen(file, C.RTLD_LAZY) // and stays open: types live as long as the process
	if handle == nil {
		l.err = errors.New(C.GoString(C.dlerror()))
		return nil
	}
	found := C.dlsym(handle, symbol)
	if found == nil {
		l.err = errors.New(C.GoString(C.dlerror()))
	}
	return found
}
