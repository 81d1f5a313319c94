// Command sign runs the sign node for a scheduler in another process.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"rtmdl/internal/suite"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	err := suite.RunNode(ctx, "sign", os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "sign:", err)
		os.Exit(1)
	}
}
