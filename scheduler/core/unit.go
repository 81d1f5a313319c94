package core

// none stands for no job where a slot is asked for, and shut for a unit that
// is lost.
const (
	none int32 = -1
	shut int32 = -2
)

// unitSet is the units of one resource: the CPU workers or the accelerator
// slots. A unit runs one stage at a time. What may start on a free slot
// depends on who runs beside it; that is for dispatchPacked to ask.
type unitSet struct {
	runs []int32 // by unit: the slot of the job that runs on it, none, or shut
	busy int
	lost int
}

func newUnitSet(n int) unitSet {
	u := unitSet{runs: make([]int32, n)}
	u.reset()
	return u
}

func (u *unitSet) reset() {
	for i := range u.runs {
		u.runs[i] = none
	}
	u.busy, u.lost = 0, 0
}

// open returns the number of units that are not lost.
func (u *unitSet) open() int { return len(u.runs) - u.lost }

func (u *unitSet) hasFree() bool { return u.busy < u.open() }

// other returns the first job that runs, or none.
func (u *unitSet) other() int32 {
	if u.busy > 0 {
		for _, slot := range u.runs {
			if slot >= 0 {
				return slot
			}
		}
	}
	return none
}

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

// shut loses a free unit.
func (u *unitSet) shut(unit int32) {
	u.runs[unit] = shut
	u.lost++
}
