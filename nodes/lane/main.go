// Command lane runs the lane node for a scheduler in another process.
package main

import "rtmdl/internal/suite"

func main() { suite.MainOfNode("lane") }
