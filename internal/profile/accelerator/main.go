// Command accelerator measures a device by itself: how long every level's inference takes alone and beside others, and
// how fast a running one stops. It needs ONNX Runtime and the C library, neither OpenCV nor ROS (docs/gpu.md).
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "accelerator:", err)
		os.Exit(1)
	}
}
