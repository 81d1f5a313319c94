// Package task is the model that everything else of the scheduler works on:
// task sets and plans, in memory and as YAML files.
//
// # Terms
//
// A Task is released every Period; each release makes a job, which has to be
// complete a relative Deadline later. A task has one Variant or more: sizes of
// one network, with accuracy, storage and the nominal times of the three
// stages (pre and post on the CPU, infer on the accelerator). A Pair of
// variants of different tasks may share the accelerator, each at a slowdown
// that was measured. A Set is tasks, pairs, platform and constraints. A Plan
// chooses a variant and a priority for each task, and the pairs that may share.
//
// # Units
//
// Times are time.Duration: files have milliseconds with up to 6 decimals,
// which are whole nanoseconds. Slowdowns, the packing bound and the guard are
// Millionths, storage is Bytes, and shares of one are Rate.
//
// # Files
//
// ReadSet and ReadPlan refuse a file with all of its Problems at once, each
// with file, line, field and value. What Marshal writes reads back the same.
// Anchors, aliases and more than one document a file are not accepted. A
// number may have more decimals than 6 only if those are zeros.
package task
