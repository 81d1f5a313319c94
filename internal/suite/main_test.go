package suite

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
)

// role is the variable that makes the test's own executable one of the suite's.
const role = "RTMDL_TEST_ROLE"

func TestMain(m *testing.M) {
	name := os.Getenv(role)
	if name == "" {
		os.Exit(m.Run())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if name == "scheduler" {
		err = RunScheduler(ctx, os.Args[1:])
	} else {
		err = RunNode(ctx, name, os.Args[1:])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, name, err)
		os.Exit(1)
	}
}

// startRole starts an executable of the suite, which ends with the test.
func startRole(tb testing.TB, name string, args ...string) {
	tb.Helper()
	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), role+"="+name)
	c.Stdout, c.Stderr = os.Stderr, os.Stderr
	if err := c.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGINT)
		if err := c.Wait(); err != nil {
			tb.Errorf("%s: %v", name, err)
		}
	})
}
