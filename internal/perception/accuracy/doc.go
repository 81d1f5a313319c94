// Package accuracy measures what a detector finds in labelled photographs: average precision as in PASCAL VOC
// with all points, and the state of the largest light.
package accuracy
