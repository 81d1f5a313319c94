// Package baseline has the methods that the planner is compared with. All run
// in the same simulator, under the same late policy, and none is held back:
// where a paper leaves something open it is done as well as the model lets it.
//
// Policies make a plan from the set alone; the searches simulate candidates
// with a plan.Evaluator, as the planner does, up to a number of evaluations.
// The papers that a method comes from are in its Source.
package baseline
