// Command lane runs the lane node for a scheduler in another process.
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
	err := suite.RunNode(ctx, "lane", os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "lane:", err)
		os.Exit(1)
	}
}
