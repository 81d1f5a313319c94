package ros

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAPortIsDeadWhenItsOwnerIsGone(t *testing.T) {
	port := filepath.Join(t.TempDir(), "port")
	if dead(port) {
		t.Error("one that is not there")
	}
	if err := os.WriteFile(port, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if !dead(port) {
		t.Error("one without an owner's file is not dead")
	}
	owner, err := os.Create(port + sharedOwners)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	if err := unix.Flock(int(owner.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if dead(port) {
		t.Error("one whose owner lives is dead")
	}
	if err := unix.Flock(int(owner.Fd()), unix.LOCK_UN); err != nil {
		t.Fatal(err)
	}
	if !dead(port) {
		t.Error("one whose owner is gone is not dead")
	}
}

func TestDeadPortsAreTakenUntilTheyAreReleased(t *testing.T) {
	const domain, member = 231, 3
	t.Setenv(domainVariable, fmt.Sprint(domain))
	number := portBase + portsOfDomain*domain + firstOwn + portsOfMember*member
	shared := filepath.Join(sharedMemory, fmt.Sprintf(sharedPort, number+1))
	if err := os.WriteFile(shared, nil, 0o600); err != nil {
		t.Skip("no shared memory: ", err)
	}
	defer os.Remove(shared)
	release := avoidDeadPorts()
	address := fmt.Sprintf("0.0.0.0:%d", number)
	if conn, err := net.ListenPacket("udp4", address); err == nil {
		t.Errorf("%s is free", address)
		conn.Close()
	}
	release()
	conn, err := net.ListenPacket("udp4", address)
	if err != nil {
		t.Fatal("it is still taken: ", err)
	}
	conn.Close()
}
