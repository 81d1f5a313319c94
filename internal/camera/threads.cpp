#include <opencv2/core/utility.hpp>

extern "C" void rtmdl_opencv_threads(int n) { cv::setNumThreads(n); }
