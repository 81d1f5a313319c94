// Package profile times the levels of networks' families, and inferences side by side, and makes a task set of the
// figures.
//
// What is measured is apart from what is done with it: Measure arranges the rounds and knows a Bench alone; Summary and
// Verdict are statistics; Inferences is the Bench of a device by itself, which knows neither OpenCV nor ROS. The package
// job has the Bench of whole jobs, as the car runs them.
package profile
