package evaluate

import "rtmdl/internal/perception"

// Case is what a network told of one picture, beside the truth.
type Case struct {
	File string
	// Truth and Told say in a few words what is to be seen and what was told.
	Truth, Told string
	// Badness orders the mistakes of a task, the worst highest; 0: nothing is wrong.
	Badness float64
	Pairs   []Pair
	// Wanted and Found are the boxes in pixels of the picture, where the task has boxes.
	Wanted, Found []perception.Detection
	// Marked and Labelled are maps of Width columns over the whole picture, where the task has such.
	Marked, Labelled []bool
	Width            int
}

// Pair is a class of the truth and the one that was told, and how often that was so in the picture.
type Pair struct {
	Truth, Told string
	Count       int
}

// tell hands a case on, where somebody wants it.
func (o *Options) tell(c Case) {
	if o.Case != nil {
		o.Case(c)
	}
}
