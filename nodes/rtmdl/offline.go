//go:build !cgo

package main

import (
	"errors"

	"github.com/spf13/cobra"
)

// Built without cgo, the tool has no ROS: what needs it stays in the list and says so.

func replayCommand([]string) *cobra.Command {
	return leftOut("replay BAG", "Play an MCAP bag on real topics, at its own times")
}

func recordCommand([]string) *cobra.Command {
	return leftOut("record TOPIC...", "Record topics into an MCAP bag")
}

func leftOut(use, short string) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short + " (not in this build: it needs ROS 2)", DisableFlagParsing: true,
		RunE: func(*cobra.Command, []string) error {
			return errors.New("this build has no ROS 2 (CGO_ENABLED=0); build with 'make build' where ROS 2 is")
		},
	}
}
