package core

import "slices"

// ordered is a list of ready jobs by urgency, the most urgent one last: what a
// free slot walks when it passes over inferences that may not start. (The CPU
// has a heap: its workers take the first one always.)
type ordered struct {
	list []entry
}

func (o *ordered) len() int { return len(o.list) }

// at returns the slot of the job at i.
func (o *ordered) at(i int) int32 { return o.list[i].slot }

// place returns how many jobs of the list are less urgent than k.
func (o *ordered) place(k *key) int {
	low, high := 0, len(o.list)
	for low < high {
		if mid := (low + high) / 2; k.before(&o.list[mid].key) {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// push adds a job, which must not be in the list.
func (o *ordered) push(k key, slot int32) {
	o.list = slices.Insert(o.list, o.place(&k), entry{key: k, slot: slot})
}

// remove takes the job with this key out of the list, where it must be.
func (o *ordered) remove(k *key) {
	i := o.place(k)
	o.list = slices.Delete(o.list, i, i+1)
}
