package main

import (
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"
)

// errUsage marks errors in what the user typed: exit code 2.
var errUsage = errors.New("usage")

func exitCode(err error) int {
	if errors.Is(err, errUsage) {
		return 2
	}
	return 1
}

// command builds the tool for a command line. What stands behind --ros-args is for ROS, not for the flags.
func command(args []string) *cobra.Command {
	var rosArgs []string
	if i := slices.Index(args, "--ros-args"); i >= 0 {
		args, rosArgs = args[:i], args[i:]
	}
	root := &cobra.Command{
		Use:           "rtmdl",
		Short:         "Play and record bags, and report on what the suite did",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetArgs(args)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return errors.Join(errUsage, err) })
	root.AddCommand(replayCommand(rosArgs), recordCommand(rosArgs), reportCommand())
	return root
}

// every lets something happen at most once in a span of time.
type every struct {
	span time.Duration
	last time.Time
}

func (e *every) due() bool {
	if now := time.Now(); now.Sub(e.last) >= e.span {
		e.last = now
		return true
	}
	return false
}
