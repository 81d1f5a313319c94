package core

// Ignored counts what Step passed over without an error.
type Ignored struct {
	// Cancels are those of jobs that were not live: a cancellation may cross
	// the end of its job.
	Cancels uint64
	// Completions are the ends (complete or failed) of stages that LateAbort
	// or DeviceLost had taken off their units. They never exceed those
	// decisions; any further one is refused as ErrNotRunning.
	Completions uint64
}

// Ignored returns the counts since New.
func (c *Core) Ignored() Ignored { return c.ignored }

// Pending returns the number of live jobs of a task, ready and running. The
// task must be one of the configuration.
func (c *Core) Pending(task TaskID) int { return c.tasks[task].live }

// Ready returns the number of stages that wait for a unit of a resource.
func (c *Core) Ready(r Resource) int {
	if r == Accelerator && c.packs {
		return c.infers.len()
	}
	return c.ready[r].len()
}

// Busy returns the number of units of a resource on which a stage runs: all
// open slots of the accelerator for a whole one.
func (c *Core) Busy(r Resource) int {
	if r == Accelerator && c.held {
		return c.units[r].open()
	}
	return c.units[r].busy
}
