package core

// none stands for no job where a slot is asked for.
const none int32 = -1

// unitSet is the units of one resource: the CPU workers or the accelerator
// slots. A unit runs one stage at a time. (With packing, what may start on a
// free slot will depend on who runs beside it; that is for dispatch to ask.)
type unitSet struct {
	runs []int32 // by unit: the slot of the job that runs on it, or none
	busy int
}

func newUnitSet(n int) unitSet {
	u := unitSet{runs: make([]int32, n)}
	for i := range u.runs {
		u.runs[i] = none
	}
	return u
}

func (u *unitSet) hasFree() bool { return u.busy < len(u.runs) }

// take gives the free unit of the smallest number to a job; there must be a
// free one.
func (u *unitSet) take(slot int32) (unit int32) {
	for u.runs[unit] != none {
		unit++
	}
	u.runs[unit] = slot
	u.busy++
	return unit
}

// leave frees a busy unit.
func (u *unitSet) leave(unit int32) {
	u.runs[unit] = none
	u.busy--
}
