// Package analysis says what can be known of a task set without simulating
// it: upper bounds on response times, a priority assignment that follows from
// them, and lower bounds on what any plan has to give up.
//
// # Upper bounds
//
// Responses bounds the response time of each task under a plan by the
// holistic analysis of Tindell and Clark ("Holistic schedulability analysis
// for distributed hard real-time systems", Microprocessing and
// Microprogramming 40, 1994): the response of one stage of the chain pre,
// infer, post is the release jitter of the next, until nothing changes. Each
// stage is non-preemptive with fixed priorities (George, Rivierre and Spuri,
// "Preemptive and non-preemptive real-time uni-processor scheduling", INRIA
// RR-2966, 1996), with every instance of a busy period looked at, not only
// the first (Davis, Burns, Bril and Lukkien, "Controller Area Network (CAN)
// schedulability analysis: refuted, revisited and revised", Real-Time Systems
// 35, 2007). Zero misses follow where every bound is within the deadline.
//
// The bounds are for nominal stage times (cv 0) and for an accelerator that is
// not shared. They hold for every late policy and both queues: what is dropped
// only takes load away.
//
// # Priorities
//
// Audsley assigns priorities from the lowest up (Audsley, "On priority
// assignment in fixed priority scheduling", Information Processing Letters 79,
// 2001), which is optimal for a non-preemptive test as well (George et al.).
// Its test takes the jitter of the more urgent tasks from their deadlines
// instead of their responses, as the order among them must not matter (Davis
// and Burns, "Improved priority assignment for global fixed priority
// pre-emptive scheduling", Real-Time Systems 47, 2011).
//
// # Lower bounds
//
// Floors are necessary conditions of a feasible plan, and a Knapsack over them
// is the least sum of losses that any plan can have: an exact multiple-choice
// knapsack in whole numbers (Kellerer, Pferschy and Pisinger, "Knapsack
// Problems", 2004, chapter 11).
package analysis
