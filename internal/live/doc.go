// Package live runs jobs for real: it is the shell around scheduler/core, which makes every decision.
//
// Submit releases a job into the core; what the core starts runs on CPU workers (pre, post) and on the
// accelerator's slots (infer), each a goroutine on a thread of its own; the end of a stage is the core's next
// event. There is no scheduling goroutine: whoever brings an event steps the core under one lock, so that the
// next stage starts without a detour.
//
// Every frame that is submitted ends in exactly one outcome, is counted once, and is told once to the observer.
package live
