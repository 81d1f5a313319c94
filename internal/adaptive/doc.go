// Package adaptive plans for a live scheduler, and plans anew while it drives: the clock and the goroutine around
// scheduler/plan, scheduler/adapt and the planner's runs.
//
// First makes the plan to begin with. A Planner then looks at what the jobs measure, twenty times a second; steps to
// another rung of its ladder at once where the load has left the plan, and lets a new plan be made in the background,
// which the scheduler takes between two jobs. With a new plan comes a new ladder, made in the background too.
package adaptive
