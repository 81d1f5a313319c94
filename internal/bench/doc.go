// Package bench is the benchmark of the scheduler: the scenarios, the methods,
// and what is made of the results (a table, JSON, Markdown, figures).
//
// A scenario is a list of units: one task set each, on which all methods run
// one after the other. Units are independent and repeat from their seeds, so
// that an interrupted run goes on where it stopped. Only limits by the clock
// (the planner's time) differ from run to run.
package bench
