// Package manifest reads models/manifest.yaml, which says which networks there are for each task, and checks every
// file it names before anything runs.
//
//	m, err := manifest.Load("models", "traffic_light/w100")
//	lights := m.Task("traffic_light")
//	file := m.Path(lights.Network("w100"))
//	bytes, err := lights.Storage("w100", "w050") // own files, and the parts of shared.data they need, once
//
// A manifest has version 1 and, for each task, its labels, its input and outputs, and its levels: networks from the
// largest to the cheapest; networks that no car runs, such as one half of a level for figures on it, are extras. The
// first layers of a level may be the largest network's, whose weights then lie in one file, shared.data, beside the
// levels, as ONNX external data.
//
// Load is strict. Fields that are unknown, missing, twice there or of a wrong type are refused, as are paths that
// leave the manifest's folder (also by a symbolic link), files above MaxFile bytes (refused by their size, unread),
// files whose size or SHA-256 is another, files that are no ONNX, external data outside the task's shared file,
// labels that labels.txt or the network contradicts, and shapes that the network contradicts. Every error wraps one
// of the Err values, and is an *Error that says file, line, field, and what to do.
package manifest
