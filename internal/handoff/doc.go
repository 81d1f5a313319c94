// Package handoff brings jobs from perception nodes in processes of their own to a scheduler in another process of the
// same host, and results back. A Client stands in for the scheduler in the node's process, a Server for the nodes in the
// scheduler's; between them travel rtmdl/Job on scheduler/jobs and rtmdl/JobResult on scheduler/results/<task>.
//
// # Protocol
//
// No image travels. A job names the frame by its header and source timestamp; the server subscribes to the same camera,
// keeps the last frames, waits up to 20 ms for one that it does not have yet, and then fails the job as no_frame.
//
// A result travels as the task's own ROS messages, serialized, in one message with the outcome: they arrive together or
// not at all, and a new task needs no new interface. A result is not done when it has been sent: the node publishes it
// and says so, or says why not; a server that hears neither within a second counts the job as failed, no_ack.
//
// # Life and death
//
// Client and server draw a random number each when they start, their instance. The client says hello every 100 ms on the
// topic of the jobs, and the server answers on the topic of the results, so that an answer proves both ways. Jobs are sent
// to the instance that answered, and a server takes no other's; results are for one client's instance, and a client
// takes no other's, and none for a job that has ended. So nothing that one of them did before it died reaches anybody
// after it came back, and what was on its way is told as failed: no_scheduler when another instance answers, or when
// none has been heard of for a second.
//
// # Accounts
//
// On either side each frame ends in exactly one outcome. They are the same one unless a message between the two was lost
// with the process that it came from, or was for. Frames that no scheduler heard of are in the client's account alone.
package handoff
