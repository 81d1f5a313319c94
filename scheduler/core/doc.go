// Package core is the scheduler as a pure step machine. Events and the time
// go in, decisions come out. It has no clock, no goroutine, no random number
// and no I/O: the same events give the same decisions, so that what was
// simulated is what runs.
//
// # Terms
//
// A task is released again and again; each release makes one job. A job has
// three stages that follow one another: pre (CPU), infer (accelerator), post
// (CPU). A stage is ready when the one before it has completed, and runs on a
// unit: a CPU worker or an accelerator slot. A job is live from its release
// to its end; jobs of one task may overlap. Its (absolute) deadline is its
// release plus the task's relative deadline; its response time runs from its
// release to the completion of its post. It is met if it completes by its
// deadline, exactly at it included, else it is a miss, of whatever outcome.
// Blocked is how long a ready stage waits for a unit, be it for more urgent
// jobs (interference) or for a less urgent stage that already runs (blocking
// proper: at most one stage of each unit, as nothing is preempted).
//
// # The dispatch rule
//
// A free unit takes the most urgent ready stage of its resource. Of two ready
// jobs the more urgent is
//
//  1. the one with the smaller priority number,
//  2. then the one with the earlier release,
//  3. then that of the earlier task in the file,
//  4. then the one that was released by the earlier event.
//
// (fixed priorities; Order has others, which replace 1). pre and post stages
// share the CPU queue. A stage that runs is never preempted (but see Config.Stop). No worker is left
// free while a CPU stage is ready. Of several free units that of the smallest
// number is taken.
//
// With two slots a ready inference may join a running one if the packing rule
// says so (package pack): only a pair of the table that the plan allows, and
// only where the prediction by nominal times keeps the more urgent one within
// its bound. The free slot looks at the ready inferences from the most urgent
// down, and passes over those that may not start, which hold back nobody. The
// accelerator is never idle while an inference is ready.
//
// In mode BlackBox a job has one stage, Whole, which holds a CPU worker and the
// whole accelerator.
//
// At one instant the core works in this order, in which its decisions come
// out too:
//
//  1. Stages that have come to their end, by unit, the CPU workers first: the
//     job's next stage is ready, or the job ends (Finish, Failed, Cancelled).
//  2. Lost slots, by number: whoever runs there ends (Failed).
//  3. LateAbort: deadlines, the earliest first, then by release, task and
//     arrival. A job that has not completed ends (Abort); its unit is free.
//  4. New plans.
//  5. Releases, by task in file order. Queue 1: one ends the waiting job of
//     its task that has not yet started (Replace). EDFAdmission: a job that
//     can't make it ends at once (Refuse).
//  6. Cancellations, by job id: a job that waits ends (Cancelled).
//  7. Dispatch, until nothing can start: first the CPU workers, then the
//     accelerator. LateSkip: a job that a free unit looks at ends (Expire) if
//     its deadline lies before now; the unit looks at the next one.
//  8. Config.Stop (off by default): the running inference may be stopped for a
//     more urgent one (Stop); considerStop has the rule. Its end comes as in 1:
//     the inference is ready again, or its job ends (Abort).
//
// Dispatch happens only if there was something in 1, 2, 3 or 5. Time passing
// starts nobody. Completions, releases and deadlines at one instant are thus all
// seen before anything starts. A stage of 0 ns that starts in 7 completes in
// another step at the same instant.
//
// # What the caller does
//
//  1. Makes the core with New. Calls it from one goroutine at a time.
//  2. Collects what has happened, then reads the time, then calls Step. The
//     time never decreases. All that has happened by one instant belongs into
//     one step; whoever simulates steps at each instant with an event, exactly.
//  3. Carries out the decisions: runs each stage of a Start on the unit that
//     it names, tells the owner of a job about its end.
//  4. Reports the end of each started stage, once, with StageComplete or
//     StageFailed. A stage of 0 ns too: in another step, at the same instant.
//  5. Calls Step, with or without a Tick, at NextWake or as soon after as it
//     can, if it has no event sooner.
//  6. Under LateAbort: an Abort with a unit frees that unit for the core at
//     once, whether or not its stage can be stopped. The caller either drops
//     the stage's end (a simulator) or reports it when it comes (a live caller
//     whose run can't be stopped; it has to queue what starts on that unit in
//     the meantime). The core passes over that report and counts it. Until
//     then the job's id is not to be used again.
//  7. Takes an error of Step for a bug of its own: the step was refused and
//     nothing has changed.
//
// A live caller is always a little behind: now is later than the true time of
// an event. That changes no rule. It means that a job is judged late, or its
// deadline past, by the time of the step; and that a completion noted in the
// first step after the deadline is, under LateAbort, still a completion: if
// the job ends with it, it is a late Finish and no Abort.
//
// # Nominal and real times
//
// What the core knows of times is nominal: those of a job's variant, and the
// slowdowns of the table. It keeps an account of the work that running
// inferences have left by them, and predicts from it. How long a stage really
// takes it learns when that completes.
//
// # Sources
//
// Separate queues for the CPU and accelerator stages of deep-learning jobs:
// Ling et al., "RT-mDL: Supporting Real-Time Mixed Deep Learning
// Tasks on Edge Platforms", SenSys 2021, doi 10.1145/3485730.3485938. Within
// each: non-preemptive fixed-priority scheduling; deadline-monotonic
// priorities after Leung and Whitehead, "On the complexity of fixed-priority
// scheduling of periodic, real-time tasks", Performance Evaluation 2(4), 1982
// (optimal there with preemption and on one resource, a heuristic here).
package core
