// Package plan chooses variants, priorities and the pairs that may pack, at
// the least sum of accuracy losses under the miss rates and the storage.
//
// # What is searched
//
// A plan here is a variant of each task, distinct priorities 0 to n-1, and
// the pairs of tasks that may not share the accelerator (of the rows of the
// packing table those between the chosen variants matter, and of these those
// that gain throughput). It is feasible if its storage is within the bound
// and a simulation over Options.Jobs jobs of the slowest task keeps every
// task's miss rate within its zeta. A set with noise or jitter is judged on
// several seeds; what is feasible there has to be so on seeds that were never
// used before, too, or it is dropped.
//
// # How
//
// Searches take turns. The exact one goes through the choices of variants
// by ascending loss, those that the floors of package analysis forbid left
// out, and tries every order and every set of pairs with each: the first
// feasible plan is optimal, and what it has passed is a lower bound. For few
// tasks a sketch of it goes first, which gives candidates up as soon as they
// seem to miss too much, and proves nothing. The last one is local: it starts
// from knapsack solutions under several orders, then improves the best plan by
// upgrades and exchanges, and looks for feasible orders of plans that lose less
// than the best one, led by the tasks that miss.
//
// # Proof
//
// Proven means that every plan of less loss was excluded by a floor that holds
// without doubt (stage times do not vary) or by a simulation of its own. Losses
// are compared in units of 10^-12. Where a set has noise or jitter nothing is
// called proven, since other seeds are other runs.
//
// # Use
//
//  1. New, then Step until it is done or time is up; no step is long.
//  2. Result at any time.
//
// The caller has the clock. It may run the simulations of a step in parallel
// behind Evaluator; the planner itself starts nothing, and makes the same
// steps of the same outcomes.
package plan
