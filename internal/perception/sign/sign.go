// Package sign has what is special of traffic signs: their classes are told by a classifier, which is the second half of the
// network. The network looks for signs, cuts out the best few and classifies them, all in one graph; its boxes are
// read as those of any detector.
package sign

// Name is the task's name: that of its node, its topics and its folder of models.
const Name = "sign"
