// Package scheduler has no code: it is the root of the scheduling packages,
// and the place of the test that keeps them pure (no ROS, no cgo, no
// goroutine, no clock, no random number; the standard library only).
//
//   - core: the step machine that decides which stage runs next.
package scheduler
