package ros

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// A participant of DDS takes the first free pair of ports, by its number on the host (RTPS 2.3, 9.6.1.1).
const (
	portBase, portsOfDomain  = 7400, 250
	firstOwn, portsOfMember  = 10, 2
	members                  = 32 // that are looked at: as many as Fast DDS greets with ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST
	mostReserved             = 24 // so that some are left
	sharedMemory             = "/dev/shm"
	domainVariable           = "ROS_DOMAIN_ID"
	sharedPort, sharedOwners = "fastrtps_port%d", "_el"
)

// avoidDeadPorts takes the ports of participants whose process was killed, until release is called. Who sent to them goes on to
// write into their shared memory for a second or two, also when a new participant has taken the same ports and made them anew:
// what is sent to it is lost until then. One that takes other ports hears everything at once.
func avoidDeadPorts() (release func()) {
	domain, _ := strconv.Atoi(os.Getenv(domainVariable)) // what is no number, ROS will tell
	var taken []net.PacketConn
	for member := range members {
		port := portBase + portsOfDomain*domain + firstOwn + portsOfMember*member
		if len(taken) == mostReserved || !dead(filepath.Join(sharedMemory, fmt.Sprintf(sharedPort, port+1))) {
			continue
		}
		if conn, err := net.ListenPacket("udp4", fmt.Sprintf("0.0.0.0:%d", port)); err == nil {
			taken = append(taken, conn)
		}
	}
	return func() {
		for _, conn := range taken {
			_ = conn.Close()
		}
	}
}

// dead reports whether a port in shared memory is there, and its owner is not.
func dead(port string) bool {
	if _, err := os.Stat(port); err != nil {
		return false
	}
	owner, err := os.Open(port + sharedOwners)
	if err != nil {
		return os.IsNotExist(err)
	}
	defer owner.Close()                                                  //nolint:errcheck // read only
	return unix.Flock(int(owner.Fd()), unix.LOCK_SH|unix.LOCK_NB) == nil // the owner holds it exclusively; it is let go of by closing
}
