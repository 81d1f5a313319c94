package suite

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// patience is for how long further interrupts are passed over after the first one: a launch file that is run without a
// terminal sends one to a process that may have had it from its group already.
const patience = time.Second

// Main runs the process called name until it is interrupted or fails, and ends it: with status 1 and the error on
// standard error where it failed. An interrupt that comes when it has been ending for a second ends it at once.
func Main(name string, run func(ctx context.Context, args []string) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() { time.AfterFunc(patience, stop) })
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

// MainOfNode is Main of a task's perception node alone.
func MainOfNode(task string) {
	Main(task, func(ctx context.Context, args []string) error { return RunNode(ctx, task, args) })
}
