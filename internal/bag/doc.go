// Package bag reads and writes bags: recordings of ROS 2 topics in MCAP files, as `ros2 bag` makes and plays them.
//
// It is pure Go and needs no ROS. A bag is made by Create, AddTopic, Write and Close; it is read by Open (or
// Recover, for what a crash left behind), Topics and Messages:
//
//	r, err := bag.Open("drive.mcap") // or a rosbag2 folder
//	…
//	defer r.Close()
//	for m, err := range r.Messages(ctx, bag.Query{Topics: []string{"/camera/image_raw"}}) {
//		…
//	}
//
// The types of this project and those that they are made of have their definitions here (SchemaText), so that
// a bag is complete on a machine without ROS; for other types Gather joins the definitions that a caller finds.
//
// Writing goes through Foxglove's MCAP library. Reading is this package's own, because bags come from outside:
// every length is checked before it is believed, chunks above a limit are refused, messages of any bag come in
// order of time although only a few chunks of it are in memory, and what is intact of a damaged file can be had.
package bag
