package suite

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"rtmdl/internal/ros"
)

// patience is for how long further interrupts are passed over after the first one: a launch file that is run without a
// terminal sends one to a process that may have had it from its group already.
const patience = time.Second

// Main runs the process called name until it is interrupted or fails, and ends it: with status 1 and the error on
// standard error where it failed. An interrupt that comes when it has been ending for a second ends it at once.
func Main(name string, run func(ctx context.Context, args []string) error) {
	if askedForHelp(os.Args[1:]) {
		fmt.Printf(usage, name, ros.Share("config/suite.yaml"))
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() { time.AfterFunc(patience, stop) })
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

const usage = `Usage: %[1]s [--ros-args [-p NAME:=VALUE] [--params-file FILE] [-r FROM:=TO] [-r __ns:=/NAMESPACE] [--log-level LEVEL]]

Parameters, with their defaults and ranges, are explained in %[2]s.
For one node of several: -p NODE:NAME:=VALUE. Ctrl-C ends it.
`

// askedForHelp reports whether -h or --help stands before the arguments that are ROS's.
func askedForHelp(args []string) bool {
	if i := slices.Index(args, "--ros-args"); i >= 0 {
		args = args[:i]
	}
	return slices.Contains(args, "-h") || slices.Contains(args, "--help")
}

// MainOfNode is Main of a task's perception node alone.
func MainOfNode(task string) {
	Main(task, func(ctx context.Context, args []string) error { return RunNode(ctx, task, args) })
}
