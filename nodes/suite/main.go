// Command suite runs the scheduler and all perception nodes in one process.
package main

import "rtmdl/internal/suite"

func main() { suite.Main("suite", suite.Run) }
