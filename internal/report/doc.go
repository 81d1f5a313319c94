// Package report makes a report of a recorded run from the bag alone: report.json with the figures, report.html for
// people (one file, nothing loaded from elsewhere; one script, for the timeline) and annotated pictures. It can
// compare the run with another one, and write what ran when for Perfetto.
//
// It looks for these topics, by type and the end of the name, in any namespace: the camera (sensor_msgs Image or
// CompressedImage, debug images excepted), <task>/detections, <task>/lines and <task>/state, scheduler/job_timing and
// scheduler/status. What is missing or damaged is said in the report and stops nothing.
//
// Terms: a frame is an image of the camera topic, known by its stamp. A latency runs from the receipt of a frame to the
// publishing of its result, on the monotonic clock; an age from the frame's stamp to the publishing, on ROS time.
// Percentiles are by nearest rank. The same bag gives the same files, byte for byte.
package report
