// Package sim simulates a task set under a plan: it drives scheduler/core from
// one instant at which something happens to the next.
//
// A Simulator is made for a set and a Config and is run again and again, with
// other plans and seeds. All arithmetic is of whole nanoseconds; with cv and
// jitter 0 a run is a function of set, plan and number of jobs alone.
//
// The real times and slowdowns are the simulator's, the nominal ones the
// core's: a core predicts from the set, while what happens has noise
// (package draw) and, with Options.Slowdowns, slowdowns of its own.
//
// # Counting
//
// A run over N jobs has the horizon H, N times the longest period. Job j of a
// task is released if its release without jitter lies before H; all released
// jobs run to their ends. Those whose deadline lies after H take part, but are
// counted neither as released nor as missed. A miss is a counted job that
// completed after its deadline or not at all.
package sim
