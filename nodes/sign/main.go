// Command sign runs the sign node for a scheduler in another process.
package main

import "rtmdl/internal/suite"

func main() { suite.MainOfNode("sign") }
