// Package draw turns recorded or live camera images into pictures and draws detections on them: boxes with a label and
// a score, coloured by class, and a banner with the state of the whole frame.
//
// It is pure Go and uses neither ROS nor OpenCV. All functions may be called by several goroutines at once, each with a
// picture of its own.
package draw
