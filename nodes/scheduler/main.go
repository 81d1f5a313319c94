// Command scheduler runs the scheduler for perception nodes in processes of their own.
package main

import "rtmdl/internal/suite"

func main() { suite.Main("scheduler", suite.RunScheduler) }
