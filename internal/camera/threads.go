package camera

/*
#cgo CXXFLAGS: --std=c++11
#cgo pkg-config: opencv4
void rtmdl_opencv_threads(int n);
*/
import "C"

// UseOneThread keeps OpenCV from spreading a call over all cores, for the whole process: a CPU stage then takes
// the one core that the scheduler gave it. gocv has no call for this. Call it before the first picture.
func UseOneThread() { C.rtmdl_opencv_threads(1) }
