// Package profile times every stage of every level of a network's family, and inferences side by side, as the car runs
// them, and makes a task set of the figures.
//
// What is measured is apart from what is done with it: Measure arranges the rounds and knows a Bench alone; Summary and
// Verdict are statistics; Levels is the Bench with real networks on real threads; Load is the camera that runs meanwhile.
package profile
