// Command traffic_light runs the traffic light node for a scheduler in another process.
package main

import "rtmdl/internal/suite"

func main() { suite.MainOfNode("traffic_light") }
