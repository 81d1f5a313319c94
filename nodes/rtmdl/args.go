package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// oneBag accepts exactly one argument, a bag.
func oneBag(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%w: %s takes one bag, got %d (see rtmdl %s --help)", errUsage, c.Name(), len(args), c.Name())
	}
	return nil
}

// fullTopic takes a relative name as one in the root namespace.
func fullTopic(name string) string { return "/" + strings.TrimPrefix(name, "/") }
