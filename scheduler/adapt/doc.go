// Package adapt says when a plan no longer fits what is measured, and what to do until there is a new one.
//
// # What is compared
//
// A plan was made for a task set: periods and stage times. Jobs tell what they measure: when their frames came, and how
// long their stages took. Of both the demand on a resource is the sum over the tasks of stage time over period; the load
// is the demand that is measured over the one that was planned, of the resource where it is the larger. A load of 1.3 is
// what a processor brings about that has become 1.3 times as slow, or a camera that has become 1.3 times as fast.
//
// # What follows
//
//  1. At once: a step on a ladder of plans that were made beforehand, for the set with its times stretched (Scaled). Up
//     as soon as the load says so, down only when it has been lower for a while (Stepper).
//  2. In the background: a new plan, for the set as it is measured (Watch.Set), which brings a new ladder.
//
// As everything under scheduler the package has no clock: instants go in with the jobs.
package adapt
