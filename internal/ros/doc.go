// Package ros is the one place that touches rclgo: the life of a process in ROS 2, nodes, publishers and
// subscriptions on serialized messages, parameters, and logging to /rosout.
//
// Use, in this order:
//
//  1. Open with the command line; what is left after the ROS arguments comes back.
//  2. NewNode, then its parameters, publishers and subscriptions. While Run runs, handlers may add subscriptions.
//  3. Run, which calls the subscriptions' handlers until its context ends. All handlers share one goroutine,
//     so a handler takes the message, hands it on without blocking, and returns.
//  4. Stop everything that publishes or logs, then Close.
package ros
