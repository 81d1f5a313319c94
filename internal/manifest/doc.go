// Package manifest reads models/manifest.yaml, the list of the networks that come with rtmdl, and checks them against
// it before anything runs: every file is there, has the length and the SHA-256 of the manifest, is an ONNX network with
// the tensors and labels that it names, and takes its shared tensors from the task's own data file alone.
//
// Nothing of a network is believed: the ONNX files are walked with bounds, without a library that would allocate what
// they say. The package knows neither ROS nor ONNX Runtime.
package manifest
