// Package scheduler has no code: it is the root of the scheduling packages,
// and the place of the test that keeps them pure (no ROS, no cgo, no
// goroutine, no clock, no random number but from seeds; the standard library
// only).
//
//   - task: task sets and plans, in memory and as files.
//   - core: the step machine that decides which stage runs next.
//   - pack: the packing rule.
//   - priority: the classic fixed priorities.
//   - sim, draw: the simulator, which drives the core, and its random numbers.
//   - analysis: bounds without simulating.
//   - plan: the planner.
//   - baseline: the methods that it is compared with.
//   - generate: random task sets.
package scheduler
