// Package accuracy measures what a detector finds in labelled photographs: average precision as in PASCAL VOC
// with all points, micro F1, and the state of the largest light. It reads the data sets' indexes.
package accuracy
