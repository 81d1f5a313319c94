package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"
)

// errUsage marks errors in what the user typed: exit code 2.
var errUsage = errors.New("usage")

// errInfeasible is returned where no feasible plan was found: exit code 3.
var errInfeasible = errors.New("no feasible plan")

func exitCode(err error) int {
	if errors.Is(err, errInfeasible) {
		return 3
	}
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
		Short:         "Play, record and report on bags; evaluate and time networks; plan, simulate and compare schedules",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("%w: there is no command '%s' (see rtmdl --help)", errUsage, args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetArgs(args)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fmt.Errorf("%w: %w (see %s --help)", errUsage, err, c.CommandPath())
	})
	root.AddCommand(replayCommand(rosArgs), recordCommand(rosArgs), importCommand(), reportCommand(),
		evaluateCommand(), profileCommand(rosArgs), scaleCommand(), simulateCommand(), planCommand(), benchCommand(), liveBenchCommand())
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
