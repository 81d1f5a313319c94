// Command plain_rclgo is a perception task as a plain ROS node, without a scheduler: the suite's peer in `make live-bench`.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"rtmdl/internal/plain"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := plain.Run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "plain_rclgo:", err)
		os.Exit(1)
	}
}
