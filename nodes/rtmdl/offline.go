//go:build !cgo

package main

import (
	"errors"

	"github.com/spf13/cobra"
)

// Built without cgo, the tool has neither ROS nor ONNX Runtime: what needs it stays in the list and says so.

func replayCommand([]string) *cobra.Command {
	return leftOut("replay BAG", "Play an MCAP bag on real topics, at its own times")
}

func recordCommand([]string) *cobra.Command {
	return leftOut("record TOPIC...", "Record topics into an MCAP bag")
}

func importCommand() *cobra.Command {
	return leftOut("import SOURCE", "Make an MCAP bag of a SQLite or compressed bag, of pictures, or of a video")
}

func evaluateCommand() *cobra.Command {
	return leftOut("evaluate", "Measure a network's accuracy on a labelled data set, as the car runs it")
}

func profileCommand([]string) *cobra.Command {
	return leftOut("profile", "Time every stage of every level on this machine, and write a task set")
}

func liveBenchCommand() *cobra.Command {
	return leftOut("live-bench", "Compare the suite with plain nodes, live, at rising rates of the camera")
}

func leftOut(use, short string) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short + " (not in this build: it needs ROS 2 or ONNX Runtime)", DisableFlagParsing: true,
		RunE: func(*cobra.Command, []string) error {
			return errors.New("this build has neither ROS 2 nor ONNX Runtime (CGO_ENABLED=0); build with 'make build' where ROS 2 is")
		},
	}
}
