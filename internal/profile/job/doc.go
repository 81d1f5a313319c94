// Package job times whole jobs as the suite runs them: Levels is the Bench with the suite's stages, Load the camera that
// runs meanwhile. It takes OpenCV and ROS.
package job
